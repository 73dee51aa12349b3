//! `streamspace up`: the server of one machine.

use std::{path::Path, sync::Arc};

use streamspace_protocol::{Code, IceServer, IceServers, IceSettings, Wire};
use streamspace_runtime::{LocalRuntime, RuntimeConfig};

use crate::{
    args::Up,
    browser,
    ending::{self, Ending},
    failure::Failure,
    front::{Front, SignIns, ice_settings, start_log, time},
    output::print_line,
    paths,
    server_file::ServerFile,
};

pub(crate) async fn up(args: Up) -> Result<(), Failure> {
    let log = start_log(&args.front.log)?;
    let ice = IceSettings {
        ports: args.ice_ports,
        servers: ice_servers(args.ice_servers.as_deref())?,
        ..ice_settings(&args.front)?
    };
    let lasting = args.keep_sessions.is_some();
    let front = Front::prepare(args.front, &ice, log).await?;
    let data = front.data.clone();

    let mut config = RuntimeConfig::new(
        data.clone(),
        paths::templates(&args.templates)?,
        paths::sibling("streamspace-streamer")?,
        paths::this_program()?,
    );
    config.ice = ice;
    config.tracer = front.tracer.clone();
    config.keep = time(args.keep_sessions);
    config.idle_timeout = args.idle_timeout;
    config.max_session_duration = args.max_session_duration;
    let runtime = LocalRuntime::open(config).await?;
    let asked = Asked {
        sign_ins: if lasting {
            SignIns::OutliveTheServer
        } else {
            SignIns::EndWithTheServer
        },
        open: args.open,
        exit_when_empty: args.exit_when_empty,
    };
    let result = serve_sessions(front, &runtime, asked).await;
    ServerFile::remove(&data);
    match result {
        Ok(Some(Ending::Terminated)) if lasting => runtime.leave().await,
        Ok(_) | Err(_) => runtime.shutdown().await,
    }
    result.map(drop)
}

struct Asked {
    sign_ins: SignIns,
    open: bool,
    exit_when_empty: bool,
}

async fn serve_sessions(
    front: Front,
    runtime: &LocalRuntime,
    asked: Asked,
) -> Result<Option<Ending>, Failure> {
    let data = front.data.clone();
    let front = front
        .open(Arc::new(runtime.clone()), asked.sign_ins)
        .await?;
    let link = front.sign_in_link().await?;
    print_line(&format!("StreamSpace is ready: {}", link.expose()));
    if asked.open {
        browser::open(&data, &link)?;
    }
    let end = ending::watch(asked.exit_when_empty.then(|| runtime.clone()))?;
    front.serve(end).await
}

/// STUN and TURN servers that a person has written into a file.
pub(crate) fn ice_servers(file: Option<&Path>) -> Result<Vec<IceServer>, Failure> {
    file.map_or_else(|| Ok(Vec::new()), read_ice_servers)
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
