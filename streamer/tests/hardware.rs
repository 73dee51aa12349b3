//! On a machine with a GPU: everything that is there is tried for real, and what cannot be is told.
//!
//! Runs with `STREAMSPACE_HARDWARE=1 cargo test -p streamspace-streamer --test hardware -- --ignored --nocapture`.

use std::{env, process::Command};

use serde_json::Value;

fn streamer(words: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_streamspace-streamer"))
        .args(words)
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{words:?}: {output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether a GPU is there that might encode, as its driver says.
fn may_encode(probe: &Value) -> bool {
    let empty = Vec::new();
    let gpus = probe["nvidia"]["Ok"]["gpus"].as_array().unwrap_or(&empty);
    let devices = probe["va"]["Ok"].as_array().unwrap_or(&empty);
    let opens = |gpu: &Value| gpu["session"]["state"] == "opens";
    let encodes = |device: &Value| {
        device["h264"]
            .as_array()
            .is_some_and(|h264| !h264.is_empty())
    };
    gpus.iter().any(opens) || devices.iter().any(encodes)
}

const HARDWARE: [&str; 7] = [
    "nvenc-auto",
    "nvenc-cuda",
    "nvenc",
    "va",
    "va-low-power",
    "vaapi",
    "v4l2",
];

#[test]
#[ignore = "needs a GPU; STREAMSPACE_HARDWARE=1 says that there is one"]
fn the_gpu_encodes_or_says_why_not() {
    assert!(
        env::var_os("STREAMSPACE_HARDWARE").is_some(),
        "STREAMSPACE_HARDWARE=1 says that this machine has a GPU"
    );
    let probe = streamer(&["probe"]);
    let nvidia = !probe["machine"]["nvidia"].is_null();
    let nodes = probe["machine"]["renderNodes"]
        .as_array()
        .map_or(0, Vec::len);
    assert!(
        nvidia || nodes > 0,
        "the kernel shows no GPU: {}",
        probe["machine"]
    );

    let encoders = probe["encoders"].as_array().expect("a list");
    let found = |name: &str| {
        encoders
            .iter()
            .find(|encoder| text(&encoder["name"]) == name)
    };
    let mut worked = Vec::new();
    for name in HARDWARE {
        let encoder = found(name).expect("every encoder is told of");
        if encoder["works"] == true {
            let trial = streamer(&["try-encoder", name]);
            let capacity = streamer(&["measure-encoder", name]);
            eprintln!("{name}: checked, {trial}, carries {capacity}");
            assert!(
                capacity["megapixelsPerSecond"]
                    .as_u64()
                    .is_some_and(|rate| rate > 0)
            );
            worked.push(name);
        } else {
            // Not checked, and this is why.
            eprintln!("{name}: NOT CHECKED: {}", text(&encoder["detail"]));
            assert!(!text(&encoder["detail"]).is_empty());
        }
    }
    if worked.is_empty() {
        let reason = text(&probe["reason"]);
        assert_eq!(probe["chosen"], "x264", "it ends in software");
        assert!(
            reason.starts_with("no hardware encoder works ("),
            "{reason}"
        );
        eprintln!("no hardware encoder could be checked: {reason}");
        if may_encode(&probe) {
            eprintln!("yet a driver says that it encodes: is its GStreamer plugin there?");
        }
    } else {
        assert_eq!(
            text(&probe["chosen"]),
            worked[0],
            "the best of them is chosen"
        );
    }
}
