//! CUDA's driver interface (`cuda.h`): which GPUs there are, and a context on one.

use std::{
    ffi::{c_char, c_int, c_uint, c_void},
    ptr,
};

use crate::{
    LoadError,
    library::{Driver, foreign_text, text},
};

/// `CUresult`: 0 is success.
type CuResult = c_int;
type Init = unsafe extern "C" fn(flags: c_uint) -> CuResult;
type GetCount = unsafe extern "C" fn(count: *mut c_int) -> CuResult;
type GetDevice = unsafe extern "C" fn(device: *mut c_int, ordinal: c_int) -> CuResult;
/// Both of `cuDeviceGetName` and `cuDeviceGetPCIBusId`, but for the order of their parameters.
type GetText = unsafe extern "C" fn(text: *mut c_char, length: c_int, device: c_int) -> CuResult;
type CreateContext =
    unsafe extern "C" fn(context: *mut *mut c_void, flags: c_uint, device: c_int) -> CuResult;
type DestroyContext = unsafe extern "C" fn(context: *mut c_void) -> CuResult;
type GetErrorName = unsafe extern "C" fn(error: CuResult, name: *mut *const c_char) -> CuResult;

const LIBRARY: &str = "libcuda.so.1";
/// `CUDA_ERROR_NO_DEVICE`
const NO_DEVICE: CuResult = 100;
/// A machine with more is looked at no further.
const MAX_DEVICES: c_int = 64;

#[derive(Debug)]
pub(super) struct Cuda(Driver);

#[derive(Debug)]
pub(super) struct Device {
    handle: c_int,
    pub(super) name: String,
    /// Its place, such as `0000:01:00.0`; empty if that is not known.
    pub(super) bus_id: String,
}

impl Cuda {
    pub(super) fn load() -> Result<Self, LoadError> {
        Driver::load(LIBRARY).map(Self)
    }

    /// Every GPU; none is no error.
    pub(super) fn devices(&self) -> Result<Vec<Device>, String> {
        let mut count = 0;
        // SAFETY: the types are those of `cuda.h`, and the pointer is to a number of ours.
        let result = unsafe {
            let init = self.0.function::<Init>("cuInit").map_err(say)?;
            let get_count = self
                .0
                .function::<GetCount>("cuDeviceGetCount")
                .map_err(say)?;
            match init(0) {
                0 => get_count(&raw mut count),
                failed => failed,
            }
        };
        match result {
            0 => (0..count.min(MAX_DEVICES))
                .map(|ordinal| self.device(ordinal))
                .collect(),
            NO_DEVICE => Ok(Vec::new()),
            failed => Err(self.error("CUDA does not start", failed)),
        }
    }

    fn device(&self, ordinal: c_int) -> Result<Device, String> {
        let mut handle = 0;
        // SAFETY: as above.
        let result = unsafe {
            let get = self.0.function::<GetDevice>("cuDeviceGet").map_err(say)?;
            get(&raw mut handle, ordinal)
        };
        if result != 0 {
            return Err(self.error("a GPU does not answer", result));
        }
        Ok(Device {
            handle,
            name: self.text("cuDeviceGetName", handle).unwrap_or_default(),
            bus_id: self.text("cuDeviceGetPCIBusId", handle).unwrap_or_default(),
        })
    }

    fn text(&self, function: &'static str, device: c_int) -> Option<String> {
        let mut buffer = [0_u8; 256];
        let length = c_int::try_from(buffer.len()).ok()?;
        // SAFETY: the function is one of the two of this type, and is told how long the buffer is.
        let result = unsafe {
            let get = self.0.function::<GetText>(function).ok()?;
            get(buffer.as_mut_ptr().cast(), length, device)
        };
        (result == 0).then(|| text(&buffer))
    }

    /// Calls `act` with a context on the device, which ends after that.
    pub(super) fn with_context<T>(
        &self,
        device: &Device,
        act: impl FnOnce(*mut c_void) -> T,
    ) -> Result<T, String> {
        let mut context = ptr::null_mut();
        // SAFETY: as above. The context is destroyed once, after its last use.
        unsafe {
            let create = self
                .0
                .function::<CreateContext>("cuCtxCreate_v2")
                .map_err(say)?;
            let destroy = self
                .0
                .function::<DestroyContext>("cuCtxDestroy_v2")
                .map_err(say)?;
            let result = create(&raw mut context, 0, device.handle);
            if result != 0 {
                return Err(self.error("the GPU takes no context", result));
            }
            let acted = act(context);
            destroy(context);
            Ok(acted)
        }
    }

    fn error(&self, what: &str, result: CuResult) -> String {
        let mut name = ptr::null();
        // SAFETY: as above. Names of errors are constants of the library, which is loaded still.
        let name = unsafe {
            self.0
                .function::<GetErrorName>("cuGetErrorName")
                .ok()
                .filter(|get| get(result, &raw mut name) == 0)
                .and_then(|_| foreign_text(name))
        };
        match name {
            Some(name) => format!("{what}: {name}"),
            None => format!("{what}: CUDA error {result}"),
        }
    }
}

fn say(error: LoadError) -> String {
    error.to_string()
}
