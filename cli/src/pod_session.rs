//! `streamspace pod-session`: the display of one session, as a Pod's container.

use streamspace_protocol::{Code, IceSettings};
use streamspace_runtime::{PodConfig, PodError, serve_pod};

use crate::{
    args::PodSession,
    ending,
    failure::Failure,
    front::{ice_addresses, start_log},
    paths,
    up::ice_servers,
};

pub(crate) async fn pod_session(args: PodSession) -> Result<(), Failure> {
    start_log(&args.log)?;
    let config = PodConfig {
        session: args.session,
        keys: args.keys,
        listen: args.listen,
        display: args.display,
        policy: args.policy,
        ice: IceSettings {
            ports: args.ice_ports,
            servers: ice_servers(args.ice_servers.as_deref())?,
            ..IceSettings::new(ice_addresses(&args.ice_address, args.listen)?)
        },
        home: args.home,
        run: args.run,
        share: args.share,
        window_manager: args.window_manager,
        streamer: paths::sibling("streamspace-streamer")?,
        supervisor: paths::this_program()?,
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    let end = ending::watch(None)?;
    serve_pod(config, async {
        end.await;
    })
    .await?;
    Ok(())
}

impl From<PodError> for Failure {
    fn from(error: PodError) -> Self {
        Self::new(Code::Internal, error.to_string())
    }
}
