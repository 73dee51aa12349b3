//! Machines as their kernels show them, and what is chosen on each under every policy.
//!
//! `machines/*.txt` hold the files, in the form that the kernel's documentation and drivers give them; where
//! that could be seen on somebody's machine, the first lines say where.

use std::{fs, path::Path, time::Duration};

use streamspace_gpu::{
    Access, Capabilities, Encoder, EncoderSession, EntryPoint, H264Profile, Health, Machine,
    NvidiaDriver, NvidiaGpu, PciId, Policy, Trial, VaDevice, VaEncoder, select,
};
use tempfile::TempDir;

use Encoder::{NvencAuto, NvencCuda, OpenH264, V4l2, Va, VaLowPower, X264};

/// Lays the files out: a line `== PATH` begins each.
fn lay_out(name: &str) -> TempDir {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines");
    let text = fs::read_to_string(folder.join(name).with_extension("txt")).expect("the machine");
    let root = tempfile::tempdir().expect("a folder");
    for file in text.split("== ").skip(1) {
        let (path, content) = file.split_once('\n').expect("a path in a line of its own");
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("created");
        fs::write(path, content).expect("written");
    }
    root
}

fn machine(name: &str) -> Machine {
    Machine::look(lay_out(name).path())
}

fn trial(latency_ms: u64, processor_ms: u64) -> Health {
    Health::Works(Trial {
        latency: Duration::from_millis(latency_ms),
        processor: Duration::from_millis(processor_ms),
    })
}

/// A machine with these encoders beside those in software, which are on every one.
fn capabilities(name: &str, hardware: &[(Encoder, Health)]) -> Capabilities {
    let software = [(X264, trial(3, 4)), (OpenH264, trial(9, 9))];
    let mut capabilities: Capabilities = software.into_iter().chain(hardware.to_vec()).collect();
    capabilities.machine = machine(name);
    capabilities
}

fn nvidia(name: &str, session: EncoderSession) -> NvidiaDriver {
    NvidiaDriver {
        version: Some("550.54.14".into()),
        nvenc: Some((12, 2)),
        gpus: vec![NvidiaGpu {
            name: name.into(),
            session,
            sessions_in_use: Some(8),
        }],
        problem: None,
    }
}

fn va(vendor: &str, h264: &[EntryPoint]) -> Vec<VaDevice> {
    let encoder = |&entry_point| VaEncoder {
        profile: H264Profile::ConstrainedBaseline,
        entry_point,
    };
    vec![VaDevice {
        node: "/dev/dri/renderD128".into(),
        vendor: Some(vendor.into()),
        h264: h264.iter().map(encoder).collect(),
        problem: None,
    }]
}

/// What automatic, hardware required, lowest latency, lowest cost, and OpenH264 by name choose.
fn choices(capabilities: &Capabilities) -> [Option<Encoder>; 5] {
    [
        Policy::Automatic,
        Policy::HardwareRequired,
        Policy::LowestLatency,
        Policy::LowestCost,
        Policy::Prefer(OpenH264),
    ]
    .map(|policy| select(capabilities, policy).chosen)
}

fn why_not(capabilities: &Capabilities, encoder: Encoder) -> String {
    let selection = select(capabilities, Policy::Automatic);
    let rejection = selection
        .rejected
        .into_iter()
        .find(|r| r.encoder == encoder);
    rejection.expect("it is not chosen").reason
}

#[test]
fn nvidia_with_nvenc() {
    let hardware = [(NvencAuto, trial(4, 1)), (NvencCuda, trial(4, 1))];
    let mut capabilities = capabilities("nvidia-l4", &hardware);
    capabilities.nvidia = Ok(nvidia("NVIDIA L4", EncoderSession::Opens));
    let module = capabilities.machine.nvidia.clone().expect("it is loaded");
    assert_eq!(module.version.as_deref(), Some("535.183.01"));
    assert_eq!(module.gpus, ["NVIDIA L4"]);
    let expected = [NvencAuto, NvencAuto, X264, NvencAuto, OpenH264].map(Some);
    assert_eq!(choices(&capabilities), expected);
    let plan = select(&capabilities, Policy::Automatic).plan;
    let limits = plan.expect("one is chosen").limits;
    assert_eq!(
        (limits.sessions, limits.megapixels_per_second),
        (None, Some(57))
    );
    assert_eq!(
        why_not(&capabilities, Va),
        "no GPU with a VA-API driver (no render node in /dev/dri)"
    );
}

