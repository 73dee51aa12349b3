//! GPUs and their drivers, in words.

use streamspace_gpu::{
    Access, EncoderSession, KnownGpu, Machine, NvidiaDriver, NvidiaGpu, NvidiaModule, RenderNode,
    SessionCap, VaDevice,
};

use super::{Finding, install};

/// A finding for each GPU; one that says so if there is none.
pub(super) fn gpus(
    machine: &Machine,
    nvidia: &Result<NvidiaDriver, String>,
    va: &Result<Vec<VaDevice>, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(module) = &machine.nvidia {
        findings.extend(self::nvidia(module, nvidia));
    }
    let others = machine
        .render_nodes
        .iter()
        .filter(|node| node.driver.as_deref() != Some("nvidia"));
    findings.extend(others.map(|node| render_node(node, va)));
    if findings.is_empty() {
        findings.push(Finding::good("GPU", "none; encoding is done in software"));
    }
    findings
}

fn nvidia(module: &NvidiaModule, answer: &Result<NvidiaDriver, String>) -> Vec<Finding> {
    let version = module.version.as_deref().unwrap_or("of unknown version");
    let driver = match answer {
        Ok(driver) if driver.problem.is_none() => driver,
        Ok(NvidiaDriver { problem, .. }) => {
            let problem = problem.clone().unwrap_or_default();
            return vec![nvidia_fails(version, &problem)];
        }
        Err(error) => return vec![nvidia_fails(version, error)],
    };
    driver
        .gpus
        .iter()
        .map(|gpu| {
            Finding::good(
                "GPU",
                format!("{}, driver {version}: {}", gpu.name, encodes(gpu)),
            )
        })
        .collect()
}

fn nvidia_fails(version: &str, problem: &str) -> Finding {
    let detail = format!("NVIDIA's driver {version}: {problem}");
    let mend = install(&["libcuda1", "libnvidia-encode1", "libnvidia-ml1"]);
    Finding::warning("GPU", detail, mend)
}

fn encodes(gpu: &NvidiaGpu) -> String {
    let known = KnownGpu::named(&gpu.name);
    match &gpu.session {
        EncoderSession::Opens => {
            let limit = match known.map(|known| known.sessions) {
                Some(SessionCap::Consumer(most)) => format!(", at most {most} sessions at once"),
                Some(SessionCap::Unlimited) | None => String::new(),
            };
            let in_use = gpu.sessions_in_use.unwrap_or(0);
            format!("encodes{limit}; {in_use} sessions are in use")
        }
        EncoderSession::NoEncoder => "has no video encoder (NVENC)".into(),
        EncoderSession::OutOfSessions => "no encoder session is free".into(),
        EncoderSession::VersionMismatch(detail) | EncoderSession::Failed(detail) => detail.clone(),
    }
}

fn render_node(node: &RenderNode, va: &Result<Vec<VaDevice>, String>) -> Finding {
    let driver = node.driver.as_deref().unwrap_or("an unknown driver");
    let pci = node.pci.map_or(String::new(), |pci| format!(" ({pci})"));
    let device = format!("{}, {driver}{pci}", node.path);
    match &node.access {
        Access::Open => {}
        Access::NoNode => {
            let mend = "give the container /dev/dri, or ask for the device in Kubernetes";
            return Finding::warning("GPU", format!("{device}: no such node here"), mend);
        }
        Access::Refused(error) => {
            let mend = "sudo usermod --append --groups render $USER";
            return Finding::warning("GPU", format!("{device}: {error}"), mend);
        }
    }
    let said = va.as_ref().map(|devices| {
        let path = node.path.as_str();
        devices.iter().find(|device| device.node.ends_with(path))
    });
    match said {
        Ok(Some(VaDevice {
            problem: Some(problem),
            ..
        })) => {
            let mend = install(&["va-driver-all"]);
            Finding::warning("GPU", format!("{device}: {problem}"), mend)
        }
        Ok(Some(said)) if said.h264.is_empty() => {
            Finding::good("GPU", format!("{device}: its driver does not encode H.264"))
        }
        Ok(Some(_)) => Finding::good("GPU", format!("{device}: encodes by VA-API")),
        Ok(None) => Finding::good("GPU", format!("{device}: no VA-API driver")),
        Err(error) => {
            let mend = install(&["libva2", "libva-drm2", "va-driver-all"]);
            Finding::warning("GPU", format!("{device}: {error}"), mend)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn node(access: Access) -> Machine {
        Machine {
            render_nodes: vec![RenderNode {
                path: "/dev/dri/renderD128".into(),
                driver: Some("i915".into()),
                pci: None,
                access,
            }],
            ..Machine::default()
        }
    }

    fn none() -> Result<NvidiaDriver, String> {
        Err("libcuda.so.1 is not there".into())
    }

    #[test]
    fn a_machine_without_a_gpu_is_a_good_one() {
        let findings = gpus(&Machine::default(), &none(), &Ok(Vec::new()));
        assert_eq!(
            findings,
            [Finding::good("GPU", "none; encoding is done in software")]
        );
    }

    #[test]
    fn a_gpu_that_cannot_be_used_comes_with_what_mends_it() {
        let refused = node(Access::Refused("Permission denied".into()));
        let finding = &gpus(&refused, &none(), &Ok(Vec::new()))[0];
        assert_eq!(finding.verdict, Verdict::Warning);
        assert!(
            finding
                .mend
                .as_deref()
                .is_some_and(|mend| mend.contains("render"))
        );
        let without = gpus(
            &node(Access::Open),
            &none(),
            &Err("libva.so.2 is not there".into()),
        );
        let mend = without[0].mend.as_deref();
        assert_eq!(
            mend,
            Some("sudo apt install libva2 libva-drm2 va-driver-all")
        );
    }

    #[test]
    fn nvidias_gpus_are_named_with_what_they_encode() {
        let machine = Machine {
            nvidia: Some(NvidiaModule {
                version: Some("570.124.06".into()),
                gpus: vec!["NVIDIA H200".into()],
                access: Access::Open,
            }),
            ..Machine::default()
        };
        let gpu = |name: &str, session| NvidiaGpu {
            name: name.into(),
            session,
            sessions_in_use: Some(2),
        };
        let answer = NvidiaDriver {
            gpus: vec![
                gpu("NVIDIA H200", EncoderSession::NoEncoder),
                gpu("NVIDIA L4", EncoderSession::Opens),
            ],
            ..NvidiaDriver::default()
        };
        let details = gpus(&machine, &Ok(answer), &Ok(Vec::new()));
        let details: Vec<&str> = details.iter().map(|found| found.detail.as_str()).collect();
        let expected = [
            "NVIDIA H200, driver 570.124.06: has no video encoder (NVENC)",
            "NVIDIA L4, driver 570.124.06: encodes; 2 sessions are in use",
        ];
        assert_eq!(details, expected);
    }
}
