//! Runs sessions as process trees on one machine.
//!
//! [`LocalRuntime`] is what the API's [`Backend`](streamspace_api::Backend) and the gateway's
//! [`Directory`](streamspace_signaling::Directory) are on one machine. It starts a supervisor for
//! each session, which starts everything else:
//!
//! ```text
//! server (LocalRuntime) ── supervise ─┬─ Xvnc
//!   subreaper              subreaper  ├─ pulseaudio
//!                                     ├─ streamspace-streamer   started again when it ends
//!                                     ├─ openbox                beside single applications
//!                                     └─ the program            when it ends, the session ends
//! ```
//!
//! Nothing of a session outlives it, whatever is killed:
//!
//! | Killed | Who ends the rest | How it learns |
//! |---|---|---|
//! | a part | supervisor | exit status |
//! | supervisor | server | end of events; orphans become its children and carry a mark, or were seen before |
//! | server | supervisor | end of its standard input |
//! | both | kernel, then the next server | parent-death signals; the mark of the data folder |
//!
//! Where sessions are kept ([`RuntimeConfig::keep`]), a supervisor whose server has gone waits that long for the
//! next one on a socket in the session's folder, and the session goes on under it.
//!
//! ```text
//! Pending ──streamer ready, or 10 s──> Running ──ended, program ended──> Terminated
//!    │  └──────────── display fails ─────┴────────────────────────────> Failed
//!    └──────woken────── Hibernated <──hibernated: processes gone, home kept
//! ```

mod audience;
mod catalog;
mod change;
mod config;
mod environment;
mod error;
mod folder;
mod leftovers;
mod live;
mod local;
mod order;
mod plan;
mod pod;
mod process;
mod program;
mod secrets;
mod status;
mod store;
mod supervisor;
mod sweep;
mod templates;

pub use catalog::read_catalog;
pub use config::{Environment, RuntimeConfig};
pub use error::OpenError;
pub use local::LocalRuntime;
pub use pod::{KeysError, PodConfig, PodError, serve_pod};
pub use program::{find_program, programs_named};
pub use status::EXIT_STATUS_LABEL;
pub use supervisor::{exec_child, supervise};
