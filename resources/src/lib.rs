//! The API objects, `stream.space/v1alpha1`, as plain values, and the rules on them.
//!
//! One machine keeps [`Session`]s in SQLite and [`Template`]s in YAML files; a cluster keeps both as
//! Kubernetes objects, whose definitions the feature `crd` derives from the same types.

mod duration;
pub mod lifecycle;
mod object;
mod people;
pub mod quantity;
mod quota;
mod request;
mod session;
mod stats;
mod template;

pub use duration::{InvalidTimeSpan, TimeSpan};
pub use object::{API_VERSION, Metadata, Object};
#[cfg(feature = "crd")]
pub use people::{GroupResource, UserResource};
pub use people::{GroupSpec, HomeSpec, Limits, Times, UserSpec};
pub use quota::Quota;
pub use request::{
    Batch, BatchAction, BatchAnswer, BatchItem, Catalog, CatalogProblem, ConnectRequest,
    NewSession, SessionChange, SessionList,
};
#[cfg(feature = "crd")]
pub use session::SessionResource;
pub use session::{
    Condition, DesiredState, Display, InvalidSession, Phase, Processes, Queue, Resources, Session,
    SessionSpec, SessionStatus,
};
pub use stats::{SessionStats, ViewerStats};
#[cfg(feature = "crd")]
pub use template::TemplateResource;
pub use template::{
    EnvVar, InvalidTemplate, Port, Template, TemplateSpec, TemplateVersion, Vnc, VolumeMount,
    check_template, parse_template,
};
