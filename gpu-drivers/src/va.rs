//! VA-API (`va.h`): how each render node's driver encodes H.264.

use std::{
    ffi::{c_char, c_int, c_void},
    fs::OpenOptions,
    os::fd::AsRawFd,
    path::Path,
};

use streamspace_gpu::{EntryPoint, H264Profile, VaDevice, VaEncoder};

use crate::{
    LoadError,
    library::{Driver, foreign_text},
};

type Display = *mut c_void;
/// `VAStatus`: 0 is success.
type Status = c_int;
type GetDisplay = unsafe extern "C" fn(file: c_int) -> Display;
type Initialize = unsafe extern "C" fn(Display, major: *mut c_int, minor: *mut c_int) -> Status;
type Terminate = unsafe extern "C" fn(Display) -> Status;
type Vendor = unsafe extern "C" fn(Display) -> *const c_char;
type Count = unsafe extern "C" fn(Display) -> c_int;
type Profiles = unsafe extern "C" fn(Display, list: *mut c_int, count: *mut c_int) -> Status;
type EntryPoints =
    unsafe extern "C" fn(Display, profile: c_int, list: *mut c_int, count: *mut c_int) -> Status;
type ErrorText = unsafe extern "C" fn(Status) -> *const c_char;

/// `VAProfileH264ConstrainedBaseline`, `VAProfileH264Main`, `VAProfileH264High`
const PROFILES: [(c_int, H264Profile); 3] = [
    (13, H264Profile::ConstrainedBaseline),
    (6, H264Profile::Main),
    (7, H264Profile::High),
];
/// `VAEntrypointEncSlice`, `VAEntrypointEncSliceLP`
const ENTRY_POINTS: [(c_int, EntryPoint); 2] = [(6, EntryPoint::Slice), (8, EntryPoint::LowPower)];
/// No driver has as many of anything; one that says so is not believed.
const MAX_LIST: c_int = 256;

/// What libva says of each render node; an error if it is not there.
pub fn va<'a>(nodes: impl IntoIterator<Item = &'a Path>) -> Result<Vec<VaDevice>, LoadError> {
    let va = Va {
        core: Driver::load("libva.so.2")?,
        drm: Driver::load("libva-drm.so.2")?,
    };
    Ok(nodes.into_iter().map(|node| va.device(node)).collect())
}

struct Va {
    core: Driver,
    drm: Driver,
}

impl Va {
    fn device(&self, node: &Path) -> VaDevice {
        let mut device = VaDevice {
            node: node.display().to_string(),
            vendor: None,
            h264: Vec::new(),
            problem: None,
        };
        device.problem = self.fill(node, &mut device).err();
        device
    }

    fn fill(&self, node: &Path, device: &mut VaDevice) -> Result<(), String> {
        let file = OpenOptions::new().read(true).write(true).open(node);
        let file = file.map_err(|error| error.to_string())?;
        // SAFETY: the types are those of `va.h` and `va_drm.h`. The file stays open until the display
        // is terminated; text that the driver keeps lives as long.
        unsafe {
            let get_display = self
                .drm
                .function::<GetDisplay>("vaGetDisplayDRM")
                .map_err(say)?;
            let initialize = self
                .core
                .function::<Initialize>("vaInitialize")
                .map_err(say)?;
            let vendor = self
                .core
                .function::<Vendor>("vaQueryVendorString")
                .map_err(say)?;
            let terminate = self
                .core
                .function::<Terminate>("vaTerminate")
                .map_err(say)?;
            let display = get_display(file.as_raw_fd());
            if display.is_null() {
                return Err("libva knows no driver for it".into());
            }
            let [mut major, mut minor] = [0; 2];
            let status = initialize(display, &raw mut major, &raw mut minor);
            let result = if status == 0 {
                device.vendor = foreign_text(vendor(display));
                self.encoders(display).map(|h264| device.h264 = h264)
            } else {
                Err(self.error("its driver does not start", status))
            };
            terminate(display);
            result
        }
    }

    /// # Safety
    ///
    /// `display` has been initialised, and not terminated.
    unsafe fn encoders(&self, display: Display) -> Result<Vec<VaEncoder>, String> {
        // SAFETY: the types are those of `va.h`; each list has as much room as the driver says that it
        // needs at most, and is read only as far as it is there.
        unsafe {
            let most = self
                .core
                .function::<Count>("vaMaxNumProfiles")
                .map_err(say)?(display);
            let query = self
                .core
                .function::<Profiles>("vaQueryConfigProfiles")
                .map_err(say)?;
            let has = self.list(most, |list, count| query(display, list, count))?;
            let most = self
                .core
                .function::<Count>("vaMaxNumEntrypoints")
                .map_err(say)?(display);
            let query = self
                .core
                .function::<EntryPoints>("vaQueryConfigEntrypoints")
                .map_err(say)?;
            let mut encoders = Vec::new();
            for (number, profile) in PROFILES
                .into_iter()
                .filter(|(number, _)| has.contains(number))
            {
                let has = self.list(most, |list, count| query(display, number, list, count))?;
                let found = ENTRY_POINTS
                    .into_iter()
                    .filter(|(number, _)| has.contains(number));
                encoders.extend(found.map(|(_, entry_point)| VaEncoder {
                    profile,
                    entry_point,
                }));
            }
            Ok(encoders)
        }
    }

    fn list(
        &self,
        most: c_int,
        query: impl FnOnce(*mut c_int, *mut c_int) -> Status,
    ) -> Result<Vec<c_int>, String> {
        let room = usize::try_from(most).ok().filter(|_| most <= MAX_LIST);
        let room = room.ok_or_else(|| format!("its driver speaks of {most} profiles"))?;
        let (mut list, mut count) = (vec![0; room], 0);
        match query(list.as_mut_ptr(), &raw mut count) {
            0 => list.truncate(usize::try_from(count).unwrap_or(0)),
            failed => return Err(self.error("its driver does not answer", failed)),
        }
        Ok(list)
    }

    fn error(&self, what: &str, status: Status) -> String {
        // SAFETY: the type is that of `va.h`, and its texts are constants.
        let text = unsafe {
            let text = self.core.function::<ErrorText>("vaErrorStr").ok();
            text.and_then(|text| foreign_text(text(status)))
        };
        match text {
            Some(text) => format!("{what}: {text}"),
            None => format!("{what}: VA error {status}"),
        }
    }
}

fn say(error: LoadError) -> String {
    error.to_string()
}
