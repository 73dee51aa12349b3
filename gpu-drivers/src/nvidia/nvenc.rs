//! NVENC (`nvEncodeAPI.h`): whether there is an encoder, and whether a session is free.

use std::{
    ffi::{c_int, c_void},
    ptr,
};

use streamspace_gpu::EncoderSession;

use crate::{LoadError, library::Driver};

/// `NVENCSTATUS`: 0 is success.
type Status = c_int;
type GetVersion = unsafe extern "C" fn(version: *mut u32) -> Status;
type CreateInstance = unsafe extern "C" fn(list: *mut FunctionList) -> Status;
type OpenSession =
    unsafe extern "C" fn(parameters: *mut SessionParameters, encoder: *mut *mut c_void) -> Status;
type DestroyEncoder = unsafe extern "C" fn(encoder: *mut c_void) -> Status;

const LIBRARY: &str = "libnvidia-encode.so.1";
/// The interface that is asked for, as (major, minor): every driver since 2020 has it, and the structures
/// here have not changed since.
const WANTED: (u32, u32) = (11, 0);

/// `NV_ENCODE_API_FUNCTION_LIST`: two numbers and 318 pointers.
#[repr(C)]
struct FunctionList {
    version: u32,
    reserved: u32,
    functions: [*mut c_void; FUNCTIONS],
}

const FUNCTIONS: usize = 318;
const DESTROY_ENCODER: usize = 27;
const OPEN_SESSION_EX: usize = 29;

/// `NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS`
#[repr(C)]
struct SessionParameters {
    version: u32,
    device_type: u32,
    device: *mut c_void,
    reserved: *mut c_void,
    api_version: u32,
    reserved1: [u32; 253],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_DEVICE_TYPE_CUDA`
const CUDA: u32 = 1;

#[derive(Debug)]
pub(super) struct Nvenc {
    driver: Driver,
    /// The newest interface that it has.
    version: (u32, u32),
}

impl Nvenc {
    /// Loads the library; the error is what its absence means for a session.
    pub(super) fn load() -> Result<Self, EncoderSession> {
        Self::try_load().map_err(|error| match error {
            LoadError::NoLibrary(name) => EncoderSession::Failed(format!(
                "{name} is not there (Debian: libnvidia-encode1; in containers: the driver \
                 capability \"video\")"
            )),
            other => EncoderSession::Failed(other.to_string()),
        })
    }

    fn try_load() -> Result<Self, LoadError> {
        let driver = Driver::load(LIBRARY)?;
        let mut packed = 0;
        // SAFETY: the type is that of `nvEncodeAPI.h`, and the pointer is to a number of ours.
        let status = unsafe {
            driver.function::<GetVersion>("NvEncodeAPIGetMaxSupportedVersion")?(&raw mut packed)
        };
        match status {
            0 => Ok(Self {
                driver,
                version: (packed >> 4, packed & 0xf),
            }),
            failed => Err(LoadError::Broken(LIBRARY, describe(failed))),
        }
    }

    pub(super) fn version(&self) -> (u32, u32) {
        self.version
    }

    /// Opens a session on the context's GPU, and closes it again.
    pub(super) fn open_session(&self, context: *mut c_void) -> EncoderSession {
        let (major, minor) = WANTED;
        if self.version < WANTED {
            let (has_major, has_minor) = self.version;
            return EncoderSession::VersionMismatch(format!(
                "the driver has NVENC {has_major}.{has_minor}, older than {major}.{minor}"
            ));
        }
        let api_version = major | minor << 24;
        match self.try_open(context, api_version) {
            Ok(status) => judge(status),
            Err(error) => EncoderSession::Failed(error.to_string()),
        }
    }

    fn try_open(&self, context: *mut c_void, api_version: u32) -> Result<Status, LoadError> {
        let structure = |number: u32| api_version | number << 16 | 0x7 << 28;
        let mut list = FunctionList {
            version: structure(2),
            reserved: 0,
            functions: [ptr::null_mut(); FUNCTIONS],
        };
        let mut parameters = SessionParameters {
            version: structure(1),
            device_type: CUDA,
            device: context,
            reserved: ptr::null_mut(),
            api_version,
            reserved1: [0; 253],
            reserved2: [ptr::null_mut(); 64],
        };
        let mut encoder = ptr::null_mut();
        // SAFETY: the types are those of `nvEncodeAPI.h`, and the pointers are to structures of ours of the
        // sizes that it declares. A function is called only if the driver has set it.
        unsafe {
            let create = self
                .driver
                .function::<CreateInstance>("NvEncodeAPICreateInstance")?;
            let status = create(&raw mut list);
            if status != 0 {
                return Ok(status);
            }
            let open = list.functions[OPEN_SESSION_EX];
            let destroy = list.functions[DESTROY_ENCODER];
            if open.is_null() || destroy.is_null() {
                return Err(LoadError::NoFunction {
                    library: LIBRARY,
                    function: "nvEncOpenEncodeSessionEx",
                });
            }
            let open = std::mem::transmute::<*mut c_void, OpenSession>(open);
            let destroy = std::mem::transmute::<*mut c_void, DestroyEncoder>(destroy);
            let status = open(&raw mut parameters, &raw mut encoder);
            // As the header says, also where opening failed, or the session would stay.
            if !encoder.is_null() {
                destroy(encoder);
            }
            Ok(status)
        }
    }
}

fn judge(status: Status) -> EncoderSession {
    match status {
        0 => EncoderSession::Opens,
        // No encode device; unsupported device.
        1 | 2 => EncoderSession::NoEncoder,
        // Out of memory, which is also the answer to one session too many; and what consumer drivers
        // have said to that: incompatible client key.
        10 | 21 => EncoderSession::OutOfSessions,
        15 => EncoderSession::VersionMismatch("NVENC's interface is another".into()),
        other => EncoderSession::Failed(describe(other)),
    }
}

fn describe(status: Status) -> String {
    format!("NVENC error {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structures_are_as_large_as_the_headers() {
        assert_eq!(size_of::<FunctionList>(), 8 + 318 * 8);
        assert_eq!(size_of::<SessionParameters>(), 24 + 4 * 254 + 64 * 8);
    }
}
