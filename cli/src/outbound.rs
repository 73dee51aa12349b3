//! Which other servers this one may call.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use ipnet::IpNet;
use streamspace_api::Outbound;
use streamspace_protocol::Code;

use crate::failure::Failure;

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct OutboundArgs {
    /// Private network in which servers may be called that settings name, such as an identity provider's.
    #[arg(
        long,
        env = "STREAMSPACE_OUTBOUND_ALLOW",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    outbound_allow: Vec<IpNet>,
    /// PEM file with certificates to trust besides the system's when other servers are called.
    #[arg(long, env = "STREAMSPACE_OUTBOUND_CA", value_name = "FILE")]
    outbound_ca: Option<PathBuf>,
}

impl OutboundArgs {
    /// What sends requests to other servers.
    pub(crate) fn open(&self) -> Result<Outbound, Failure> {
        let invalid = |message| Failure::new(Code::RequestInvalid, message);
        let roots = match &self.outbound_ca {
            Some(file) => std::fs::read(file)
                .map_err(|error| invalid(format!("{} cannot be read: {error}", file.display())))?,
            None => vec![],
        };
        Outbound::new(self.outbound_allow.clone(), &roots)
            .map_err(|error| invalid(error.to_string()))
    }
}
