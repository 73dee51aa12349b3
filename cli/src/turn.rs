//! The TURN server that viewers are told of: ours, another one, or none.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args as ClapArgs;
use streamspace_protocol::{Code, IceSettings};
use streamspace_signaling::{
    TlsFiles, TurnConfig, TurnError, TurnServer, TurnTls,
    turn::{SharedSecret, Turn, TurnLimits},
};

use crate::failure::Failure;

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct TurnArgs {
    /// Run a TURN server at this address, for UDP and TCP: the only port that browsers then need.
    #[arg(long, env = "STREAMSPACE_TURN", value_name = "ADDRESS:PORT")]
    pub(crate) turn: Option<SocketAddr>,
    /// And at this one for TLS, which is all that some networks let out.
    #[arg(
        long,
        env = "STREAMSPACE_TURN_TLS",
        value_name = "ADDRESS:PORT",
        requires = "turn_cert",
        requires = "turn_key"
    )]
    pub(crate) turn_tls: Option<SocketAddr>,
    /// PEM file with the certificate for --turn-tls, and those that vouch for it.
    #[arg(
        long,
        env = "STREAMSPACE_TURN_CERT",
        value_name = "FILE",
        requires = "turn_tls"
    )]
    pub(crate) turn_cert: Option<PathBuf>,
    /// PEM file with its key.
    #[arg(
        long,
        env = "STREAMSPACE_TURN_KEY",
        value_name = "FILE",
        requires = "turn_tls"
    )]
    pub(crate) turn_key: Option<PathBuf>,
    /// Name or address by which browsers reach this TURN server, for TLS the certificate's; by default
    /// that of --public-address or --ice-address.
    #[arg(long, env = "STREAMSPACE_TURN_HOST", value_name = "HOST")]
    pub(crate) turn_host: Option<String>,
    /// Another TURN server, such as turn:turn.example.org:3478?transport=udp; it shares a secret.
    #[arg(long, env = "STREAMSPACE_TURN_URL", value_name = "URL", value_delimiter = ',',
        requires = "turn_secret_file", conflicts_with_all = ["turn", "turn_tls"])]
    pub(crate) turn_url: Vec<String>,
    /// File with that secret: coturn's static-auth-secret.
    #[arg(
        long,
        env = "STREAMSPACE_TURN_SECRET_FILE",
        value_name = "FILE",
        requires = "turn_url"
    )]
    pub(crate) turn_secret_file: Option<PathBuf>,
}

/// What viewers are told, and what has to run for it.
pub(crate) struct Relaying {
    pub(crate) turn: Option<Turn>,
    server: Option<TurnServer>,
}

impl Relaying {
    /// Opens the ports of our own server, if there is to be one.
    pub(crate) async fn prepare(args: &TurnArgs, ice: &IceSettings) -> Result<Self, Failure> {
        if let Some(config) = config(args, ice) {
            let server = TurnServer::bind(config).await?;
            let turn = server.turn();
            tracing::info!(urls = ?turn.urls(), "relaying for viewers by TURN");
            return Ok(Self {
                turn: Some(turn),
                server: Some(server),
            });
        }
        let turn = match &args.turn_secret_file {
            Some(file) => Some(external(&args.turn_url, file)?),
            None => None,
        };
        Ok(Self { turn, server: None })
    }

    /// Relays until it is dropped.
    pub(crate) async fn run(self) -> Infallible {
        match self.server {
            Some(server) => server.run().await,
            None => pending().await,
        }
    }
}

fn config(args: &TurnArgs, ice: &IceSettings) -> Option<TurnConfig> {
    let tls = match (args.turn_tls, &args.turn_cert, &args.turn_key) {
        (Some(listen), Some(certificate), Some(key)) => Some(TurnTls {
            listen,
            files: TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            },
        }),
        _ => None,
    };
    if args.turn.is_none() && tls.is_none() {
        return None;
    }
    let address = ice.public_addresses.first().or(ice.addresses.first());
    let default_host = address.map(ToString::to_string).unwrap_or_default();
    Some(TurnConfig {
        listen: args.turn,
        tls,
        host: args.turn_host.clone().unwrap_or(default_host),
        relay_addresses: ice.addresses.clone(),
        limits: TurnLimits::default(),
    })
}

fn external(urls: &[String], secret_file: &Path) -> Result<Turn, Failure> {
    let is_turn = |url: &String| url.starts_with("turn:") || url.starts_with("turns:");
    if let Some(url) = urls.iter().find(|url| !is_turn(url)) {
        let message = format!("--turn-url {url:?} does not begin with turn: or turns:");
        return Err(Failure::new(Code::RequestInvalid, message));
    }
    let refused = |error: String| {
        let message = format!("{} holds no TURN secret: {error}", secret_file.display());
        Failure::new(Code::RequestInvalid, message)
    };
    let text = std::fs::read_to_string(secret_file).map_err(|error| refused(error.to_string()))?;
    let secret = SharedSecret::new(text.trim()).map_err(|error| refused(error.to_string()))?;
    Ok(Turn::external(urls.to_vec(), secret))
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        let code = match &error {
            TurnError::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                Code::AddressInUse
            }
            TurnError::Listen { .. } | TurnError::Tls(_) => Code::RequestInvalid,
            TurnError::Key(_) => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn ice() -> IceSettings {
        IceSettings::new(vec![Ipv4Addr::LOCALHOST.into()])
    }

    #[tokio::test]
    async fn nothing_listens_unless_it_is_asked_for() {
        let relaying = Relaying::prepare(&TurnArgs::default(), &ice())
            .await
            .expect("nothing to fail");
        assert!(relaying.turn.is_none() && relaying.server.is_none());
    }

    #[test]
    fn browsers_call_the_server_by_its_name_or_public_address() {
        let mut args = TurnArgs {
            turn: Some(([0, 0, 0, 0], 3478).into()),
            ..TurnArgs::default()
        };
        let mut ice = ice();
        let host = |args: &TurnArgs, ice: &IceSettings| config(args, ice).expect("a server").host;
        assert_eq!(host(&args, &ice), "127.0.0.1");
        ice.public_addresses = vec![[198, 51, 100, 7].into()];
        assert_eq!(host(&args, &ice), "198.51.100.7");
        args.turn_host = Some("turn.example.org".into());
        assert_eq!(host(&args, &ice), "turn.example.org");
    }

    #[test]
    fn another_server_needs_a_turn_address_and_a_secret_worth_the_name() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let url = ["turn:turn.example.org".to_owned()];
        assert!(external(&url, file.path()).is_err(), "an empty secret");
        std::fs::write(file.path(), "0123456789abcdef\n").expect("written");
        assert!(external(&url, file.path()).is_ok());
        let failure = external(&["https://example.org".to_owned()], file.path());
        assert_eq!(
            failure.err().map(|failure| failure.code),
            Some(Code::RequestInvalid)
        );
        assert!(external(&url, Path::new("/nowhere")).is_err());
    }
}
