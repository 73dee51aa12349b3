//! The desktop's size, by the RandR extension.

use streamspace_protocol::DisplaySize;
use x11rb::{
    protocol::{
        randr::{self, GetScreenResourcesCurrentReply, ModeInfo, Rotation, SetConfig},
        xproto::{ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

use super::XError;

const MM_PER_INCH: f64 = 25.4;
const REFRESH_HZ: u32 = 60;
/// How the names of our modes end.
const SUFFIX: &str = "-streamspace";

/// Gives the first output a mode of this size at so many dots an inch, and removes the modes that it had for others.
///
/// If the X server refuses, all is as it was before. The caller has grabbed the server, so that no
/// program sees the output off.
pub(super) fn resize(
    connection: &RustConnection,
    root: Window,
    size: DisplaySize,
    dpi: u16,
) -> Result<(), XError> {
    let geometry = connection.get_geometry(root)?.reply()?;
    if (geometry.width, geometry.height) == (size.width, size.height) {
        return Ok(());
    }
    let resources = randr::get_screen_resources_current(connection, root)?.reply()?;
    let &output = resources.outputs.first().ok_or(XError::NoOutput)?;
    let stamp = resources.config_timestamp;
    let info = randr::get_output_info(connection, output, stamp)?.reply()?;
    let &crtc = info.crtcs.first().ok_or(XError::NoOutput)?;
    let screen = Screen {
        connection,
        root,
        crtc,
        output,
        dpi,
    };
    let fits = |mode: &&ModeInfo| {
        mode.width == size.width && mode.height == size.height && info.modes.contains(&mode.id)
    };
    let mode = match resources.modes.iter().find(fits) {
        Some(mode) => mode.id,
        None => screen.add_mode(size)?,
    };
    screen.change_or_go_back(mode, size)?;
    for other in our_modes(&resources).filter(|&other| other != mode) {
        if let Err(error) = screen.remove_mode(other, &info.modes) {
            tracing::debug!(%error, "a mode of a former size stays");
        }
    }
    Ok(())
}

/// What a monitor needs to be one for programs that know only outputs.
pub(super) fn output(connection: &RustConnection, root: Window) -> Result<randr::Output, XError> {
    let resources = randr::get_screen_resources_current(connection, root)?.reply()?;
    resources.outputs.first().copied().ok_or(XError::NoOutput)
}

pub(super) fn in_mm(size: DisplaySize, dpi: u16) -> (u32, u32) {
    let mm_per_pixel = MM_PER_INCH / f64::from(dpi);
    let mm = |pixels: u16| (f64::from(pixels) * mm_per_pixel).round() as u32;
    (mm(size.width), mm(size.height))
}

fn our_modes(resources: &GetScreenResourcesCurrentReply) -> impl Iterator<Item = randr::Mode> {
    // The names follow one another without any mark between them.
    let mut names = resources.names.as_slice();
    resources.modes.iter().filter_map(move |mode| {
        let (name, rest) = names.split_at_checked(mode.name_len.into())?;
        names = rest;
        name.ends_with(SUFFIX.as_bytes()).then_some(mode.id)
    })
}

/// The part of the X server that shows the desktop.
struct Screen<'a> {
    connection: &'a RustConnection,
    root: Window,
    crtc: randr::Crtc,
    output: randr::Output,
    dpi: u16,
}

impl Screen<'_> {
    fn add_mode(&self, size: DisplaySize) -> Result<randr::Mode, XError> {
        let name = format!("{}x{}{SUFFIX}", size.width, size.height);
        let mode = ModeInfo {
            width: size.width,
            height: size.height,
            dot_clock: u32::from(size.width) * u32::from(size.height) * REFRESH_HZ,
            htotal: size.width,
            vtotal: size.height,
            name_len: u16::try_from(name.len()).expect("a short name"),
            ..ModeInfo::default()
        };
        let mode = randr::create_mode(self.connection, self.root, mode, name.as_bytes())?
            .reply()?
            .mode;
        let added = randr::add_output_mode(self.connection, self.output, mode)?.check();
        if added.is_err() {
            randr::destroy_mode(self.connection, mode)?.check()?;
        }
        added?;
        Ok(mode)
    }

    fn remove_mode(&self, mode: randr::Mode, of_output: &[randr::Mode]) -> Result<(), XError> {
        if of_output.contains(&mode) {
            randr::delete_output_mode(self.connection, self.output, mode)?.check()?;
        }
        randr::destroy_mode(self.connection, mode)?.check()?;
        Ok(())
    }

    fn change_or_go_back(&self, mode: randr::Mode, size: DisplaySize) -> Result<(), XError> {
        let now = x11rb::CURRENT_TIME;
        let former_mode = randr::get_crtc_info(self.connection, self.crtc, now)?
            .reply()?
            .mode;
        let geometry = self.connection.get_geometry(self.root)?.reply()?;
        let former_size = DisplaySize {
            width: geometry.width,
            height: geometry.height,
        };
        self.set(mode, size).inspect_err(|_| {
            if let Err(error) = self.set(former_mode, former_size) {
                tracing::warn!(%error, "the former size could not be set again");
            }
        })
    }

    /// The screen may not be smaller than an active output, so the output is off while the screen
    /// changes.
    fn set(&self, mode: randr::Mode, size: DisplaySize) -> Result<(), XError> {
        self.set_mode(x11rb::NONE, &[])?;
        let DisplaySize { width, height } = size;
        let (width_mm, height_mm) = in_mm(size, self.dpi);
        randr::set_screen_size(
            self.connection,
            self.root,
            width,
            height,
            width_mm,
            height_mm,
        )?
        .check()?;
        if mode == x11rb::NONE {
            return Ok(());
        }
        self.set_mode(mode, &[self.output])
    }

    fn set_mode(&self, mode: randr::Mode, outputs: &[randr::Output]) -> Result<(), XError> {
        let (now, upright) = (x11rb::CURRENT_TIME, Rotation::ROTATE0);
        let asked = randr::set_crtc_config(
            self.connection,
            self.crtc,
            now,
            now,
            0,
            0,
            mode,
            upright,
            outputs,
        )?;
        match asked.reply()?.status {
            SetConfig::SUCCESS => Ok(()),
            status => Err(XError::NotSet(status)),
        }
    }
}
