//! The operator: turns StreamSpace objects into Pods.

mod leader;
mod session;
mod settings;

use std::io::{self, Write};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use kube::{Client, CustomResourceExt};
use streamspace_resources::{GroupResource, SessionResource, TemplateResource, UserResource};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use self::{leader::Lead, settings::Settings};

#[derive(Debug, Parser)]
#[command(name = "streamspace-controller", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn the Sessions of a namespace into Pods.
    Run(Box<Run>),
    /// Print the CustomResourceDefinitions as YAML.
    Crds,
}

#[derive(Debug, Args)]
struct Run {
    /// Namespace of the objects; by default that of the account.
    #[arg(long, env = "STREAMSPACE_NAMESPACE")]
    namespace: Option<String>,
    /// Name of this replica; by default the host's.
    #[arg(long, env = "HOSTNAME")]
    identity: Option<String>,
    #[command(flatten)]
    settings: Settings,
    /// What to log, as tracing directives.
    #[arg(long, env = "STREAMSPACE_LOG", default_value = "info")]
    log: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Crds => print_crds(),
        Command::Run(run) => control(*run).await,
    }
}

async fn control(run: Run) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&run.log).context("--log")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let config = kube::Config::infer()
        .await
        .context("no access to a cluster")?;
    let namespace = run
        .namespace
        .unwrap_or_else(|| config.default_namespace.clone());
    let client = Client::try_from(config).context("no access to the cluster")?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    };
    let mut lead = Lead::new(client.clone(), &namespace, run.identity);
    let mut stop = std::pin::pin!(stop);
    tokio::select! {
        () = lead.win() => {}
        () = &mut stop => return Ok(()),
    }
    tracing::info!(namespace, "leading");
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut work = std::pin::pin!(session::run(client, &namespace, run.settings, async {
        // Whether it is sent or dropped.
        let _ = stopped.await;
    }));
    let lost = tokio::select! {
        () = &mut work => return Ok(()),
        () = lead.keep() => true,
        () = stop => false,
    };
    if lost {
        // Another one leads by now, or soon: what is under way here must not go on.
        anyhow::bail!("the lease was lost");
    }
    drop(stopping);
    work.await;
    lead.resign().await;
    Ok(())
}

fn print_crds() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "# Generated from the crate `resources` by `./dev generate`. Do not edit."
    )?;
    for crd in [
        SessionResource::crd(),
        TemplateResource::crd(),
        UserResource::crd(),
        GroupResource::crd(),
    ] {
        let yaml = serde_saphyr::to_string(&crd).context("writing a definition as YAML")?;
        writeln!(out, "---\n{}", yaml.trim_end())?;
    }
    Ok(())
}
