//! The pointer's shape, by the XFixes extension.

use base64::{Engine, prelude::BASE64_STANDARD};
use streamspace_protocol::Cursor;
use x11rb::{protocol::xfixes::ConnectionExt as _, rust_connection::RustConnection};

use super::XError;

/// A larger pointer would be a picture; browsers refuse it as a cursor.
const MAX_SIDE: u16 = 128;

/// The shape that the pointer has now, unless it is absurdly large.
pub(super) fn current(connection: &RustConnection) -> Result<Option<Cursor>, XError> {
    let image = connection.xfixes_get_cursor_image()?.reply()?;
    if image.width > MAX_SIDE || image.height > MAX_SIDE {
        return Ok(None);
    }
    let rgba: Vec<u8> = image
        .cursor_image
        .iter()
        .flat_map(|&pixel| straight(pixel))
        .collect();
    Ok(Some(Cursor {
        width: image.width,
        height: image.height,
        hotspot_x: image.xhot.min(image.width.saturating_sub(1)),
        hotspot_y: image.yhot.min(image.height.saturating_sub(1)),
        rgba: BASE64_STANDARD.encode(rgba),
    }))
}

/// From a premultiplied 0xAARRGGBB to straight R, G, B, A.
fn straight(pixel: u32) -> [u8; 4] {
    let [b, g, r, a] = pixel.to_le_bytes();
    let divide = |colour: u8| match a {
        0 => 0,
        _ => u8::try_from((u32::from(colour) * 255 + u32::from(a) / 2) / u32::from(a))
            .unwrap_or(u8::MAX),
    };
    [divide(r), divide(g), divide(b), a]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_divided_by_their_alpha() {
        assert_eq!(straight(0xff12_3456), [0x12, 0x34, 0x56, 0xff]);
        assert_eq!(straight(0x8040_0000), [0x80, 0, 0, 0x80]);
        assert_eq!(straight(0x0012_3456), [0, 0, 0, 0]);
        assert_eq!(straight(0x01ff_ffff), [255, 255, 255, 1]);
    }
}
