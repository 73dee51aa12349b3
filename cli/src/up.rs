//! `streamspace up`: the server.

use std::{
    io::IsTerminal,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use streamspace_api::{
    ADMIN, Accounts, Api, ApiConfig, AuditLog, PeerRules, RequestRate, Scheme, serve,
};
use streamspace_protocol::{Code, IceServer, IceServers, IceSettings, Secret, Wire};
use streamspace_runtime::{LocalRuntime, RuntimeConfig};
use streamspace_signaling::turn::Turn;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::{Instant, interval},
};

use crate::{
    args::Up, browser, failure::Failure, output::print_line, paths, server_file::ServerFile,
    turn::Relaying,
};

/// How long a server that should end when empty waits for its first session.
const FIRST_SESSION: Duration = Duration::from_secs(30);
/// And how long it goes on after its last one.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

pub(crate) async fn up(args: Up) -> Result<(), Failure> {
    start_log(&args.log);
    let data = paths::data_folder(&args.data)?;
    let ice = ice_settings(&args)?;
    let relaying = Relaying::prepare(&args.turn, &ice).await?;
    let listener = listen(args.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::internal(format!("the address is unknown: {error}")))?;

    let mut config = RuntimeConfig::new(
        data.clone(),
        paths::templates(&args.assets)?,
        paths::sibling("streamspace-streamer")?,
        paths::this_program()?,
    );
    config.ice = ice;
    let runtime = LocalRuntime::open(config).await?;
    let turn = relaying.turn.clone();
    let result = tokio::select! {
        result = serve_sessions(&args, &data, listener, address, &runtime, turn) => result,
        never = relaying.run() => match never {},
    };
    // First, so that nobody comes to a server that is about to go.
    ServerFile::remove(&data);
    runtime.shutdown().await;
    result
}

async fn serve_sessions(
    args: &Up,
    data: &Path,
    listener: TcpListener,
    address: SocketAddr,
    runtime: &LocalRuntime,
    turn: Option<Turn>,
) -> Result<(), Failure> {
    let accounts = Accounts::open(&data.join("accounts.db")).await?;
    let now = Timestamp::now();
    let api_key = accounts.create_api_key(ADMIN, "command line", now).await?;
    let token = accounts.create_sign_in_token(ADMIN, now).await?;
    let mut config = ApiConfig::new(address, paths::web_client(&args.assets)?);
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
    config.turn = turn;
    if args.behind_tls {
        config.scheme = Scheme::Https;
    }
    let audit = open_audit(data, args.audit_days).await?;
    let api = Api::new(config, Arc::new(runtime.clone()), accounts, audit)
        .map_err(|error| Failure::internal(error.to_string()))?;

    let origin = format!("http://{}", reachable(address));
    let public = public_origin(args).unwrap_or_else(|| origin.clone());
    let link = Secret::new(format!("{public}/#signin={}", token.expose()));
    let pid = std::process::id();
    ServerFile {
        origin,
        pid,
        api_key,
    }
    .write(data)?;
    print_line(&format!("StreamSpace is ready: {}", link.expose()));
    if args.open {
        browser::open(data, &link)?;
    }
    let end = end_of_service(args.exit_when_empty, runtime.clone())?;
    serve(listener, &api, end)
        .await
        .map_err(|error| Failure::internal(format!("the server failed: {error}")))
}

async fn open_audit(data: &Path, days: u16) -> Result<AuditLog, Failure> {
    let audit = AuditLog::open(&paths::audit(data)).await?;
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    audit.forget(Timestamp::now() - kept).await?;
    Ok(audit)
}

/// The library that reads TURN's messages says something of each that it cannot read, which any stranger
/// can send, and names keys while it signs.
const SILENT: &str = "stun_types=off,turn_types=off";

fn start_log(directives: &str) {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(format!("{directives},{SILENT}"))
        .init();
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

fn ice_settings(args: &Up) -> Result<IceSettings, Failure> {
    let servers = match &args.ice_servers {
        Some(file) => read_ice_servers(file)?,
        None => vec![],
    };
    Ok(IceSettings {
        addresses: ice_addresses(args)?,
        ports: args.ice_ports,
        public_addresses: args.public_address.clone(),
        servers,
    })
}

fn read_ice_servers(file: &Path) -> Result<Vec<IceServer>, Failure> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string());
    let servers = bytes.and_then(|bytes| {
        IceServers::decode(&bytes)
            .map_err(|error| format!("{error}; TURN servers need username and credential"))
    });
    match servers {
        Ok(IceServers(servers)) => Ok(servers),
        Err(error) => {
            let message = format!("{} names no ICE servers: {error}", file.display());
            Err(Failure::new(Code::RequestInvalid, message))
        }
    }
}

/// The addresses that streamers offer to browsers.
fn ice_addresses(args: &Up) -> Result<Vec<IpAddr>, Failure> {
    if !args.ice_address.is_empty() {
        return Ok(args.ice_address.clone());
    }
    if args.listen.ip().is_unspecified() {
        let message = format!(
            "{} stands for every address of this machine; say with --ice-address which one \
             browsers reach",
            args.listen.ip()
        );
        return Err(Failure::new(Code::RequestInvalid, message));
    }
    Ok(vec![args.listen.ip()])
}

/// How browsers call a server behind a proxy.
fn public_origin(args: &Up) -> Option<String> {
    let name = args.name.first().filter(|_| args.behind_tls)?;
    Some(format!("https://{name}"))
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

/// Ready when a signal asks to end, or the last session has ended if that is wanted.
fn end_of_service(
    when_empty: bool,
    runtime: LocalRuntime,
) -> Result<impl Future<Output = ()>, Failure> {
    let watch = |kind| {
        signal(kind)
            .map_err(|error| Failure::internal(format!("signals cannot be watched: {error}")))
    };
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut terminate = watch(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = emptiness(runtime), if when_empty => {}
        }
        tracing::info!("ending");
    })
}

/// Ready when no session has run for a while: clients still ask how the last one ended.
async fn emptiness(runtime: LocalRuntime) {
    let mut ticks = interval(Duration::from_millis(250));
    let mut deadline = Instant::now() + FIRST_SESSION;
    loop {
        ticks.tick().await;
        if runtime.running() > 0 {
            deadline = Instant::now() + LAST_ANSWERS;
        } else if Instant::now() > deadline {
            return;
        }
    }
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
