//! A server's front: the API, the gateway and the web page, whoever runs the sessions.

use std::{
    io::IsTerminal,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Args as ClapArgs;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use streamspace_api::{
    ADMIN, Accounts, Api, ApiConfig, AuditTarget, Backend, LogFilter, Outbound, PeerRules,
    RequestRate, Scheme, TlsIdentity, forward_audit, serve,
};
use streamspace_protocol::{Code, IceSettings, Secret};
use streamspace_traces::Tracer;
use tokio::net::TcpListener;
use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    args::{DataArgs, WebArgs, seconds},
    audit_targets::AuditTargetArgs,
    failure::Failure,
    oidc::OidcArgs,
    outbound::OutboundArgs,
    paths,
    server_file::ServerFile,
    storage::StorageArgs,
    tls::TlsArgs,
    traces::{self, Exporter, TracesArgs},
    turn::{Relaying, TurnArgs},
};

#[derive(Debug, ClapArgs)]
pub(crate) struct FrontArgs {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "STREAMSPACE_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Address of this machine that browsers reach for WebRTC and TURN; by default that of --listen.
    #[arg(long, env = "STREAMSPACE_ICE_ADDRESS", value_delimiter = ',')]
    pub(crate) ice_address: Vec<IpAddr>,
    /// Address by which browsers reach a machine behind a 1:1 NAT.
    #[arg(long, env = "STREAMSPACE_PUBLIC_ADDRESS", value_delimiter = ',')]
    pub(crate) public_address: Vec<IpAddr>,
    #[command(flatten)]
    turn: TurnArgs,
    /// Further host name by which browsers call this server.
    #[arg(long, env = "STREAMSPACE_NAME", value_delimiter = ',')]
    name: Vec<String>,
    #[command(flatten)]
    tls: TlsArgs,
    /// Browsers come through a proxy that speaks TLS: addresses begin with https.
    #[arg(long, env = "STREAMSPACE_BEHIND_TLS")]
    behind_tls: bool,
    /// Network of proxies in front of this server, whose X-Forwarded-For is believed: 10.0.0.0/8.
    #[arg(long, env = "STREAMSPACE_TRUSTED_PROXY", value_delimiter = ',')]
    trusted_proxy: Vec<IpNet>,
    /// Network from which people may come; by default any.
    #[arg(long, env = "STREAMSPACE_ALLOW_FROM", value_delimiter = ',')]
    allow_from: Vec<IpNet>,
    /// Network from which nobody may come.
    #[arg(long, env = "STREAMSPACE_BLOCK_FROM", value_delimiter = ',')]
    block_from: Vec<IpNet>,
    #[command(flatten)]
    outbound: OutboundArgs,
    #[command(flatten)]
    oidc: OidcArgs,
    /// The most requests a second that one user may send, on and on; ten times as many at once.
    #[arg(long, env = "STREAMSPACE_REQUESTS_PER_SECOND", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    requests_per_second: u32,
    #[command(flatten)]
    storage: StorageArgs,
    /// For how many days the audit log is kept.
    #[arg(long, env = "STREAMSPACE_AUDIT_DAYS", default_value_t = 365)]
    audit_days: u16,
    /// How long connections are still taken after SIGTERM, such as 10s, while the server's readiness says no.
    #[arg(long, env = "STREAMSPACE_DRAIN", value_name = "TIME", value_parser = seconds)]
    drain: Option<u32>,
    #[command(flatten)]
    audit_targets: AuditTargetArgs,
    #[command(flatten)]
    traces: TracesArgs,
    /// What to log, as tracing directives.
    #[arg(long, env = "STREAMSPACE_LOG", default_value = "info")]
    pub(crate) log: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    web: WebArgs,
}

/// What has been opened before the first session.
pub(crate) struct Front {
    args: FrontArgs,
    pub(crate) data: PathBuf,
    listener: TcpListener,
    tls: Option<Arc<TlsIdentity>>,
    relaying: Relaying,
    log: Arc<LogFilter>,
    targets: Vec<AuditTarget>,
    outbound: Outbound,
    pub(crate) tracer: Tracer,
    exporter: Option<Exporter>,
}

