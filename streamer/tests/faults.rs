//! Libraries of ours stand where the drivers' would be, and fail in every way that those do. The real
//! program faces each: it says what is wrong, and encodes in software.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;
use tempfile::TempDir;

/// The libraries, compiled once for all tests, and a machine with an NVIDIA and an Intel GPU.
struct Stage {
    folder: TempDir,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(Stage::build)
}

impl Stage {
    fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stage = Self { folder };
        let nvidia = ["libcuda.so.1", "libnvidia-encode.so.1", "libnvidia-ml.so.1"];
        stage.compile("tests/drivers/nvidia.c", "nvidia", &nvidia, &[]);
        let va = ["libva.so.2", "libva-drm.so.2"];
        stage.compile("tests/drivers/va.c", "va", &va, &[]);
        let element = "../e2e/harness/failing-encoder.c";
        stage.compile(
            element,
            "element",
            &["libgstfailing.so"],
            &gstreamer_flags(),
        );
        stage.write(
            "root/proc/driver/nvidia/version",
            "NVRM version: 550.54.14\n",
        );
        stage.write("root/dev/nvidiactl", "");
        stage.write("root/dev/dri/renderD128", "");
        stage.write(
            "root/sys/class/drm/renderD128/device/uevent",
            "DRIVER=i915\nPCI_ID=8086:46A6\n",
        );
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("in the folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    /// Compiles a source of this crate into libraries of these names.
    fn compile(&self, source: &str, folder: &str, names: &[&str], flags: &[String]) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
        fs::create_dir_all(self.path(folder)).expect("created");
        let [first, others @ ..] = names else {
            panic!("a library has a name");
        };
        let library = self.path(folder).join(first);
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .args(flags)
            .status();
        assert!(compiled.expect("a C compiler").success());
        for name in others {
            fs::copy(&library, self.path(folder).join(name)).expect("copied");
        }
    }

    /// The streamer, to which the libraries of these folders are the machine's drivers.
    fn streamer(&self, drivers: &[&str], fault: &str) -> Command {
        let folders: Vec<String> = drivers
            .iter()
            .map(|folder| self.path(folder).display().to_string())
            .collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_streamspace-streamer"));
        command
            .env("LD_LIBRARY_PATH", folders.join(":"))
            .env("GPU_FAULT", fault)
            .env("GST_REGISTRY", self.path("registry"));
        command
    }

    /// What one driver says: its answer as JSON, or its last words.
    fn ask(&self, driver: &str, fault: &str) -> Result<Value, String> {
        let mut command = self.streamer(&[driver], fault);
        command.args(["ask-driver", driver]);
        if driver == "va" {
            command.arg(self.path("root/dev/dri/renderD128"));
        }
        let output = command.output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        if output.status.success() {
            Ok(serde_json::from_str(&text(output.stdout)).expect("JSON"))
        } else {
            Err(text(output.stderr))
        }
    }

    fn nvidia_session(&self, fault: &str) -> Value {
        self.ask("nvidia", fault).expect("an answer")["gpus"][0]["session"].clone()
    }

    /// What trying an encoder says that fails in this way: nothing if it passes.
    fn try_failing(&self, fault: &str) -> Option<String> {
        let output = self
            .streamer(&[], "")
            .args(["try-encoder", "vaapi"])
            .env("GST_PLUGIN_PATH", self.path("element"))
            .env("GST_REGISTRY", self.path("registry-of-element"))
            .env("GST_FAILING_AS", fault)
            .env("GST_FAILING_CUE", self.path(fault))
            .output()
            .expect("it starts");
        let words = String::from_utf8(output.stderr).expect("text");
        let last = words.lines().next_back().unwrap_or_default().to_owned();
        (!output.status.success()).then_some(last)
    }

    /// The whole probe of a machine that has an element which fails in this way.
    fn probe_with_element(&self, fault: &str) -> Value {
        let mut command = self.streamer(&["va"], "");
        command
            .env("GST_PLUGIN_PATH", self.path("element"))
            .env("GST_REGISTRY", self.path(&format!("registry-{fault}")))
            .env("GST_FAILING_AS", fault);
        self.answer(command)
    }

