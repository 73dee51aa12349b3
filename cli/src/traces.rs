//! Where traces go: a collector that speaks OTLP over HTTP.

use std::convert::Infallible;

use clap::Args as ClapArgs;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use streamspace_api::{CollectorAddress, Outbound, send_spans};
use streamspace_protocol::Code;
use streamspace_traces::{SpanQueue, Tracer};

use crate::failure::Failure;

#[derive(Debug, ClapArgs)]
pub(crate) struct TracesArgs {
    /// Collector of traces that speaks OTLP over HTTP, such as http://collector:4318; without it nothing is traced.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "ADDRESS")]
    otlp_endpoint: Option<CollectorAddress>,
    /// What the server is called in traces.
    #[arg(long, env = "OTEL_SERVICE_NAME", default_value = "streamspace")]
    otel_service_name: String,
}

pub(crate) struct Exporter {
    queue: SpanQueue,
    service: String,
    address: CollectorAddress,
    outbound: Outbound,
}

impl TracesArgs {
    pub(crate) fn open(&self) -> Result<(Tracer, Option<Exporter>), Failure> {
        let Some(address) = self.otlp_endpoint.clone() else {
            return Ok((Tracer::default(), None));
        };
        // Whoever starts the server names the collector, and nobody else does: it may be anywhere.
        let anywhere: [IpNet; 2] = [Ipv4Net::default().into(), Ipv6Net::default().into()];
        let outbound = Outbound::new(anywhere.to_vec(), &[]).map_err(|error| {
            Failure::new(Code::RequestInvalid, format!("--otlp-endpoint: {error}"))
        })?;
        let (tracer, queue) = Tracer::new();
        let exporter = Exporter {
            queue,
            service: self.otel_service_name.clone(),
            address,
            outbound,
        };
        Ok((tracer, Some(exporter)))
    }
}

/// Sends spans as long as the server runs.
pub(crate) async fn export(exporter: Option<Exporter>) -> Infallible {
    if let Some(exporter) = exporter {
        let Exporter {
            queue,
            service,
            address,
            outbound,
        } = exporter;
        let send = async |body| send_spans(&outbound, &address, body).await;
        queue
            .export(&service, env!("CARGO_PKG_VERSION"), send)
            .await;
    }
    std::future::pending().await
}
