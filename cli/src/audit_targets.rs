//! Where the audit log's events go besides the log.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use streamspace_api::{AuditTarget, AuditTargetError, Outbound, SyslogAddress, WebhookTarget};
use streamspace_protocol::{Code, Secret};

use crate::failure::Failure;

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct AuditTargetArgs {
    /// Syslog server that gets each audit event: unix:/dev/log, udp://HOST:514, tcp://HOST:601 or tls://HOST:6514.
    #[arg(
        long,
        env = "STREAMSPACE_AUDIT_SYSLOG",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    audit_syslog: Vec<String>,
    /// PEM file with certificates to trust besides the system's when syslog goes by TLS.
    #[arg(long, env = "STREAMSPACE_AUDIT_SYSLOG_CA", value_name = "FILE")]
    audit_syslog_ca: Option<PathBuf>,
    /// Address that audit events are posted to, as JSON lines.
    #[arg(
        long,
        env = "STREAMSPACE_AUDIT_WEBHOOK",
        value_name = "URL",
        value_delimiter = ',',
        requires = "audit_webhook_secret_file"
    )]
    audit_webhook: Vec<String>,
    /// File with the secret that signs them.
    #[arg(
        long,
        env = "STREAMSPACE_AUDIT_WEBHOOK_SECRET_FILE",
        value_name = "FILE"
    )]
    audit_webhook_secret_file: Option<PathBuf>,
}

impl AuditTargetArgs {
    /// What takes events; how far each has got is kept in the data folder.
    pub(crate) fn open(
        &self,
        data: &Path,
        outbound: &Outbound,
    ) -> Result<Vec<AuditTarget>, Failure> {
        let cursors = data.join("audit-cursors");
        let roots = self.audit_syslog_ca.as_deref().map(read).transpose()?;
        let roots = roots.unwrap_or_default();
        let mut targets = Vec::new();
        for address in &self.audit_syslog {
            let address = SyslogAddress::parse(address, roots.as_bytes())?;
            targets.push(AuditTarget::syslog(address, &cursors));
        }
        if let Some(file) = &self.audit_webhook_secret_file {
            let secret = Secret::new(read(file)?.trim());
            for url in &self.audit_webhook {
                let webhook = WebhookTarget::new(url, secret.clone(), outbound.clone())?;
                targets.push(AuditTarget::webhook(webhook, &cursors));
            }
        }
        Ok(targets)
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", file.display());
        Failure::new(Code::RequestInvalid, message)
    })
}

impl From<AuditTargetError> for Failure {
    fn from(error: AuditTargetError) -> Self {
        Self::new(Code::RequestInvalid, error.to_string())
    }
}