/// A front that knows its accounts and its sessions, and has told its clients where it is.
pub(crate) struct OpenFront {
    api: Api,
    listener: TcpListener,
    targets: Vec<AuditTarget>,
    relaying: Relaying,
    data: PathBuf,
    /// As browsers call it.
    pub(crate) public: String,
    accounts: Accounts,
    exporter: Option<Exporter>,
}

impl Front {
    pub(crate) async fn prepare(
        args: FrontArgs,
        ice: &IceSettings,
        log: Arc<LogFilter>,
    ) -> Result<Self, Failure> {
        let data = paths::data_folder(&args.data)?;
        let tls = args.tls.identity()?;
        let outbound = args.outbound.open()?;
        let targets = args.audit_targets.open(&data, &outbound)?;
        let (tracer, exporter) = args.traces.open()?;
        Ok(Self {
            tracer,
            exporter,
            relaying: Relaying::prepare(&args.turn, ice).await?,
            listener: listen(args.listen).await?,
            args,
            data,
            tls,
            log,
            targets,
            outbound,
        })
    }

    pub(crate) async fn open(
        self,
        backend: Arc<dyn Backend>,
        sign_ins: SignIns,
    ) -> Result<OpenFront, Failure> {
        let (args, data) = (&self.args, &self.data);
        let address = self
            .listener
            .local_addr()
            .map_err(|error| Failure::internal(format!("the address is unknown: {error}")))?;
        let accounts = args.storage.accounts(data).await?;
        let now = Timestamp::now();
        let label = key_label(&accounts, address);
        let api_key = accounts.create_api_key(ADMIN, &label, now).await?;
        let mut config = ApiConfig::new(address, paths::web_client(&args.web)?);
        config.names.clone_from(&args.name);
        config.peers = PeerRules {
            proxies: args.trusted_proxy.clone(),
            allowed: args.allow_from.clone(),
            blocked: args.block_from.clone(),
        };
        config.requests = RequestRate {
            per_second: args.requests_per_second,
            at_once: args.requests_per_second.saturating_mul(10),
        };
        config.turn.clone_from(&self.relaying.turn);
        config.log = Some(self.log);
        config.keeps_sign_ins = sign_ins == SignIns::OutliveTheServer;
        config.drain = time(args.drain);
        config.tracer = self.tracer;
        if args.behind_tls || self.tls.is_some() {
            config.scheme = Scheme::Https;
        }
        let tls = self.tls.as_ref();
        let certificate = tls.map(|tls| tls.files().certificate.clone());
        config.tls = self.tls;
        let scheme = if certificate.is_some() {
            "https"
        } else {
            "http"
        };
        let origin = format!("{scheme}://{}", reachable(address));
        let public = public_origin(args, address.port()).unwrap_or_else(|| origin.clone());
        config.provider = args.oidc.provider(&public, self.outbound)?;
        let audit = args.storage.audit(data).await?;
        let kept = SignedDuration::from_hours(24 * i64::from(args.audit_days));
        audit.forget(now - kept).await?;
        let pid = std::process::id();
        ServerFile {
            origin,
            certificate,
            pid,
            api_key,
        }
        .write(data)?;
        Ok(OpenFront {
            api: Api::new(config, backend, accounts.clone(), audit),
            listener: self.listener,
            targets: self.targets,
            relaying: self.relaying,
            data: self.data,
            public,
            accounts,
            exporter: self.exporter,
        })
    }
}

/// Whether people stay signed in when the server has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIns {
    EndWithTheServer,
    OutliveTheServer,
}

impl OpenFront {
    /// An address that signs in once.
    pub(crate) async fn sign_in_link(&self) -> Result<Secret, Failure> {
        let token = self.accounts.create_sign_in_token(ADMIN, Timestamp::now());
        let token = token.await?;
        let link = format!("{}/#signin={}", self.public, token.expose());
        Ok(Secret::new(link))
    }

