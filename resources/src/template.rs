//! A template: something a person can start.

use serde::{Deserialize, Serialize};
use streamspace_protocol::{InvalidPolicy, Policy, VncLimits};

use crate::{API_VERSION, Metadata, Object, Resources, TimeSpan};

pub type Template = Object<TemplateSpec, ()>;

const KIND: &str = "Template";

impl Template {
    /// A template of this name and version.
    #[must_use]
    pub fn new(name: String, version: u32, spec: TemplateSpec) -> Self {
        Self {
            api_version: API_VERSION.into(),
            kind: KIND.into(),
            metadata: Metadata {
                name,
                resource_version: Some(version.to_string()),
                ..Metadata::default()
            },
            spec,
            status: None,
        }
    }
}

/// One state that a template was saved in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TemplateVersion {
    /// 0 is the one that came with StreamSpace, or that a file holds.
    pub version: u32,
    /// Who saved it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_unix_ms: Option<i64>,
    /// From this version on it was no longer in the catalog.
    pub is_removal: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "crd",
    derive(kube::CustomResource),
    kube(
        group = "stream.space",
        version = "v1alpha1",
        kind = "Template",
        root = "TemplateResource",
        shortname = "tpl",
        namespaced,
        printcolumn = r#"{"name":"Name","type":"string","jsonPath":".spec.displayName"}"#,
        printcolumn = r#"{"name":"Category","type":"string","jsonPath":".spec.category"}"#,
        printcolumn = r#"{"name":"Image","type":"string","jsonPath":".spec.baseImage"}"#
    )
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateSpec {
    pub display_name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub category: String,
    /// An emoji, or a path or address of a picture.
    #[serde(default)]
    pub icon: String,
    /// The container image of the program, in a cluster.
    #[serde(default)]
    pub base_image: String,
    /// Program and arguments, on one machine; in a cluster, in place of the image's own.
    #[serde(default)]
    pub command: Vec<String>,
    /// Debian packages that bring the program, for the message when it is missing.
    #[serde(default)]
    pub packages: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_resources: Option<Resources>,
    #[serde(default)]
    pub ports: Vec<Port>,
    #[serde(default)]
    pub env: Vec<EnvVar>,
    #[serde(default)]
    pub volume_mounts: Vec<VolumeMount>,
    #[serde(default)]
    pub capabilities: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub vnc: Vnc,
    /// Of its sessions, unless they say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub idle_timeout: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub max_session_duration: Option<TimeSpan>,
    /// What may be carried into its sessions and out of them.
    #[serde(default)]
    pub policy: Policy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Port {
    pub name: String,
    pub container_port: u16,
    #[serde(default = "tcp")]
    pub protocol: String,
}

fn tcp() -> String {
    "TCP".into()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnvVar {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMount {
    pub name: String,
    pub mount_path: String,
}

/// The category of templates whose programs are whole desktops.
const DESKTOPS: &str = "Desktops";

impl TemplateSpec {
    /// Whether its program brings a window manager of its own.
    #[must_use]
    pub fn is_desktop(&self) -> bool {
        self.category == DESKTOPS
    }
}

/// The VNC fallback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vnc {
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The most of noVNC's quality levels that a viewer gets, 0 to 9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// The most bytes a second that a viewer gets, at least 16384.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes_per_second: Option<u32>,
}

/// Slower than this no picture of a desktop is ever whole.
const MIN_BYTES_PER_SECOND: u32 = 16 * 1024;

impl Vnc {
    pub fn limits(&self) -> VncLimits {
        VncLimits {
            enabled: self.enabled,
            max_quality: self.quality,
            max_bytes_per_second: self.max_bytes_per_second,
        }
    }

    fn check(&self) -> Result<(), InvalidTemplate> {
        if let Some(quality) = self.quality.filter(|&quality| quality > 9) {
            return Err(InvalidTemplate::VncQuality(quality));
        }
        match self.max_bytes_per_second {
            Some(rate) if rate < MIN_BYTES_PER_SECOND => Err(InvalidTemplate::VncRate(rate)),
            Some(_) | None => Ok(()),
        }
    }
}

fn yes() -> bool {
    true
}

impl Default for Vnc {
    fn default() -> Self {
        Self {
            enabled: true,
            quality: None,
            max_bytes_per_second: None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidTemplate {
    #[error("not a template in YAML: {0}")]
    Parse(String),
    #[error(
        "apiVersion is {found:?} and kind is {kind:?}; expected {API_VERSION:?} and \"Template\""
    )]
    WrongKind { found: String, kind: String },
    #[error("metadata.name: {0}")]
    Name(#[from] streamspace_protocol::InvalidId),
    #[error("spec.displayName is empty")]
    NoDisplayName,
    #[error("spec.policy: {0}")]
    Policy(#[from] InvalidPolicy),
    #[error("spec.command is empty, so there is nothing to run on one machine")]
    NoCommand,
    #[error("spec.{0} is at least 1s")]
    TimeSpan(&'static str),
    #[error("spec.vnc.quality is a number from 0 to 9, not {0}")]
    VncQuality(u8),
    #[error("spec.vnc.maxBytesPerSecond is at least {MIN_BYTES_PER_SECOND}, not {0}")]
    VncRate(u32),
}

/// Reads one template file.
///
/// # Errors
/// Text that is not YAML of exactly this shape (unknown keys are refused), or values that no
/// session could start from.
pub fn parse_template(text: &str) -> Result<Template, InvalidTemplate> {
    let template: Template =
        serde_saphyr::from_str(text).map_err(|error| InvalidTemplate::Parse(error.to_string()))?;
    if template.api_version != API_VERSION || template.kind != KIND {
        return Err(InvalidTemplate::WrongKind {
            found: template.api_version,
            kind: template.kind,
        });
    }
    check_template(&template)?;
    Ok(template)
}

/// Whether a session could start from it.
///
/// # Errors
/// The first value that no session could start from.
pub fn check_template(template: &Template) -> Result<(), InvalidTemplate> {
    template
        .metadata
        .name
        .parse::<streamspace_protocol::SessionId>()?;
    if template.spec.display_name.trim().is_empty() {
        return Err(InvalidTemplate::NoDisplayName);
    }
    for (name, span) in [
        ("idleTimeout", template.spec.idle_timeout),
        ("maxSessionDuration", template.spec.max_session_duration),
    ] {
        if span.is_some_and(|span| span.get().is_zero()) {
            return Err(InvalidTemplate::TimeSpan(name));
        }
    }
    template.spec.vnc.check()?;
    template.spec.policy.validate()?;
    // Last, because in a cluster an image makes up for it.
    match template.spec.command.first() {
        Some(program) if !program.is_empty() => Ok(()),
        _ => Err(InvalidTemplate::NoCommand),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const XTERM: &str = "
apiVersion: stream.space/v1alpha1
kind: Template
metadata: {name: xterm}
spec:
  displayName: XTerm
  command: [xterm]
";

    #[test]
    fn a_template_is_read_with_its_defaults() {
        let template = parse_template(XTERM).expect("a valid template");
        assert_eq!(template.metadata.name, "xterm");
        assert_eq!(template.spec.command, ["xterm"]);
        assert!(template.spec.vnc.enabled);
        assert_eq!(template.spec.policy, Policy::default());
    }

    #[test]
    fn what_is_wrong_with_a_template_is_named() {
        let error = |from: &str, to: &str| {
            parse_template(&XTERM.replace(from, to))
                .expect_err("an invalid template")
                .to_string()
        };
        assert!(error("v1alpha1", "v9").contains("v9"));
        assert!(error("name: xterm", "name: X_Term").contains("metadata.name"));
        assert!(error("displayName: XTerm", "displayName: ''").contains("displayName"));
        assert!(error("command: [xterm]", "command: []").contains("command"));
        assert!(error("command: [xterm]", "comand: [xterm]").contains("comand"));
        let vnc = |vnc: &str| error("command:", &format!("vnc: {vnc}\n  command:"));
        assert!(vnc("{quality: 10}").contains("quality"));
        assert!(vnc("{maxBytesPerSecond: 1000}").contains("maxBytesPerSecond"));
        assert!(vnc("{qualty: 3}").contains("qualty"));
        let policy = "command: [xterm]\n  policy: {files: {bytesPerSecond: 0}}";
        assert!(error("command: [xterm]", policy).contains("bytesPerSecond"));
        assert!(error("command: [xterm]", "command: [xterm]\n  policy: {x: 1}").contains('x'));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\PC|\n){0,200}") {
            let _ = parse_template(&text);
        }
    }
}
