//! Asks NVIDIA's and VA-API's libraries what they encode, if they are there.
//!
//! The libraries are loaded at run time, so that programs start, and are built and tested, without any
//! of them. A driver may crash or hang, whatever it is asked: **call this in a process of its own**, under
//! a time limit.
//!
//! ```text
//!   libcuda ─▶ each GPU ─▶ libnvidia-encode: is there an encoder, is a session free
//!                     └──▶ libnvidia-ml: versions, sessions in use
//!   libva-drm ─▶ each render node ─▶ libva: profiles and entry points
//! ```
//!
//! Beside `x264` the only crate of the workspace with `unsafe` of its own. The declarations follow the
//! interfaces' public headers: `nvEncodeAPI.h`, `cuda.h`, `nvml.h`, `va.h`.

mod library;
mod nvidia;
mod va;

pub use library::LoadError;
pub use nvidia::nvidia;
pub use va::va;
