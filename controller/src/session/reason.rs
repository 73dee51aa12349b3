//! Why a session is not ready, in words that a person can act on.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use streamspace_resources::Condition;

use super::pod::{DISPLAY, PROGRAM};

/// One CamelCase word for programs, and what happened, why, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) word: &'static str,
    pub(crate) message: String,
}

impl Reason {
    pub(crate) fn new(word: &'static str, message: impl Into<String>) -> Self {
        Self {
            word,
            message: message.into(),
        }
    }

    /// The condition `Ready`.
    pub(crate) fn ready(&self, is_ready: bool) -> Condition {
        Condition {
            r#type: "Ready".into(),
            status: if is_ready { "True" } else { "False" }.into(),
            reason: self.word.into(),
            message: self.message.clone(),
            code: None,
        }
    }
}

/// What keeps a Pod from being ready. The worst is told: what nobody mends by waiting comes first.
pub(crate) fn waiting(pod: &Pod) -> Reason {
    let status = pod.status.clone().unwrap_or_default();
    if let Some(reason) = unscheduled(pod) {
        return reason;
    }
    let containers = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
        .flatten();
    let found: Vec<Reason> = containers.filter_map(of_container).collect();
    let starting = || Reason::new("Starting", "its Pod starts");
    let is_severe = |reason: &&Reason| reason.word != "Starting";
    let severe = found.iter().find(is_severe).cloned();
    severe
        .or_else(|| found.into_iter().next())
        .unwrap_or_else(starting)
}

fn unscheduled(pod: &Pod) -> Option<Reason> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let refused = conditions.iter().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    })?;
    let why = refused.message.clone().unwrap_or_default();
    let is_volume = why.contains("PersistentVolumeClaim") || why.contains("volume");
    Some(if is_volume {
        Reason::new(
            "VolumeNotBound",
            format!(
                "the volume of its home cannot be had: {why}; see the storage class and its provisioner"
            ),
        )
    } else {
        Reason::new(
            "Unschedulable",
            format!("no node has room for it: {why}; it starts as soon as one has"),
        )
    })
}

fn of_container(container: &ContainerStatus) -> Option<Reason> {
    let state = container.state.as_ref()?;
    let what = match container.name.as_str() {
        DISPLAY => "the display",
        PROGRAM => "the program",
        other => other,
    };
    let Some(waiting) = &state.waiting else {
        let is_down = !container.ready && state.running.is_some();
        return is_down.then(|| Reason::new("Starting", format!("{what} starts")));
    };
    let message = waiting.message.clone().unwrap_or_default();
    let image = &container.image;
    Some(match waiting.reason.as_deref().unwrap_or_default() {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ErrImageInspect"
        | "RegistryUnavailable" => Reason::new(
            "ImageNotPulled",
            format!(
                "the image {image} of {what} cannot be had: {message}; check its name and the registry's credentials"
            ),
        ),
        "CrashLoopBackOff" => Reason::new(
            if container.name == PROGRAM {
                "ProgramFailed"
            } else {
                "DisplayFailed"
            },
            format!(
                "{what} failed {} times{}; it is tried again",
                container.restart_count,
                last_words(container)
            ),
        ),
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => Reason::new(
            "ContainerNotCreated",
            format!("{what} cannot be started: {message}; check the template"),
        ),
        _ => Reason::new("Starting", format!("{what} waits for its turn")),
    })
}

fn last_words(container: &ContainerStatus) -> String {
    let ended = container.last_state.as_ref();
    let Some(ended) = ended.and_then(|state| state.terminated.as_ref()) else {
        return String::new();
    };
    match ended.reason.as_deref() {
        Some("OOMKilled") => ", at last because it took more memory than it may".into(),
        _ => format!(", at last with status {}", ended.exit_code),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reason(status: serde_json::Value) -> Reason {
        let pod = json!({ "metadata": { "name": "one" }, "status": status });
        waiting(&serde_json::from_value(pod).expect("a Pod"))
    }

    fn container(name: &str, waiting: &str) -> serde_json::Value {
        json!({
            "name": name, "image": "registry/app:1", "imageID": "", "ready": false, "restartCount": 3,
            "state": { "waiting": { "reason": waiting, "message": "no such thing" } },
            "lastState": { "terminated": { "exitCode": 7, "reason": "Error" } },
        })
    }

    #[test]
    fn what_a_person_can_mend_is_named() {
        for (waiting, word, tells) in [
            ("ImagePullBackOff", "ImageNotPulled", "registry/app:1"),
            ("CrashLoopBackOff", "ProgramFailed", "status 7"),
            (
                "CreateContainerConfigError",
                "ContainerNotCreated",
                "no such thing",
            ),
            ("PodInitializing", "Starting", "the program"),
        ] {
            let found = reason(json!({ "containerStatuses": [container("program", waiting)] }));
            assert_eq!(found.word, word);
            assert!(found.message.contains(tells), "{}", found.message);
        }
    }

    #[test]
    fn what_waits_hides_nothing_that_fails() {
        let found = reason(json!({
            "initContainerStatuses": [container("display", "ErrImagePull")],
            "containerStatuses": [container("program", "PodInitializing")],
        }));
        assert_eq!(found.word, "ImageNotPulled");
        assert!(found.message.contains("the display"));
    }

    #[test]
    fn what_no_node_has_is_said_in_the_schedulers_words() {
        let refused = |message: &str| {
            let condition = json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
            });
            reason(json!({ "conditions": [condition] }))
        };
        let full = refused("0/2 nodes are available: 2 Insufficient memory.");
        assert_eq!(full.word, "Unschedulable");
        assert!(full.message.contains("Insufficient memory"));
        let volume = refused("pod has unbound immediate PersistentVolumeClaims");
        assert_eq!(volume.word, "VolumeNotBound");
    }
}
