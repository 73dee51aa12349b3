//! A session: one desktop or application, running or not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use streamspace_gpu::{Policy as EncoderPolicy, UnknownPolicy};
use streamspace_protocol::Code;

use crate::{Object, TimeSpan, object::Metadata};

/// A session as one machine keeps it.
pub type Session = Object<SessionSpec, SessionStatus>;

/// What someone wants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "crd",
    derive(kube::CustomResource),
    kube(
        group = "stream.space",
        version = "v1alpha1",
        kind = "Session",
        root = "SessionResource",
        status = "SessionStatus",
        shortname = "ss",
        namespaced,
        printcolumn = r#"{"name":"User","type":"string","jsonPath":".spec.user"}"#,
        printcolumn = r#"{"name":"Template","type":"string","jsonPath":".spec.template"}"#,
        printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
        printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
    )
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionSpec {
    pub user: String,
    /// Name of the template; absent where `command` says what runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Program and arguments in place of the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Where the command starts, on one machine; the session's home if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    #[serde(default)]
    pub state: DesiredState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Keep the home folder when the session ends.
    #[serde(default)]
    pub persistent_home: bool,
    /// After so long without anybody's input it hibernates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub idle_timeout: Option<TimeSpan>,
    /// So long after its start, or after it was woken, it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub max_session_duration: Option<TimeSpan>,
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = 20), inner(length(min = 1, max = 64)))
    )]
    pub tags: Vec<String>,
    #[serde(default)]
    pub display: Display,
    /// In a cluster it may be stopped, and wait in the queue again, for somebody of a higher priority.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preemptible: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DesiredState {
    #[default]
    Running,
    Hibernated,
    Terminated,
}

/// The desktop at start; a viewer's window may resize it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Display {
    /// Pixels, even.
    #[cfg_attr(feature = "schema", schemars(range(min = 320, max = 7680), extend("multipleOf" = 2)))]
    pub width: u16,
    #[cfg_attr(feature = "schema", schemars(range(min = 200, max = 4320), extend("multipleOf" = 2)))]
    pub height: u16,
    /// The most frames a second.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 120)))]
    pub fps: u16,
    /// An encoder's name, `auto`, `hardware`, `lowest-latency` or `lowest-cost`.
    pub encoder: String,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            fps: 60,
            encoder: "auto".into(),
        }
    }
}

/// Amounts as Kubernetes writes them (`"2Gi"`, `"500m"`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
}

/// What is so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionStatus {
    pub phase: Phase,
    /// Path of the page that shows the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// In a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_name: Option<String>,
    /// Where the Pod takes gateways, `10.1.2.3:7443`; for them alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The processes of a session on one machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<Processes>,
    /// When somebody last did something in it, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<jiff::Timestamp>,
    /// Since when it runs: its start, or when it was last woken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<jiff::Timestamp>,
    /// While it waits for a limit to leave it room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// The place of a session that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// 1 is next. Beyond ten it is rounded up to two digits, so that not every session is written each time one
    /// leaves the queue.
    pub position: u32,
    /// What is to have room first, such as `group staff: 20 of 20 running sessions`.
    pub unmet: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Phase {
    #[default]
    Pending,
    Running,
    Hibernated,
    Failed,
    Terminated,
}

/// Process ids of a session's parts on one machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Processes {
    /// Leads the session's process group; ending it ends all.
    pub supervisor: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streamer: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<u32>,
}

