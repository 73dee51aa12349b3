//! Where on the picture the measured things are. `benches/lib/page/probe.js` reads the same places.

use x11rb::protocol::xproto::Rectangle;

/// The strip at the top that holds marker and counter; scenes draw below it.
pub const STRIP_HEIGHT: u16 = 64;

/// Changes its colour at each click.
pub const MARKER: Rectangle = Rectangle {
    x: 32,
    y: 16,
    width: 64,
    height: 32,
};

/// The marker's colours, red and blue, in turn.
pub const MARKER_COLOURS: [u32; 2] = [0x00c0_0000, 0x0000_00c0];

/// Cells of the counter are whole macroblocks, so that even a coarse picture shows them.
pub const CELL_WIDTH: u16 = 16;
pub const CELL_HEIGHT: u16 = 32;
pub const COUNTER_X: i16 = 160;
pub const COUNTER_Y: i16 = 16;