    /// The whole probe of the machine.
    fn probe(&self, fault: &str) -> Value {
        self.answer(self.streamer(&["nvidia", "va"], fault))
    }

    fn answer(&self, mut probe: Command) -> Value {
        let output = probe
            .arg("probe")
            .arg("--root")
            .arg(self.path("root"))
            .output();
        let output = output.expect("it starts");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

fn gstreamer_flags() -> Vec<String> {
    let output = Command::new("pkg-config")
        .args(["--cflags", "--libs", "gstreamer-1.0"])
        .output()
        .expect("pkg-config, which building this crate needs, too");
    let flags = String::from_utf8(output.stdout).expect("text");
    flags.split_whitespace().map(str::to_owned).collect()
}

/// Why the probe does not choose this encoder.
fn why_not<'a>(probe: &'a Value, encoder: &str) -> &'a str {
    let encoders = probe["encoders"].as_array().expect("a list");
    let found = encoders.iter().find(|found| found["name"] == encoder);
    let found = found.unwrap_or_else(|| panic!("{encoder} is not in {probe}"));
    assert_eq!(found["works"], false);
    found["detail"].as_str().expect("words")
}

#[test]
fn nvidia_as_it_should_be() {
    let answer = stage().ask("nvidia", "").expect("an answer");
    assert_eq!(answer["version"], "550.54.14");
    assert_eq!(answer["nvenc"], serde_json::json!([12, 2]));
    assert_eq!(answer["gpus"][0]["name"], "NVIDIA L4");
    assert_eq!(answer["gpus"][0]["session"]["state"], "opens");
    assert_eq!(answer["gpus"][0]["sessionsInUse"], 0);
}

#[test]
fn nvidia_without_a_device() {
    let answer = stage().ask("nvidia", "no-device").expect("an answer");
    assert_eq!(answer["gpus"], serde_json::json!([]));
}

#[test]
fn nvidia_without_an_encoder_on_this_device() {
    assert_eq!(stage().nvidia_session("no-encoder")["state"], "noEncoder");
}

#[test]
fn nvidia_out_of_sessions() {
    let answer = stage().ask("nvidia", "out-of-sessions").expect("an answer");
    assert_eq!(answer["gpus"][0]["session"]["state"], "outOfSessions");
    assert_eq!(answer["gpus"][0]["sessionsInUse"], 8);
}

#[test]
fn nvidia_whose_parts_do_not_fit_together() {
    let stage = stage();
    assert_eq!(
        stage.nvidia_session("version-mismatch")["state"],
        "versionMismatch"
    );
    let old = stage.nvidia_session("old");
    assert_eq!(old["detail"], "the driver has NVENC 10.0, older than 11.0");
    let cuda = stage.ask("nvidia", "cuda-mismatch").expect("an answer");
    assert_eq!(
        cuda["problem"],
        "CUDA does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"
    );
    let nvml = stage.ask("nvidia", "nvml-mismatch").expect("an answer");
    assert_eq!(nvml["version"], Value::Null);
    assert_eq!(nvml["gpus"][0]["session"]["state"], "opens");
}

#[test]
fn nvidia_that_fails_otherwise() {
    let stage = stage();
    assert_eq!(
        stage.nvidia_session("unheard-of")["detail"],
        "NVENC error 4711"
    );
    assert_eq!(
        stage.nvidia_session("no-memory")["detail"],
        "the GPU takes no context: CUDA_ERROR_OUT_OF_MEMORY"
    );
}

#[test]
fn nvidia_that_answers_garbage() {
    let answer = stage().ask("nvidia", "garbage").expect("an answer");
    assert_eq!(answer["problem"], "a GPU does not answer: CUDA error 999");
}

#[test]
fn va_as_it_should_be_and_with_low_power_only() {
    let answer = stage().ask("va", "").expect("an answer");
    assert_eq!(answer[0]["vendor"], "A driver of this test's");
    let slice = serde_json::json!([
        { "profile": "constrainedBaseline", "entryPoint": "slice" },
        { "profile": "main", "entryPoint": "slice" },
    ]);
    assert_eq!(answer[0]["h264"], slice);
    let low_power = stage().ask("va", "low-power").expect("an answer");
    assert_eq!(low_power[0]["h264"][0]["entryPoint"], "lowPower");
}

