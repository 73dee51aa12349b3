//! Questions that are answered in a process of their own.

use std::{
    ffi::OsStr,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A driver that hangs must not hang the session.
const TIME_LIMIT: Duration = Duration::from_secs(8);
/// Drivers write what they like; more than this of it is not kept.
const MAX_OUTPUT_BYTES: u64 = 256 * 1024;
const MAX_REASON_CHARS: usize = 200;

/// Starts the program with these words, and gives the last line that it prints, which is JSON.
///
/// The error is what it complained of last, or how it ended.
pub(super) async fn ask<T: DeserializeOwned>(
    program: &Path,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<T, String> {
    ask_within(TIME_LIMIT, program, words).await
}

/// The same, with a time limit of its own.
pub(super) async fn ask_within<T: DeserializeOwned>(
    limit: Duration,
    program: &Path,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<T, String> {
    match tokio::time::timeout(limit, run(program, words)).await {
        Ok(Ok(Ended {
            status,
            output,
            errors,
        })) => {
            if status.success() {
                parse(&output)
            } else {
                Err(last_words(status, &errors))
            }
        }
        Ok(Err(error)) => Err(format!("it cannot be asked: {error}")),
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

struct Ended {
    status: ExitStatus,
    output: Vec<u8>,
    errors: Vec<u8>,
}

async fn run(
    program: &Path,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> std::io::Result<Ended> {
    let mut child = tokio::process::Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let (output, errors, status) = tokio::join!(keep(output), keep(errors), child.wait());
    Ok(Ended {
        status: status?,
        output,
        errors,
    })
}

/// Reads to the end, and keeps the beginning.
async fn keep(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        let mut beginning = (&mut pipe).take(MAX_OUTPUT_BYTES);
        if beginning.read_to_end(&mut kept).await.is_ok() {
            // So that it does not wait for a reader.
            let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
        }
    }
    kept
}

/// A driver may have written before our answer.
fn parse<T: DeserializeOwned>(output: &[u8]) -> Result<T, String> {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).map_err(|_| "its answer makes no sense".into())
}

fn last_words(status: ExitStatus, errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let said = text.lines().rev().find(|line| !line.trim().is_empty());
    match (status.code(), said) {
        (Some(_), Some(line)) => line.chars().take(MAX_REASON_CHARS).collect(),
        _ => format!("its test ended with {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(script: &str) -> Result<u32, String> {
        ask(Path::new("/bin/sh"), ["-c", script]).await
    }

    #[tokio::test]
    async fn a_driver_that_crashes_complains_or_babbles_costs_its_answer_only() {
        assert_eq!(answer("echo 7").await, Ok(7));
        assert_eq!(answer("echo loading; echo 7").await, Ok(7));
        let complaint = answer("echo 'no NVENC on this device' >&2; exit 1").await;
        assert_eq!(complaint, Err("no NVENC on this device".into()));
        let crash = answer("kill -SEGV $$").await.expect_err("no answer");
        assert!(crash.contains("signal"), "{crash}");
        let babble = answer("yes | head -c 3000000; yes | head -c 3000000 >&2").await;
        assert_eq!(babble, Err("its answer makes no sense".into()));
        let missing = ask::<u32>(Path::new("/no/such/program"), [""; 0]).await;
        assert!(missing.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_driver_that_hangs_is_left_behind() {
        // The clock is moved as soon as nothing else is to do.
        let hung = answer("exec sleep 1000").await;
        assert_eq!(hung, Err("no answer within 8 s".into()));
    }
}
