//! Whom we trust when we call other servers by TLS.

use std::sync::Arc;

use rustls_native_certs::load_native_certs;
use rustls_pki_types::{CertificateDer, pem, pem::PemObject};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, crypto::ring};

#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    #[error("the certificates to trust cannot be read: {0}")]
    Pem(#[from] pem::Error),
    #[error("a certificate cannot be trusted: {0}")]
    Roots(#[from] rustls::Error),
}

/// Trusts what the system trusts, and these certificates (PEM).
pub(crate) fn trusting(roots: &[u8]) -> Result<Arc<ClientConfig>, RootsError> {
    let mut trusted = RootCertStore::empty();
    let found = load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be read");
    }
    trusted.add_parsable_certificates(found.certs);
    for root in CertificateDer::pem_slice_iter(roots) {
        trusted.add(root?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
