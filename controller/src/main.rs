//! The operator. So far it writes the CustomResourceDefinitions that the chart installs.

use std::io::{self, Write};

use anyhow::Context;
use clap::{Parser, Subcommand};
use kube::CustomResourceExt;
use streamspace_resources::{SessionResource, TemplateResource};

#[derive(Debug, Parser)]
#[command(name = "streamspace-controller", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the CustomResourceDefinitions as YAML.
    Crds,
}

fn main() -> anyhow::Result<()> {
    match Args::parse().command {
        Command::Crds => print_crds(),
    }
}

fn print_crds() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "# Generated from the crate `resources` by `./dev generate`. Do not edit."
    )?;
    for crd in [SessionResource::crd(), TemplateResource::crd()] {
        let yaml = serde_saphyr::to_string(&crd).context("writing a definition as YAML")?;
        writeln!(out, "---\n{}", yaml.trim_end())?;
    }
    Ok(())
}