#[test]
fn nvidia_without_nvenc_ends_in_software_with_that_reason() {
    let mut capabilities = capabilities("nvidia-h200", &[]);
    let reason = "NVIDIA H200 has no video encoder (NVENC), as is known of this compute part";
    // Whether its libraries are there to be asked, or not.
    for answer in [
        Ok(nvidia("NVIDIA H200", EncoderSession::NoEncoder)),
        Err("libnvidia-encode.so.1 is not there".into()),
    ] {
        capabilities.nvidia = answer;
        assert_eq!(why_not(&capabilities, NvencAuto), reason);
    }
    let expected = [Some(X264), None, Some(X264), Some(X264), Some(OpenH264)];
    assert_eq!(choices(&capabilities), expected);
    let selection = select(&capabilities, Policy::Automatic);
    assert!(selection.reason.contains(reason), "{}", selection.reason);
    let module = capabilities.machine.nvidia.expect("it is loaded");
    assert_eq!(
        module.version.as_deref(),
        Some("570.124.06"),
        "an open module says it differently"
    );
}

#[test]
fn nvidia_whose_sessions_are_all_taken() {
    let failed = Health::Broken("out of memory".into());
    let mut capabilities = capabilities("nvidia-broken", &[(NvencAuto, failed)]);
    let module = capabilities.machine.nvidia.as_ref().expect("it is loaded");
    assert_eq!(module.version.as_deref(), Some("555.58"));
    let name = "NVIDIA GeForce RTX 3080";
    capabilities.nvidia = Ok(nvidia(name, EncoderSession::OutOfSessions));
    assert_eq!(choices(&capabilities)[0], Some(X264));
    assert_eq!(
        why_not(&capabilities, NvencCuda),
        "NVIDIA GeForce RTX 3080: no encoder session is free, 8 are in use"
    );
}

#[test]
fn a_broken_driver() {
    let mut capabilities = capabilities("nvidia-broken", &[]);
    capabilities.nvidia = Err("its test ended with signal: 11 (SIGSEGV)".into());
    let expected = [Some(X264), None, Some(X264), Some(X264), Some(OpenH264)];
    assert_eq!(choices(&capabilities), expected);
    assert_eq!(
        why_not(&capabilities, NvencAuto),
        "NVIDIA's driver: its test ended with signal: 11 (SIGSEGV)"
    );
}

#[test]
fn a_container_that_was_not_given_the_gpu() {
    let capabilities = capabilities("container-without-devices", &[]);
    assert_eq!(capabilities.machine.render_nodes[0].access, Access::NoNode);
    assert_eq!(
        why_not(&capabilities, NvencAuto),
        "there is an NVIDIA GPU, but no /dev/nvidiactl here"
    );
}

#[test]
fn intel_with_both_of_its_encoders() {
    // As of https://github.com/intel/media-driver/issues/1371.
    let hardware = [(Va, trial(5, 1)), (VaLowPower, trial(5, 1))];
    let mut capabilities = capabilities("intel", &hardware);
    let vendor = "Intel iHD driver for Intel(R) Gen Graphics - 22.6.2 (98ca3f4)";
    capabilities.va = Ok(va(vendor, &[EntryPoint::Slice, EntryPoint::LowPower]));
    let expected = [Va, Va, X264, Va, OpenH264].map(Some);
    assert_eq!(choices(&capabilities), expected);
}

#[test]
fn intel_with_its_low_power_encoder_only() {
    let mut capabilities = capabilities("intel", &[(VaLowPower, trial(5, 1))]);
    capabilities.va = Ok(va("Intel iHD driver", &[EntryPoint::LowPower]));
    let node = &capabilities.machine.render_nodes[0];
    assert_eq!(node.driver.as_deref(), Some("i915"));
    assert_eq!(
        node.pci,
        Some(PciId {
            vendor: 0x8086,
            device: 0x46a6
        })
    );
    assert_eq!(node.access, Access::Open);
    let expected = [VaLowPower, VaLowPower, X264, VaLowPower, OpenH264].map(Some);
    assert_eq!(choices(&capabilities), expected);
    assert_eq!(
        why_not(&capabilities, Va),
        "/dev/dri/renderD128: its driver encodes H.264 in the other way only"
    );
}