#[test]
fn va_that_fails() {
    let problem = |fault| stage().ask("va", fault).expect("an answer")[0]["problem"].clone();
    assert_eq!(problem("no-device"), "libva knows no driver for it");
    assert_eq!(
        problem("no-driver"),
        "its driver does not start: unknown libva error"
    );
    assert_eq!(problem("garbage"), "its driver speaks of -5 profiles");
    assert_eq!(
        problem("boundless"),
        "its driver speaks of 2147483647 profiles"
    );
    let without = stage().ask("va", "no-encoder").expect("an answer");
    assert_eq!(without[0]["h264"], serde_json::json!([]));
    let miscounted = stage().ask("va", "miscount").expect("an answer");
    assert_eq!(miscounted[0]["problem"], Value::Null);
}

#[test]
fn without_libraries_it_says_which_is_missing() {
    let output = stage()
        .streamer(&[], "")
        .args(["ask-driver", "nvidia"])
        .output();
    let output = output.expect("it starts");
    if output.status.success() {
        eprintln!("skipped: this machine has NVIDIA's driver");
        return;
    }
    let words = String::from_utf8(output.stderr).expect("text");
    assert_eq!(words.trim(), "libcuda.so.1 is not there");
}

#[test]
fn whatever_drivers_do_the_probe_ends_in_software_and_says_why() {
    for (fault, nvidia, va) in [
        (
            "crash",
            "NVIDIA's driver: its test ended with signal: 11 (SIGSEGV)",
            "libva: its test ended with signal: 11 (SIGSEGV)",
        ),
        (
            "hang",
            "NVIDIA's driver: no answer within 8 s",
            "libva: no answer within 8 s",
        ),
        (
            "no-encoder",
            "NVIDIA H200 has no video encoder (NVENC), as is known of this compute part",
            "its driver does not encode H.264",
        ),
        (
            "out-of-sessions",
            "NVIDIA L4: no encoder session is free, 8 are in use",
            "no element vah264enc",
        ),
        (
            "garbage",
            "a GPU does not answer",
            "its driver speaks of -5 profiles",
        ),
    ] {
        let probe = stage().probe(fault);
        assert_eq!(probe["chosen"], "x264", "{fault}: {probe}");
        let reason = probe["reason"].as_str().expect("words");
        for (encoder, expected) in [("nvenc", nvidia), ("va", va)] {
            let found = why_not(&probe, encoder);
            assert!(found.contains(expected), "{fault}: {found}");
            assert!(reason.contains(expected), "{fault}: {reason}");
        }
    }
}

#[test]
fn a_driver_that_writes_to_our_output_is_understood_all_the_same() {
    let probe = stage().probe("babble");
    assert_eq!(probe["nvidia"]["Ok"]["gpus"][0]["name"], "NVIDIA L4");
}

#[test]
fn an_encoder_is_believed_only_if_what_it_makes_is_right() {
    let stage = stage();
    assert_eq!(stage.try_failing("nothing"), None);
    let wrong = stage.try_failing("grey").expect("it fails");
    assert!(
        wrong.starts_with("what it made shows something else"),
        "{wrong}"
    );
    let deaf = stage.try_failing("deaf").expect("it fails");
    assert_eq!(deaf, "no keyframe where one was asked for");
    assert!(stage.try_failing("crash").is_some());
    stage.write("lost", "");
    let lost = stage.try_failing("lost").expect("it fails");
    assert_eq!(lost, "the device was lost");
}

#[test]
fn an_element_that_hangs_costs_its_trial_only() {
    let probe = stage().probe_with_element("hang");
    assert_eq!(probe["chosen"], "x264");
    assert_eq!(why_not(&probe, "vaapi"), "failed: no answer within 8 s");
}

#[test]
fn a_plugin_that_hangs_while_gstreamer_looks_for_plugins_is_left_out() {
    let probe = stage().probe_with_element("scan");
    assert_eq!(probe["chosen"], "x264");
    let without = why_not(&probe, "vaapi");
    assert!(without.starts_with("no element vaapih264enc"), "{without}");
}
