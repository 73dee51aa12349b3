//! The shim's functions; `shim.c` has the same structures.

use std::ffi::c_void;

#[repr(C)]
pub(crate) struct Settings {
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) fps: i32,
    pub(crate) threads: i32,
    pub(crate) matrix: i32,
}

#[repr(C)]
pub(crate) struct Picture {
    pub(crate) planes: [*const u8; 2],
    pub(crate) strides: [i32; 2],
    pub(crate) quantizer: i32,
    pub(crate) keyframe: i32,
    pub(crate) wide_search: i32,
    pub(crate) unchanged: *const u8,
    pub(crate) number: i64,
}

#[repr(C)]
pub(crate) struct Unit {
    pub(crate) data: *const u8,
    pub(crate) keyframe: i32,
}

unsafe extern "C" {
    /// Null where x264 refuses the settings.
    pub(crate) fn streamspace_x264_open(settings: *const Settings) -> *mut c_void;

    /// How many bytes the access unit has, which is valid until the next call; none, or an error that
    /// is negative, where there is no unit.
    pub(crate) fn streamspace_x264_encode(
        encoder: *mut c_void,
        picture: *const Picture,
        unit: *mut Unit,
    ) -> i32;

    pub(crate) fn streamspace_x264_close(encoder: *mut c_void);
}