/// One thing that is so of an object, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// `Ready`, `StreamerReady`, `SoundReady`, `Expired`.
    pub r#type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// One CamelCase word for programs.
    pub reason: String,
    /// What happened, why, and what to do next.
    pub message: String,
    /// The stable code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub code: Option<Code>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSession {
    #[error("a session names either a template or a command")]
    NothingToRun,
    #[error("width and height are even numbers from 320x200 to 7680x4320, not {width}x{height}")]
    Size { width: u16, height: u16 },
    #[error("fps is a number from 1 to 120, not {0}")]
    Fps(u16),
    #[error("the command is empty or holds a NUL byte")]
    Command,
    #[error(
        "a session has at most {MOST_TAGS} tags, each a line of 1 to {MOST_TAG_CHARS} characters"
    )]
    Tags,
    #[error("{0} is at least 1s")]
    TimeSpan(&'static str),
    #[error("display.encoder: {0}")]
    Encoder(#[from] UnknownPolicy),
}

const MOST_TAGS: usize = 20;
const MOST_TAG_CHARS: usize = 64;

fn is_tag(tag: &str) -> bool {
    (1..=MOST_TAG_CHARS).contains(&tag.chars().count()) && !tag.chars().any(char::is_control)
}

impl SessionSpec {
    /// Checks what the types alone cannot say.
    pub fn validate(&self) -> Result<(), InvalidSession> {
        if self.tags.len() > MOST_TAGS || !self.tags.iter().all(|tag| is_tag(tag)) {
            return Err(InvalidSession::Tags);
        }
        for (name, span) in [
            ("idleTimeout", self.idle_timeout),
            ("maxSessionDuration", self.max_session_duration),
        ] {
            if span.is_some_and(|span| span.get().is_zero()) {
                return Err(InvalidSession::TimeSpan(name));
            }
        }
        match (&self.template, &self.command) {
            (None, None) => return Err(InvalidSession::NothingToRun),
            (_, Some(command)) => {
                let usable = command.first().is_some_and(|program| !program.is_empty())
                    && !command.iter().any(|argument| argument.contains('\0'));
                if !usable {
                    return Err(InvalidSession::Command);
                }
            }
            (Some(_), None) => {}
        }
        let Display {
            width, height, fps, ..
        } = self.display;
        let even = width % 2 == 0 && height % 2 == 0;
        if !even || !(320..=7680).contains(&width) || !(200..=4320).contains(&height) {
            return Err(InvalidSession::Size { width, height });
        }
        if !(1..=120).contains(&fps) {
            return Err(InvalidSession::Fps(fps));
        }
        let _: EncoderPolicy = self.display.encoder.parse()?;
        Ok(())
    }
}

impl Session {
    pub fn new(name: String, spec: SessionSpec, created: jiff::Timestamp) -> Self {
        Self {
            api_version: crate::API_VERSION.into(),
            kind: "Session".into(),
            metadata: Metadata {
                name,
                creation_timestamp: Some(created),
                resource_version: None,
                labels: BTreeMap::new(),
            },
            spec,
            status: Some(SessionStatus::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> SessionSpec {
        SessionSpec {
            template: Some("xfce".into()),
            ..SessionSpec::default()
        }
    }

    #[test]
    fn a_session_needs_something_to_run() {
        assert_eq!(spec().validate(), Ok(()));
        assert_eq!(
            SessionSpec::default().validate(),
            Err(InvalidSession::NothingToRun)
        );
        for command in [vec![], vec![String::new()], vec!["a\0b".into()]] {
            let spec = SessionSpec {
                command: Some(command),
                ..spec()
            };
            assert_eq!(spec.validate(), Err(InvalidSession::Command));
        }
    }

    #[test]
    fn tags_are_few_short_lines() {
        let tagged = |tags: Vec<String>| SessionSpec { tags, ..spec() }.validate();
        assert_eq!(tagged(vec!["a b".into(); MOST_TAGS]), Ok(()));
        for tags in [
            vec!["a".into(); MOST_TAGS + 1],
            vec![String::new()],
            vec!["a\n".into()],
            vec!["x".repeat(MOST_TAG_CHARS + 1)],
        ] {
            assert_eq!(tagged(tags), Err(InvalidSession::Tags));
        }
    }

    #[test]
    fn sizes_and_rates_out_of_range_are_refused() {
        for (width, height) in [(1281, 720), (1280, 721), (0, 0), (318, 200), (7682, 4320)] {
            let display = Display {
                width,
                height,
                ..Display::default()
            };
            let spec = SessionSpec { display, ..spec() };
            assert_eq!(spec.validate(), Err(InvalidSession::Size { width, height }));
        }
        for fps in [0, 121] {
            let display = Display {
                fps,
                ..Display::default()
            };
            let spec = SessionSpec { display, ..spec() };
            assert_eq!(spec.validate(), Err(InvalidSession::Fps(fps)));
        }
    }
}
