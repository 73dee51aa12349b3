//! Where events go, as the command line says.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::http::Uri;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use streamspace_protocol::Secret;
use tokio_rustls::rustls::ClientConfig;

use super::{ForwardError, syslog::Syslog, webhook::Webhook};
use crate::{
    AuditEvent, Outbound,
    roots::{RootsError, trusting},
};

#[derive(Debug, thiserror::Error)]
pub enum AuditTargetError {
    #[error(
        "{0:?} is no address of syslog, such as unix:/dev/log, udp://host:514, tcp://host:601 or tls://host:6514"
    )]
    Syslog(String),
    #[error("{0:?} is no address of a webhook; it begins with https://")]
    Webhook(String),
    #[error(
        "a webhook's secret has at least {} characters",
        WebhookTarget::SHORTEST_SECRET
    )]
    Secret,
    #[error(transparent)]
    Roots(#[from] RootsError),
}

/// Where a syslog server listens.
#[derive(Debug, Clone)]
pub enum SyslogAddress {
    Unix(PathBuf),
    /// `host:port`
    Udp(String),
    Tcp(String),
    Tls {
        server: String,
        trusted: Arc<ClientConfig>,
    },
}

/// Where events are posted to.
#[derive(Clone)]
pub struct WebhookTarget {
    url: Uri,
    secret: Secret,
    outbound: Outbound,
}

/// Takes the log's events.
pub struct AuditTarget {
    name: String,
    cursor: PathBuf,
    kind: Kind,
}

enum Kind {
    Syslog(SyslogAddress),
    Webhook(WebhookTarget),
}

impl SyslogAddress {
    /// With TLS the system's certificates are trusted, and those in `roots` (PEM).
    ///
    /// # Errors
    /// An address of another form; certificates that are none.
    pub fn parse(text: &str, roots: &[u8]) -> Result<Self, AuditTargetError> {
        let refused = || AuditTargetError::Syslog(text.to_owned());
        if let Some(path) = text.strip_prefix("unix:") {
            return match path.starts_with('/') {
                true => Ok(Self::Unix(path.into())),
                false => Err(refused()),
            };
        }
        let (scheme, server) = text.split_once("://").ok_or_else(refused)?;
        let (host, port) = server.rsplit_once(':').ok_or_else(refused)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(refused());
        }
        let server = server.to_owned();
        match scheme {
            "udp" => Ok(Self::Udp(server)),
            "tcp" => Ok(Self::Tcp(server)),
            "tls" => Ok(Self::Tls {
                server,
                trusted: trusting(roots)?,
            }),
            _ => Err(refused()),
        }
    }
}

impl WebhookTarget {
    const SHORTEST_SECRET: usize = 16;

    /// # Errors
    /// No address of HTTP; a secret that can be guessed.
    pub fn new(url: &str, secret: Secret, outbound: Outbound) -> Result<Self, AuditTargetError> {
        let refused = || AuditTargetError::Webhook(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| refused())?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) || uri.host().is_none() {
            return Err(refused());
        }
        if secret.expose().len() < Self::SHORTEST_SECRET {
            return Err(AuditTargetError::Secret);
        }
        Ok(Self {
            url: uri,
            secret,
            outbound,
        })
    }
}

impl AuditTarget {
    /// Its cursor lies in the folder `cursors`.
    pub fn syslog(address: SyslogAddress, cursors: &Path) -> Self {
        let name = match &address {
            SyslogAddress::Unix(path) => format!("unix:{}", path.display()),
            SyslogAddress::Udp(server) => format!("udp://{server}"),
            SyslogAddress::Tcp(server) => format!("tcp://{server}"),
            SyslogAddress::Tls { server, .. } => format!("tls://{server}"),
        };
        Self::new(name, cursors, Kind::Syslog(address))
    }

    /// Its cursor lies in the folder `cursors`.
    pub fn webhook(webhook: WebhookTarget, cursors: &Path) -> Self {
        // Some services put their secret into the path.
        let host = webhook.url.host().unwrap_or_default();
        let name = format!("webhook:{host}");
        let whole = webhook.url.to_string();
        let mut target = Self::new(whole, cursors, Kind::Webhook(webhook));
        target.name = name;
        target
    }

    /// One address, one cursor: another one begins at the log's beginning.
    fn new(address: String, cursors: &Path, kind: Kind) -> Self {
        let hash = digest(&SHA256, address.as_bytes());
        let file = HEXLOWER.encode(&hash.as_ref()[..16]);
        Self {
            cursor: cursors.join(file),
            name: address,
            kind,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn cursor_file(&self) -> PathBuf {
        self.cursor.clone()
    }

    pub(super) fn open(self) -> Line {
        match self.kind {
            Kind::Syslog(address) => Line::Syslog(Syslog::new(address)),
            Kind::Webhook(WebhookTarget {
                url,
                secret,
                outbound,
            }) => Line::Webhook(Webhook::new(url, secret, outbound)),
        }
    }
}

/// A target that events are being sent to.
pub(super) enum Line {
    Syslog(Syslog),
    Webhook(Webhook),
}

impl Line {
    pub(super) async fn send(&mut self, events: &[AuditEvent]) -> Result<(), ForwardError> {
        match self {
            Self::Syslog(syslog) => Ok(syslog.send(events).await?),
            Self::Webhook(webhook) => webhook.send(events).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_syslog_are_taken() {
        let taken = [
            "unix:/dev/log",
            "udp://10.0.0.1:514",
            "tcp://[::1]:601",
            "tls://log.example.org:6514",
        ];
        for address in taken {
            assert!(SyslogAddress::parse(address, b"").is_ok(), "{address}");
        }
        for address in [
            "",
            "unix:log",
            "udp://host",
            "tcp://:1",
            "tcp://host:port",
            "http://host:80",
        ] {
            assert!(SyslogAddress::parse(address, b"").is_err(), "{address}");
        }
    }

    #[test]
    fn a_webhooks_name_does_not_tell_its_path_and_its_secret_cannot_be_short() {
        let outbound = || Outbound::new(vec![], b"").expect("certificates");
        let url = "https://hooks.example.org/T00/secret-path";
        let secret = Secret::new("0123456789abcdef");
        let webhook = WebhookTarget::new(url, secret, outbound()).expect("a webhook");
        let target = AuditTarget::webhook(webhook, Path::new("/cursors"));
        assert_eq!(target.name(), "webhook:hooks.example.org");
        let short = WebhookTarget::new(url, Secret::new("short"), outbound());
        assert!(matches!(short, Err(AuditTargetError::Secret)));
        for url in ["", "hooks.example.org", "file:///etc/passwd"] {
            let secret = Secret::new("0123456789abcdef");
            assert!(
                WebhookTarget::new(url, secret, outbound()).is_err(),
                "{url}"
            );
        }
    }
}
