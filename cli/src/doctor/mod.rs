//! `streamspace doctor`: tries what this machine has, and says what mends what it misses.

mod capacity;
mod checks;
mod gpus;
mod trial;

use std::{path::Path, process::ExitCode};

use serde::Serialize;

use crate::{
    args::Doctor,
    failure::Failure,
    output::{print_json, print_line},
    paths,
};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    name: String,
    verdict: Verdict,
    /// What was seen.
    detail: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    /// Something works less well, or not at all that not everybody needs.
    Warning,
    /// Sessions do not run without it.
    Missing,
}

impl Finding {
    fn good(name: &str, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            verdict: Verdict::Good,
            detail: detail.into(),
            mend: None,
        }
    }

    fn warning(name: &str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        let (detail, mend) = (detail.into(), Some(mend.into()));
        Self {
            name: name.into(),
            verdict: Verdict::Warning,
            detail,
            mend,
        }
    }

    fn missing(name: &str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Missing,
            ..Self::warning(name, detail, mend)
        }
    }
}

pub(crate) async fn doctor(args: Doctor) -> Result<ExitCode, Failure> {
    let data = paths::data_folder(&args.data)?;
    let templates = paths::templates(&args.assets.templates)?;
    let web_client = paths::web_client(&args.assets.web)?;
    let streamer = paths::sibling("streamspace-streamer")?;
    let mut findings = vec![
        trial::display().await,
        trial::sound().await,
        checks::window_manager(),
        checks::gamepads(Path::new("/dev/uinput")),
    ];
    let (encoders, machine) = trial::encoders(&streamer).await;
    findings.extend(encoders);
    if args.calibrate {
        findings.extend(capacity::calibrate(&streamer, &data).await);
    } else if let Some(machine) = machine {
        findings.extend(capacity::known(&data, &machine));
    }
    findings.push(checks::port(args.listen));
    findings.push(checks::data_folder(&data));
    findings.push(checks::web_client(&web_client));
    findings.extend(checks::templates(&templates));
    report(&findings, args.json);
    let missing = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Missing);
    Ok(if missing {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn report(findings: &[Finding], json: bool) {
    if json {
        return print_json(&findings);
    }
    let width = findings
        .iter()
        .map(|finding| finding.name.len())
        .max()
        .unwrap_or(0);
    for Finding {
        name,
        verdict,
        detail,
        mend,
    } in findings
    {
        let mark = match verdict {
            Verdict::Good => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Missing => "MISSING",
        };
        print_line(&format!("{mark}  {name:width$}  {detail}"));
        if let Some(mend) = mend {
            print_line(&format!("{:9}{:width$}  -> {mend}", "", ""));
        }
    }
}

/// The command that installs Debian packages.
fn install(packages: &[&str]) -> String {
    format!("sudo apt install {}", packages.join(" "))
}
