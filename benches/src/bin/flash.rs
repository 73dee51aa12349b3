//! A window that changes its colour at each mouse button press, as fast as X allows: what
//! click-to-photon is measured with.

use anyhow::Context;
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            ChangeWindowAttributesAux, ConnectionExt, CreateWindowAux, EventMask, WindowClass,
        },
    },
};

const COLOURS: [u32; 2] = [0x00c0_0000, 0x0000_00c0];

fn main() -> anyhow::Result<()> {
    let (connection, screen) = x11rb::connect(None).context("there is no display")?;
    let screen = &connection.setup().roots[screen];
    let window = connection.generate_id()?;
    let aux = CreateWindowAux::new()
        .background_pixel(COLOURS[0])
        .event_mask(EventMask::BUTTON_PRESS)
        .override_redirect(1);
    let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
    let class = WindowClass::INPUT_OUTPUT;
    connection.create_window(
        0,
        window,
        screen.root,
        0,
        0,
        width,
        height,
        0,
        class,
        0,
        &aux,
    )?;
    connection.map_window(window)?;
    connection.flush()?;

    let mut colours = COLOURS.iter().cycle().skip(1);
    loop {
        if let Event::ButtonPress(_) = connection.wait_for_event()? {
            let colour = *colours.next().expect("a cycle never ends");
            let aux = ChangeWindowAttributesAux::new().background_pixel(colour);
            connection.change_window_attributes(window, &aux)?;
            connection.clear_area(false, window, 0, 0, 0, 0)?;
            connection.flush()?;
        }
    }
}
