//! A session's Pod: its display, and beside it the program from any image.
//!
//! ```text
//! Pod ┬ display (native sidecar, uid 1000)    keys, run          never seen by the program
//!     │    X server, sound, streamer, door    x11, share  ─┐
//!     └ program (uid 2000)                    x11, share  ─┘ read only
//!                                             home            both
//! ```

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        Capabilities, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, EnvVarSource,
        ObjectFieldSelector, PersistentVolumeClaimVolumeSource, Pod, PodSecurityContext, PodSpec,
        Probe, ResourceRequirements, SeccompProfile, SecretVolumeSource, SecurityContext,
        TCPSocketAction, Toleration, Volume, VolumeMount,
    },
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};
use kube::{Resource, ResourceExt, api::ObjectMeta};
use streamspace_protocol::{SessionId, secret_name};
use streamspace_resources::{Resources, SessionResource, TemplateSpec};

use super::home;
use crate::settings::Settings;

/// Where a Pod takes gateways.
pub(crate) const PORT: u16 = 7443;
pub(crate) const SESSION_LABEL: &str = "stream.space/session";
const TEMPLATE_LABEL: &str = "stream.space/template";

/// The containers' names.
pub(crate) const DISPLAY: &str = "display";
pub(crate) const PROGRAM: &str = "program";

/// Of the display container; the X server can tell programs by their user from its own.
const DISPLAY_USER: i64 = 1000;
/// Of the program, and of the group that owns homes.
const PROGRAM_USER: i64 = 2000;

const KEYS_FOLDER: &str = "/run/streamspace-keys";
const RUN_FOLDER: &str = "/run/streamspace";
const SHARE_FOLDER: &str = "/run/streamspace-share";
const X11_FOLDER: &str = "/tmp/.X11-unix";
const HOME_FOLDER: &str = "/home/user";
const RUNTIME_FOLDER: &str = "/run/user";

/// Seconds between two looks at whether the display is up.
const PROBE_S: i32 = 1;
/// A slow node with a slow disk takes no longer to bring a display up; then it is started again.
const START_PROBES: i32 = 60;
/// Seconds that programs have to save what they hold.
const GRACE_S: i64 = 10;
/// Seconds after which a session leaves a node of which nothing is heard.
const LOST_NODE_S: i64 = 60;

pub(crate) fn labels(session: &SessionResource) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        ("app.kubernetes.io/part-of".into(), "streamspace".into()),
        ("app.kubernetes.io/component".into(), "session".into()),
        (SESSION_LABEL.into(), session.name_any()),
    ]);
    if let Some(template) = &session.spec.template {
        labels.insert(TEMPLATE_LABEL.into(), template.clone());
    }
    labels
}

