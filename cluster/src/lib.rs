//! Sessions and templates as objects of a Kubernetes cluster.
//!
//! [`Cluster`] is what the API's [`Backend`](streamspace_api::Backend) and the gateway's
//! [`Directory`](streamspace_signaling::Directory) are in a cluster: a thin front of the API server.
//!
//! ```text
//!               watch                          create, replace, delete
//! API server ─────────▶ Cache ──▶ reads          Cluster ─────────▶ API server ──▶ controller ──▶ Pods
//!                         └─────▶ whoever waits for a change to be carried out
//! ```
//!
//! Nothing is kept here but what the API server has told, so any number of gateways may stand side by side.
//! What a template was before is in `ControllerRevision`s, as Kubernetes keeps the past of its own objects.

mod cache;
mod cluster;
mod error;
mod keys;
mod objects;
mod revisions;
mod sessions;
mod templates;

pub use cluster::{Cluster, ClusterConfig};
pub use error::OpenError;