    /// Serves until `end`, which gives why.
    pub(crate) async fn serve<Ending: Send>(
        self,
        end: impl Future<Output = Ending> + Send,
    ) -> Result<Option<Ending>, Failure> {
        let mut ending = None;
        let served = tokio::select! {
            served = serve(self.listener, &self.api, async { ending = Some(end.await) }) => served,
            never = forward_audit(&self.api, self.targets) => match never {},
            never = traces::export(self.exporter) => match never {},
            never = self.relaying.run() => match never {},
        };
        // First, so that nobody comes to a server that is about to go.
        ServerFile::remove(&self.data);
        served.map_err(|error| Failure::internal(format!("the server failed: {error}")))?;
        Ok(ending)
    }
}

/// The addresses by which browsers reach this machine for media.
pub(crate) fn ice_settings(args: &FrontArgs) -> Result<IceSettings, Failure> {
    Ok(IceSettings {
        public_addresses: args.public_address.clone(),
        ..IceSettings::new(ice_addresses(&args.ice_address, args.listen)?)
    })
}

/// A time that was given in seconds.
pub(crate) fn time(seconds: Option<u32>) -> Duration {
    Duration::from_secs(seconds.unwrap_or_default().into())
}

/// Of the key for the command line. A new one takes the place of that with the same label.
fn key_label(accounts: &Accounts, address: SocketAddr) -> String {
    if !accounts.is_shared() {
        return "command line".to_owned();
    }
    let machine = rustix::system::uname();
    format!(
        "command line of {} at {address}",
        machine.nodename().to_string_lossy(),
    )
}

pub(crate) fn start_log(directives: &str) -> Result<Arc<LogFilter>, Failure> {
    let (filter, layer) = LogFilter::new(directives)
        .map_err(|error| Failure::new(Code::RequestInvalid, format!("--log: {error}")))?;
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(layer)
        .with(lines)
        .init();
    Ok(Arc::new(filter))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => Failure::new(
                Code::AddressInUse,
                format!(
                    "another program listens on {address}; stop it, or pick a free port with \
                 --listen {}:0",
                    address.ip()
                ),
            ),
            _ => Failure::new(
                Code::RequestInvalid,
                format!(
                    "cannot listen on {address} ({error}); choose another address with --listen"
                ),
            ),
        })
}

/// How browsers call a server by TLS: a proxy's, or its own.
fn public_origin(args: &FrontArgs, port: u16) -> Option<String> {
    let name = args.name.first()?;
    match args.tls.tls_cert {
        None => args.behind_tls.then(|| format!("https://{name}")),
        Some(_) if name.contains(':') => Some(format!("https://{name}")),
        Some(_) => Some(format!("https://{name}:{port}")),
    }
}

/// An address that a browser on this machine can open.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip([127, 0, 0, 1].into()),
        IpAddr::V6(ip) if ip.is_unspecified() => {
            address.set_ip(std::net::Ipv6Addr::LOCALHOST.into())
        }
        _ => {}
    }
    address
}

/// Those that were given, or the one that is listened on.
pub(crate) fn ice_addresses(given: &[IpAddr], listen: SocketAddr) -> Result<Vec<IpAddr>, Failure> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    if listen.ip().is_unspecified() {
        let message = format!(
            "{} stands for every address of this machine; say with --ice-address which one \
             browsers reach",
            listen.ip()
        );
        return Err(Failure::new(Code::RequestInvalid, message));
    }
    Ok(vec![listen.ip()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_an_error_that_says_what_to_do() {
        let first = listen(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let address = first.local_addr().expect("its address");
        let failure = listen(address).await.expect_err("in use");
        assert_eq!(failure.code, Code::AddressInUse);
        assert!(
            failure.message.contains("--listen 127.0.0.1:0"),
            "{failure}"
        );
    }

    #[test]
    fn an_address_for_all_interfaces_is_opened_on_loopback() {
        let shown = |address: &str| reachable(address.parse().expect("an address")).to_string();
        assert_eq!(shown("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(shown("[::]:80"), "[::1]:80");
        assert_eq!(shown("192.0.2.1:80"), "192.0.2.1:80");
    }
}
