//! What is only known by trying: a display, a sound server, encoders.

use std::{path::Path, process::Stdio, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use streamspace_gpu::{Machine, NvidiaDriver, VaDevice};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};

use super::{Finding, checks::has_program, gpus::gpus, install};

/// Longer than any of these takes on a slow machine.
const LIMIT: Duration = Duration::from_secs(15);

/// Starts an X server and waits until it takes clients.
pub(super) async fn display() -> Finding {
    let name = "display";
    if !has_program("Xvnc") {
        let mend = install(&["tigervnc-standalone-server"]);
        return Finding::missing(name, "Xvnc is not installed", mend);
    }
    match timeout(LIMIT, try_display()).await {
        Ok(Ok(number)) => Finding::good(name, format!("Xvnc started as :{number}")),
        Ok(Err(error)) => Finding::missing(name, error, install(&["x11-xkb-utils", "xkb-data"])),
        Err(_) => Finding::missing(name, "Xvnc does not get ready", "Xvnc -displayfd 1"),
    }
}

async fn try_display() -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut server = Command::new("Xvnc")
        .args(["-displayfd", "1", "-geometry", "320x200", "-depth", "24"])
        .args([
            "-SecurityTypes",
            "VncAuth",
            "-rfbport",
            "-1",
            "-nolisten",
            "tcp",
        ])
        .arg("-rfbunixpath")
        .arg(folder.path().join("vnc"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let output = server.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line).await;
    end(server).await;
    match read {
        Ok(count) if count > 1 => Ok(line.trim().to_owned()),
        _ => Err("Xvnc ended at once; start it by hand to see why: Xvnc -displayfd 1".into()),
    }
}

/// Starts a sound server and waits for its socket.
pub(super) async fn sound() -> Finding {
    let name = "sound";
    if !has_program("pulseaudio") {
        let mend = install(&["pulseaudio"]);
        return Finding::warning(
            name,
            "PulseAudio is not installed; sessions are silent",
            mend,
        );
    }
    match timeout(LIMIT, try_sound()).await {
        Ok(Ok(())) => Finding::good(name, "PulseAudio started"),
        Ok(Err(error)) => Finding::warning(name, error, install(&["pulseaudio"])),
        Err(_) => Finding::warning(name, "PulseAudio does not get ready", "pulseaudio -n -vv"),
    }
}

async fn try_sound() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let socket = folder.path().join("native");
    let module = format!(
        "module-native-protocol-unix auth-anonymous=1 socket={}",
        socket.display()
    );
    let mut server = Command::new("pulseaudio")
        .args([
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
        ])
        .args(["--disable-shm=yes", "--load=module-null-sink"])
        .arg(format!("--load={module}"))
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    while !socket.exists() {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("PulseAudio ended at once ({status})"));
        }
        sleep(Duration::from_millis(20)).await;
    }
    end(server).await;
    Ok(())
}

/// Ends a child and waits for it, so that it does not outlive its folder.
async fn end(mut child: Child) {
    if let Some(pid) = child.id() {
        // Politely, so that it removes its socket and lock.
        let asked = Command::new("kill").arg(pid.to_string()).status().await;
        if asked.is_ok() && timeout(Duration::from_secs(2), child.wait()).await.is_ok() {
            return;
        }
    }
    if let Err(error) = child.kill().await {
        tracing::debug!(%error, "a process of a trial does not end");
    }
}

/// The answer of `streamspace-streamer probe`.
#[derive(Debug, Deserialize)]
struct Probe {
    elements: Vec<Element>,
    encoders: Vec<Encoder>,
    /// The encoder of a session that asks for none in particular.
    chosen: Option<String>,
    reason: String,
    machine: Machine,
    nvidia: Result<NvidiaDriver, String>,
    va: Result<Vec<VaDevice>, String>,
}

#[derive(Debug, Deserialize)]
struct Element {
    name: String,
    present: bool,
    package: String,
}

#[derive(Debug, Deserialize)]
struct Encoder {
    name: String,
    works: bool,
    detail: String,
}

/// Lets the streamer look for its GStreamer elements and encode a test picture with each encoder; also gives
/// the machine as it was found.
pub(super) async fn encoders(streamer: &Path) -> (Vec<Finding>, Option<Machine>) {
    let (error, mend) = match timeout(LIMIT, ask::<Probe>(streamer, "probe")).await {
        Ok(Ok(probe)) => return (judge(&probe), Some(probe.machine)),
        Ok(Err(error)) => (error, "./dev up".into()),
        Err(_) => {
            let mend = format!("{} probe", streamer.display());
            ("trying the encoders takes too long".into(), mend)
        }
    };
    (vec![Finding::missing("streamer", error, mend)], None)
}

/// What the streamer answers to one of its commands, in JSON.
pub(super) async fn ask<T: DeserializeOwned>(streamer: &Path, command: &str) -> Result<T, String> {
    let shown = streamer.display();
    let output = Command::new(streamer)
        .arg(command)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("{shown} does not start: {error}"))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{shown} {command} ended with {}", output.status))
}

fn judge(probe: &Probe) -> Vec<Finding> {
    let mut findings: Vec<Finding> = probe
        .elements
        .iter()
        .filter(|element| !element.present)
        .map(|Element { name, package, .. }| {
            Finding::missing(
                "GStreamer",
                format!("no element {name}"),
                install(&[package]),
            )
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::good("GStreamer", "every element is there"));
    }
    for Encoder {
        name,
        works,
        detail,
    } in &probe.encoders
    {
        let name = format!("encoder {name}");
        findings.push(if *works {
            Finding::good(&name, detail)
        } else {
            // Another one serves; which one, or that none does, is said below.
            Finding::good(&name, format!("not usable: {detail}"))
        });
    }
    findings.extend(gpus(&probe.machine, &probe.nvidia, &probe.va));
    findings.push(match &probe.chosen {
        Some(chosen) => Finding::good(
            "encoder",
            format!("sessions use {chosen}: {}", probe.reason),
        ),
        None => {
            let mend = install(&["gstreamer1.0-plugins-bad"]);
            Finding::missing("encoder", &probe.reason, mend)
        }
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn probe(element: bool, encoder: bool) -> Probe {
        Probe {
            elements: vec![Element {
                name: "opusenc".into(),
                present: element,
                package: "gstreamer1.0-plugins-base".into(),
            }],
            encoders: vec![Encoder {
                name: "x264".into(),
                works: encoder,
                detail: String::new(),
            }],
            chosen: encoder.then(|| "x264".into()),
            reason: String::new(),
            machine: Machine::default(),
            nvidia: Err("libcuda.so.1 is not there".into()),
            va: Ok(Vec::new()),
        }
    }

    fn mends(probe: &Probe) -> Vec<String> {
        let missing = |finding: &Finding| finding.verdict == Verdict::Missing;
        judge(probe)
            .into_iter()
            .filter(missing)
            .filter_map(|finding| finding.mend)
            .collect()
    }

    #[test]
    fn what_is_missing_comes_with_the_command_that_mends_it() {
        assert!(mends(&probe(true, true)).is_empty());
        assert_eq!(
            mends(&probe(false, true)),
            ["sudo apt install gstreamer1.0-plugins-base"]
        );
        assert_eq!(
            mends(&probe(true, false)),
            ["sudo apt install gstreamer1.0-plugins-bad"]
        );
    }
}
