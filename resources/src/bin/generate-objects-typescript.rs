//! Prints the TypeScript declarations of the objects; `./dev generate` keeps the file.

use std::io::{self, Write};

use streamspace_resources as resources;
use ts_rs::{Config, TS};

fn main() -> io::Result<()> {
    let config = Config::default();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "// Generated from the crate `resources` by `./dev generate`. Do not edit.\n"
    )?;
    writeln!(
        out,
        "import type {{ Code, Policy, Role }} from \"@streamspace/viewer\";\n"
    )?;
    for declaration in [
        resources::TimeSpan::decl(&config),
        resources::Metadata::decl(&config),
        resources::Object::<(), ()>::decl(&config),
        resources::SessionSpec::decl(&config),
        resources::DesiredState::decl(&config),
        resources::Display::decl(&config),
        resources::Resources::decl(&config),
        resources::SessionStatus::decl(&config),
        resources::Phase::decl(&config),
        resources::Processes::decl(&config),
        resources::Condition::decl(&config),
        resources::TemplateSpec::decl(&config),
        resources::Port::decl(&config),
        resources::EnvVar::decl(&config),
        resources::VolumeMount::decl(&config),
        resources::Vnc::decl(&config),
        resources::NewSession::decl(&config),
        resources::ConnectRequest::decl(&config),
        resources::SessionChange::decl(&config),
        resources::SessionList::decl(&config),
        resources::Catalog::decl(&config),
        resources::CatalogProblem::decl(&config),
    ] {
        writeln!(out, "export {declaration}")?;
    }
    writeln!(
        out,
        "export type Session = Object<SessionSpec, SessionStatus>;"
    )?;
    writeln!(out, "export type Template = Object<TemplateSpec, null>;")
}
