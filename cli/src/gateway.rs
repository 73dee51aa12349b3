//! `streamspace gateway`: the front of a cluster's sessions, one of any number.

use std::sync::Arc;

use streamspace_cluster::{Cluster, ClusterConfig, OpenError};
use streamspace_protocol::Code;

use crate::{
    args::Gateway,
    ending,
    failure::Failure,
    front::{Front, SignIns, ice_settings, start_log},
    output::print_line,
};

pub(crate) async fn gateway(args: Gateway) -> Result<(), Failure> {
    let log = start_log(&args.front.log)?;
    let ice = ice_settings(&args.front)?;
    let front = Front::prepare(args.front, &ice, log).await?;
    std::fs::create_dir_all(&front.data)
        .map_err(|error| Failure::storage("the data folder", &error))?;
    let cluster = Cluster::open(ClusterConfig {
        namespace: args.namespace,
        context: args.context,
    })
    .await?;
    let front = front
        .open(Arc::new(cluster), SignIns::OutliveTheServer)
        .await?;
    // Without a sign-in link: a cluster's logs have many readers.
    print_line(&format!("StreamSpace is ready: {}", front.public));
    front.serve(ending::watch(None)?).await.map(drop)
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::new(Code::StorageFailed, error.to_string())
    }
}
