//! TLS of the server's own.

use std::{path::PathBuf, sync::Arc};

use clap::Args as ClapArgs;
use streamspace_api::{TlsError, TlsFiles, TlsIdentity};
use streamspace_protocol::Code;

use crate::failure::Failure;

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct TlsArgs {
    /// PEM file with the server's certificate, and those that vouch for it: speak HTTPS. It is read
    /// again when it changes.
    #[arg(
        long,
        env = "STREAMSPACE_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key",
        conflicts_with = "behind_tls"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// PEM file with its key.
    #[arg(
        long,
        env = "STREAMSPACE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(crate) tls_key: Option<PathBuf>,
}

impl TlsArgs {
    /// What the server shows of itself, if it is to speak TLS.
    pub(crate) fn identity(&self) -> Result<Option<Arc<TlsIdentity>>, Failure> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        // Client commands read the certificate too, from other folders.
        let absolute = |file: &PathBuf| {
            std::path::absolute(file)
                .map_err(|error| Failure::storage(&file.display().to_string(), &error))
        };
        let files = TlsFiles {
            certificate: absolute(certificate)?,
            key: absolute(key)?,
        };
        Ok(Some(Arc::new(TlsIdentity::load(files)?)))
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        Self::new(Code::RequestInvalid, error.to_string())
    }
}
