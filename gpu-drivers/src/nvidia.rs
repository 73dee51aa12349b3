//! NVIDIA's user-space driver: each GPU by CUDA, its encoder by NVENC, figures by NVML.

mod cuda;
mod nvenc;
mod nvml;

use streamspace_gpu::{EncoderSession, NvidiaDriver, NvidiaGpu};

use self::{
    cuda::{Cuda, Device},
    nvenc::Nvenc,
    nvml::Nvml,
};
use crate::LoadError;

/// What NVIDIA's libraries say; an error if none of the driver is there.
pub fn nvidia() -> Result<NvidiaDriver, LoadError> {
    let cuda = Cuda::load()?;
    let nvml = Nvml::load().ok();
    let mut driver = NvidiaDriver {
        version: nvml.as_ref().and_then(Nvml::driver_version),
        ..NvidiaDriver::default()
    };
    let devices = match cuda.devices() {
        Ok(devices) => devices,
        Err(error) => {
            driver.problem = Some(error);
            return Ok(driver);
        }
    };
    let nvenc = Nvenc::load();
    driver.nvenc = nvenc.as_ref().ok().map(Nvenc::version);
    driver.gpus = devices
        .into_iter()
        .map(|device| NvidiaGpu {
            session: match &nvenc {
                Ok(nvenc) => session(&cuda, nvenc, &device),
                Err(error) => error.clone(),
            },
            sessions_in_use: nvml.as_ref().and_then(|nvml| nvml.sessions(&device.bus_id)),
            name: device.name,
        })
        .collect();
    Ok(driver)
}

fn session(cuda: &Cuda, nvenc: &Nvenc, device: &Device) -> EncoderSession {
    match cuda.with_context(device, |context| nvenc.open_session(context)) {
        Ok(session) => session,
        Err(error) => EncoderSession::Failed(error),
    }
}
