//! NVIDIA's management library (`nvml.h`).

use std::{
    ffi::{CString, c_char, c_int, c_uint, c_void},
    ptr,
};

use crate::{
    LoadError,
    library::{Driver, text},
};

/// `nvmlReturn_t`: 0 is success.
type NvmlReturn = c_int;
type Plain = unsafe extern "C" fn() -> NvmlReturn;
type GetText = unsafe extern "C" fn(text: *mut c_char, length: c_uint) -> NvmlReturn;
type GetHandle =
    unsafe extern "C" fn(bus_id: *const c_char, device: *mut *mut c_void) -> NvmlReturn;
type GetStats = unsafe extern "C" fn(
    device: *mut c_void,
    sessions: *mut c_uint,
    fps: *mut c_uint,
    latency_us: *mut c_uint,
) -> NvmlReturn;

const LIBRARY: &str = "libnvidia-ml.so.1";

/// Started; it stays so until the process ends.
#[derive(Debug)]
pub(super) struct Nvml(Driver);

impl Nvml {
    pub(super) fn load() -> Result<Self, LoadError> {
        let driver = Driver::load(LIBRARY)?;
        // SAFETY: the type is that of `nvml.h`.
        let result = unsafe { driver.function::<Plain>("nvmlInit_v2")?() };
        match result {
            0 => Ok(Self(driver)),
            failed => Err(LoadError::Broken(LIBRARY, format!("NVML error {failed}"))),
        }
    }

    pub(super) fn driver_version(&self) -> Option<String> {
        let mut buffer = [0_u8; 96];
        let length = c_uint::try_from(buffer.len()).ok()?;
        // SAFETY: as above, and it is told how long the buffer is.
        let result = unsafe {
            let get = self
                .0
                .function::<GetText>("nvmlSystemGetDriverVersion")
                .ok()?;
            get(buffer.as_mut_ptr().cast(), length)
        };
        (result == 0).then(|| text(&buffer))
    }

    /// Encoder sessions of all programs on the GPU at this place.
    pub(super) fn sessions(&self, bus_id: &str) -> Option<u32> {
        let bus_id = CString::new(bus_id).ok()?;
        let mut device = ptr::null_mut();
        let [mut sessions, mut fps, mut latency_us] = [0; 3];
        // SAFETY: as above, and every pointer is to something of ours that lives until the end.
        let result = unsafe {
            let by_place = "nvmlDeviceGetHandleByPciBusId_v2";
            let get = self.0.function::<GetHandle>(by_place).ok()?;
            let stats = self
                .0
                .function::<GetStats>("nvmlDeviceGetEncoderStats")
                .ok()?;
            match get(bus_id.as_ptr(), &raw mut device) {
                0 => stats(device, &raw mut sessions, &raw mut fps, &raw mut latency_us),
                failed => failed,
            }
        };
        (result == 0).then_some(sessions)
    }
}