/// The Pod that this session is to have.
pub(crate) fn pod(
    session: &SessionResource,
    id: &SessionId,
    template: &TemplateSpec,
    settings: &Settings,
) -> Pod {
    Pod {
        metadata: ObjectMeta {
            name: Some(session.name_any()),
            labels: Some(labels(session)),
            owner_references: session.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(PodSpec {
            init_containers: Some(vec![display(session, id, template, settings)]),
            containers: vec![program(session, template, settings)],
            volumes: Some(volumes(session, id)),
            // A program that fails is started again; one that ends as it should ends its session.
            restart_policy: Some("OnFailure".into()),
            termination_grace_period_seconds: Some(GRACE_S),
            automount_service_account_token: Some(false),
            enable_service_links: Some(false),
            security_context: Some(PodSecurityContext {
                run_as_non_root: Some(true),
                fs_group: Some(PROGRAM_USER),
                fs_group_change_policy: Some("OnRootMismatch".into()),
                seccomp_profile: Some(SeccompProfile {
                    type_: "RuntimeDefault".into(),
                    ..SeccompProfile::default()
                }),
                ..PodSecurityContext::default()
            }),
            tolerations: Some(tolerations()),
            ..PodSpec::default()
        }),
        status: None,
    }
}

/// A sidecar (KEP-753): it is up before the program starts, and goes after it.
fn display(
    session: &SessionResource,
    id: &SessionId,
    template: &TemplateSpec,
    settings: &Settings,
) -> Container {
    let mut command: Vec<String> = [
        "streamspace",
        "pod-session",
        "--session",
        id.as_str(),
        "--keys",
        KEYS_FOLDER,
        "--listen",
        &format!("0.0.0.0:{PORT}"),
        "--home",
        HOME_FOLDER,
        "--run",
        RUN_FOLDER,
        "--share",
        SHARE_FOLDER,
        "--display",
        &json(&session.spec.display),
        "--policy",
        &json(&template.policy),
    ]
    .map(str::to_owned)
    .into();
    if !template.is_desktop() {
        command.push("--window-manager".into());
    }
    let tcp = TCPSocketAction {
        port: IntOrString::Int(PORT.into()),
        ..TCPSocketAction::default()
    };
    let probe = |failures| Probe {
        tcp_socket: Some(tcp.clone()),
        period_seconds: Some(PROBE_S),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    Container {
        name: DISPLAY.into(),
        image: Some(settings.display_image.clone()),
        image_pull_policy: Some(settings.image_pull_policy.clone()),
        command: Some(command),
        restart_policy: Some("Always".into()),
        env: Some(vec![of_field("STREAMSPACE_ICE_ADDRESS", "status.podIP")]),
        ports: Some(vec![ContainerPort {
            name: Some("gateway".into()),
            container_port: PORT.into(),
            ..ContainerPort::default()
        }]),
        startup_probe: Some(probe(START_PROBES)),
        readiness_probe: Some(probe(1)),
        resources: Some(display_resources(session)),
        security_context: Some(security(DISPLAY_USER)),
        volume_mounts: Some(vec![
            mount("keys", KEYS_FOLDER, true),
            mount("run", RUN_FOLDER, false),
            mount("share", SHARE_FOLDER, false),
            mount("display-tmp", "/tmp", false),
            mount("x11", X11_FOLDER, false),
            mount("home", HOME_FOLDER, false),
        ]),
        ..Container::default()
    }
}

fn program(session: &SessionResource, template: &TemplateSpec, settings: &Settings) -> Container {
    let mut environment = vec![
        variable("DISPLAY", ":0"),
        variable("XAUTHORITY", &format!("{SHARE_FOLDER}/xauthority")),
        variable("PULSE_SERVER", &format!("unix:{SHARE_FOLDER}/pulse.sock")),
        variable("HOME", HOME_FOLDER),
        variable("XDG_RUNTIME_DIR", RUNTIME_FOLDER),
        variable("XDG_SESSION_TYPE", "x11"),
        variable("LANG", "C.UTF-8"),
    ];
    environment.extend(
        template
            .env
            .iter()
            .map(|entry| variable(&entry.name, &entry.value)),
    );
    let command = session.spec.command.as_ref().unwrap_or(&template.command);
    Container {
        name: PROGRAM.into(),
        image: Some(template.base_image.clone()),
        image_pull_policy: Some(settings.image_pull_policy.clone()),
        command: (!command.is_empty()).then(|| command.clone()),
        working_dir: Some(HOME_FOLDER.into()),
        env: Some(environment),
        resources: Some(program_resources(session, template)),
        security_context: Some(security(PROGRAM_USER)),
        volume_mounts: Some(vec![
            mount("share", SHARE_FOLDER, true),
            mount("program-tmp", "/tmp", false),
            mount("x11", X11_FOLDER, true),
            mount("runtime", RUNTIME_FOLDER, false),
            mount("shm", "/dev/shm", false),
            mount("home", HOME_FOLDER, false),
        ]),
        ..Container::default()
    }
}

fn volumes(session: &SessionResource, id: &SessionId) -> Vec<Volume> {
    let empty = |name: &str, medium: Option<&str>| Volume {
        name: name.into(),
        empty_dir: Some(EmptyDirVolumeSource {
            medium: medium.map(str::to_owned),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    };
    vec![
        Volume {
            name: "keys".into(),
            secret: Some(SecretVolumeSource {
                secret_name: Some(secret_name(id)),
                // The group is the programs', but no container of theirs has the volume.
                default_mode: Some(0o440),
                ..SecretVolumeSource::default()
            }),
            ..Volume::default()
        },
        Volume {
            name: "home".into(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: home::name(session),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        },
        // Keys and the clipboard never reach a disk.
        empty("run", Some("Memory")),
        empty("share", Some("Memory")),
        empty("x11", Some("Memory")),
        empty("runtime", Some("Memory")),
        empty("shm", Some("Memory")),
        empty("display-tmp", None),
        empty("program-tmp", None),
    ]
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers, words and lists of them")
}

/// Neither a right more than any user has, nor a way to one.
fn security(user: i64) -> SecurityContext {
    SecurityContext {
        run_as_user: Some(user),
        run_as_group: Some(user),
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".into()]),
            ..Capabilities::default()
        }),
        ..SecurityContext::default()
    }
}

fn program_resources(session: &SessionResource, template: &TemplateSpec) -> ResourceRequirements {
    let wanted = session
        .spec
        .resources
        .as_ref()
        .or(template.default_resources.as_ref());
    wanted.map_or_else(ResourceRequirements::default, requirements)
}

/// Memory is a bound; processor time is a share that others may use while it lies idle.
fn requirements(resources: &Resources) -> ResourceRequirements {
    let amount = |name: &str, amount: &Option<String>| {
        let amount = amount.clone()?;
        Some((name.to_owned(), Quantity(amount)))
    };
    let memory = amount("memory", &resources.memory);
    let cpu = amount("cpu", &resources.cpu);
    ResourceRequirements {
        limits: Some(memory.clone().into_iter().collect()),
        requests: Some(memory.into_iter().chain(cpu).collect()),
        ..ResourceRequirements::default()
    }
}

/// Pixels a second that one core encodes in software, with capture and conversion.
const PIXELS_PER_CORE: u64 = 1920 * 1080 * 60;
/// MiB of the parts themselves.
const DISPLAY_BASE_MIB: u64 = 192;
/// Bytes of each pixel that X server, capture and encoder hold at a time.
const BYTES_PER_PIXEL: u64 = 32;

/// A quarter of what the largest motion takes: sessions are still most of the time. The bound on memory is
/// for a program that lets the X server's grow.
fn display_resources(session: &SessionResource) -> ResourceRequirements {
    let display = &session.spec.display;
    let pixels = u64::from(display.width) * u64::from(display.height);
    let millicores = (pixels * u64::from(display.fps) * 1000 / PIXELS_PER_CORE / 4).max(50);
    let mebibytes = DISPLAY_BASE_MIB + pixels * BYTES_PER_PIXEL / (1024 * 1024);
    let memory = |mebibytes: u64| ("memory".to_owned(), Quantity(format!("{mebibytes}Mi")));
    ResourceRequirements {
        requests: Some(
            [
                ("cpu".to_owned(), Quantity(format!("{millicores}m"))),
                memory(mebibytes),
            ]
            .into(),
        ),
        limits: Some([memory(mebibytes * 4)].into()),
        ..ResourceRequirements::default()
    }
}

fn tolerations() -> Vec<Toleration> {
    ["not-ready", "unreachable"]
        .map(|state| Toleration {
            key: Some(format!("node.kubernetes.io/{state}")),
            operator: Some("Exists".into()),
            effect: Some("NoExecute".into()),
            toleration_seconds: Some(LOST_NODE_S),
            ..Toleration::default()
        })
        .into()
}

fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: Some(value.into()),
        value_from: None,
    }
}

fn of_field(name: &str, path: &str) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: None,
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: path.into(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.into(),
        mount_path: path.into(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    }
}
