//! The desktop's size, by the RandR extension.

use streamspace_protocol::DisplaySize;
use x11rb::{
    connection::Connection,
    protocol::{
        randr::{self, ModeInfo, Rotation},
        xproto::{ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

use super::XError;

/// Millimetres in a pixel at 96 dots an inch.
const MM_PER_PIXEL: f64 = 25.4 / 96.0;
const REFRESH_HZ: u32 = 60;

/// Gives the first output a mode of this size.
///
/// The screen may not be smaller than an active output, so the output is off while the screen
/// changes; the server is grabbed so that no program sees that state.
pub(super) fn resize(
    connection: &RustConnection,
    root: Window,
    size: DisplaySize,
) -> Result<(), XError> {
    let resources = randr::get_screen_resources_current(connection, root)?.reply()?;
    let &output = resources.outputs.first().ok_or(XError::NoOutput)?;
    let stamp = resources.config_timestamp;
    let info = randr::get_output_info(connection, output, stamp)?.reply()?;
    let &crtc = info.crtcs.first().ok_or(XError::NoOutput)?;
    let fits = |mode: &&ModeInfo| {
        mode.width == size.width && mode.height == size.height && info.modes.contains(&mode.id)
    };
    let mode = match resources.modes.iter().find(fits) {
        Some(mode) => mode.id,
        None => add_mode(connection, root, output, size)?,
    };
    connection.grab_server()?;
    let result = set_mode(connection, root, crtc, output, mode, size);
    connection.ungrab_server()?;
    connection.flush()?;
    result
}

fn add_mode(
    connection: &RustConnection,
    root: Window,
    output: randr::Output,
    size: DisplaySize,
) -> Result<randr::Mode, XError> {
    let name = format!("{}x{}-streamspace", size.width, size.height);
    let mode = ModeInfo {
        width: size.width,
        height: size.height,
        dot_clock: u32::from(size.width) * u32::from(size.height) * REFRESH_HZ,
        htotal: size.width,
        vtotal: size.height,
        name_len: u16::try_from(name.len()).expect("a short name"),
        ..ModeInfo::default()
    };
    let mode = randr::create_mode(connection, root, mode, name.as_bytes())?
        .reply()?
        .mode;
    randr::add_output_mode(connection, output, mode)?.check()?;
    Ok(mode)
}

fn set_mode(
    connection: &RustConnection,
    root: Window,
    crtc: randr::Crtc,
    output: randr::Output,
    mode: randr::Mode,
    size: DisplaySize,
) -> Result<(), XError> {
    let now = x11rb::CURRENT_TIME;
    let off = x11rb::NONE;
    randr::set_crtc_config(
        connection,
        crtc,
        now,
        now,
        0,
        0,
        off,
        Rotation::ROTATE0,
        &[],
    )?
    .reply()?;
    let mm = |pixels: u16| (f64::from(pixels) * MM_PER_PIXEL).round() as u32;
    let (width_mm, height_mm) = (mm(size.width), mm(size.height));
    randr::set_screen_size(
        connection,
        root,
        size.width,
        size.height,
        width_mm,
        height_mm,
    )?
    .check()?;
    randr::set_crtc_config(
        connection,
        crtc,
        now,
        now,
        0,
        0,
        mode,
        Rotation::ROTATE0,
        &[output],
    )?
    .reply()?;
    Ok(())
}