#[test]
fn amd_with_and_without_an_encoder_in_its_driver() {
    let mut with = capabilities("amd", &[(Va, trial(4, 1))]);
    with.va = Ok(va("Mesa Gallium driver", &[EntryPoint::Slice]));
    let expected = [Va, Va, X264, Va, OpenH264].map(Some);
    assert_eq!(choices(&with), expected);
    let mut without = capabilities("amd", &[]);
    // As distributions ship Mesa: without the codecs that have patents.
    without.va = Ok(va("Mesa Gallium driver", &[]));
    assert_eq!(choices(&without)[0], Some(X264));
    assert_eq!(
        why_not(&without, Va),
        "/dev/dri/renderD128: its driver does not encode H.264"
    );
    assert_eq!(why_not(&without, NvencAuto), "no NVIDIA driver is loaded");
}

#[test]
fn a_machine_without_any_gpu() {
    let capabilities = capabilities("none", &[]);
    let Machine {
        architecture,
        processor,
        render_nodes,
        nvidia,
        video_nodes,
    } = &capabilities.machine;
    assert_eq!((architecture.as_str(), processor.cores), ("x86_64", 2));
    assert_eq!(
        processor.features,
        ["sse2", "ssse3", "sse4_1", "avx2", "avx512bw"]
    );
    assert!(render_nodes.is_empty() && nvidia.is_none() && video_nodes.is_empty());
    let expected = [Some(X264), None, Some(X264), Some(X264), Some(OpenH264)];
    assert_eq!(choices(&capabilities), expected);
    assert_eq!(
        why_not(&capabilities, V4l2),
        "no Video4Linux2 encoder on this machine"
    );
}

#[test]
fn an_arm64_board() {
    let capabilities = capabilities("arm64-board", &[(V4l2, trial(12, 1))]);
    let Machine {
        architecture,
        processor,
        render_nodes,
        video_nodes,
        ..
    } = &capabilities.machine;
    assert_eq!((architecture.as_str(), processor.cores), ("aarch64", 2));
    assert_eq!(processor.features, ["asimd"]);
    assert_eq!(
        processor.model.as_deref(),
        Some("Raspberry Pi 4 Model B Rev 1.4")
    );
    assert_eq!(
        (render_nodes[0].driver.as_deref(), render_nodes[0].pci),
        (Some("v3d"), None)
    );
    assert_eq!(video_nodes[1].name, "bcm2835-codec-encode");
    let expected = [V4l2, V4l2, X264, V4l2, OpenH264].map(Some);
    assert_eq!(choices(&capabilities), expected);
}

#[test]
fn garbage_instead_of_the_kernels_files_is_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let garbage: Vec<u8> = (0..=255).cycle().take(600_000).collect();
    for path in [
        "proc/cpuinfo",
        "proc/driver/nvidia/version",
        "proc/driver/nvidia/gpus/x/information",
        "sys/class/drm/renderD128/device/uevent",
        "sys/class/drm/renderD99999999999999999999/device/uevent",
        "sys/class/video4linux/video0/name",
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("created");
        fs::write(path, &garbage).expect("written");
    }
    let machine = Machine::look(root.path());
    assert_eq!(machine.processor.features, Vec::<String>::new());
    let module = machine.nvidia.expect("there is a folder of it");
    assert_eq!((module.version, module.gpus), (None, vec![]));
    assert_eq!(machine.render_nodes.len(), 1);
    assert_eq!(machine.render_nodes[0].driver, None);
}

#[test]
fn a_node_that_cannot_be_opened_says_why() {
    let root = lay_out("intel");
    let node = root.path().join("dev/dri/renderD128");
    fs::remove_file(&node).expect("removed");
    // Opening a folder to write fails for everybody, root too.
    fs::create_dir(&node).expect("created");
    let machine = Machine::look(root.path());
    let Access::Refused(reason) = &machine.render_nodes[0].access else {
        panic!("{machine:?}");
    };
    let mut capabilities = Capabilities::from_iter([(X264, trial(3, 4))]);
    capabilities.machine = machine.clone();
    assert_eq!(
        why_not(&capabilities, Va),
        format!("/dev/dri/renderD128: {reason}")
    );
}
