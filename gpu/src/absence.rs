//! Why an encoder's element is not there: as near to the cause as what was found allows.

use crate::{
    Capabilities, Encoder, Family, KnownGpu,
    drivers::{EncoderSession, EntryPoint, NvidiaGpu},
    machine::{Access, NvidiaModule},
};

/// In words for a person.
pub(crate) fn why_absent(capabilities: &Capabilities, encoder: Encoder) -> String {
    let cause = match encoder.family() {
        Family::Nvidia => nvidia(capabilities),
        Family::Va => va(capabilities, encoder),
        Family::V4l2 => v4l2(capabilities),
        Family::Software => None,
    };
    cause.unwrap_or_else(|| no_element(encoder))
}

fn no_element(encoder: Encoder) -> String {
    let element = encoder.element();
    match encoder.package() {
        Some(package) => format!("no element {element} (package {package})"),
        None => format!("no element {element} (left out when this program was built)"),
    }
}

fn nvidia(capabilities: &Capabilities) -> Option<String> {
    let Some(module) = &capabilities.machine.nvidia else {
        return Some(match &capabilities.nvidia {
            Ok(driver) if !driver.gpus.is_empty() => return without_nvenc(&driver.gpus),
            _ => "no NVIDIA driver is loaded".into(),
        });
    };
    unreachable_module(module).or_else(|| match &capabilities.nvidia {
        Ok(driver) => without_nvenc(&driver.gpus).or_else(|| driver.problem.clone()),
        Err(error) => {
            let known = module.gpus.iter().find(|name| is_compute_part(name));
            Some(known.map_or_else(
                || format!("NVIDIA's driver: {error}"),
                |name| no_nvenc(name),
            ))
        }
    })
}

fn unreachable_module(module: &NvidiaModule) -> Option<String> {
    match &module.access {
        Access::Open => None,
        Access::NoNode => Some("there is an NVIDIA GPU, but no /dev/nvidiactl here".into()),
        Access::Refused(error) => Some(format!("/dev/nvidiactl: {error}")),
    }
}

/// Nothing if there is a GPU that encodes.
fn without_nvenc(gpus: &[NvidiaGpu]) -> Option<String> {
    let opens = |gpu: &NvidiaGpu| gpu.session == EncoderSession::Opens;
    if gpus.iter().any(opens) {
        return None;
    }
    gpus.first().map(|gpu| match &gpu.session {
        EncoderSession::NoEncoder => no_nvenc(&gpu.name),
        EncoderSession::OutOfSessions => out_of_sessions(gpu),
        EncoderSession::VersionMismatch(detail) => {
            format!(
                "{}: the driver's parts are of different versions ({detail})",
                gpu.name
            )
        }
        EncoderSession::Failed(_) if is_compute_part(&gpu.name) => no_nvenc(&gpu.name),
        EncoderSession::Failed(error) => format!("{}: {error}", gpu.name),
        EncoderSession::Opens => unreachable!("looked at above"),
    })
}

fn is_compute_part(name: &str) -> bool {
    KnownGpu::named(name).is_some_and(|gpu| gpu.is_without_encoder())
}

fn no_nvenc(name: &str) -> String {
    let known = if is_compute_part(name) {
        ", as is known of this compute part"
    } else {
        ""
    };
    format!("{name} has no video encoder (NVENC){known}")
}

fn out_of_sessions(gpu: &NvidiaGpu) -> String {
    let in_use = gpu
        .sessions_in_use
        .map_or(String::new(), |count| format!(", {count} are in use"));
    format!("{}: no encoder session is free{in_use}", gpu.name)
}

fn va(capabilities: &Capabilities, encoder: Encoder) -> Option<String> {
    let nodes = &capabilities.machine.render_nodes;
    // NVIDIA's own kernel driver has no VA driver that encodes.
    let mut of_va = nodes
        .iter()
        .filter(|node| node.driver.as_deref() != Some("nvidia"))
        .peekable();
    if of_va.peek().is_none() {
        return Some("no GPU with a VA-API driver (no render node in /dev/dri)".into());
    }
    if let Some(node) = of_va.find(|node| node.access != Access::Open) {
        return Some(match &node.access {
            Access::NoNode => format!("there is a GPU, but no {} here", node.path),
            Access::Refused(error) => format!("{}: {error}", node.path),
            Access::Open => unreachable!("filtered above"),
        });
    }
    let devices = match &capabilities.va {
        Ok(devices) => devices,
        Err(error) => return Some(format!("libva: {error}")),
    };
    let wanted = |entry_point: EntryPoint| match encoder {
        Encoder::VaLowPower => entry_point == EntryPoint::LowPower,
        Encoder::Va => entry_point == EntryPoint::Slice,
        _ => true,
    };
    let encodes = devices
        .iter()
        .flat_map(|device| &device.h264)
        .any(|entry| wanted(entry.entry_point));
    if encodes {
        return None;
    }
    let device = devices.first()?;
    Some(match (&device.problem, device.h264.is_empty()) {
        (Some(problem), _) => format!("{}: {problem}", device.node),
        (None, true) => format!("{}: its driver does not encode H.264", device.node),
        (None, false) => format!(
            "{}: its driver encodes H.264 in the other way only",
            device.node
        ),
    })
}

fn v4l2(capabilities: &Capabilities) -> Option<String> {
    let nodes = &capabilities.machine.video_nodes;
    let encoder = nodes.iter().find(|node| node.name.contains("enc"));
    match encoder.map(|node| (&node.access, &node.path)) {
        None => Some("no Video4Linux2 encoder on this machine".into()),
        Some((Access::Open, _)) => None,
        Some((Access::NoNode, path)) => Some(format!("there is an encoder, but no {path} here")),
        Some((Access::Refused(error), path)) => Some(format!("{path}: {error}")),
    }
}
