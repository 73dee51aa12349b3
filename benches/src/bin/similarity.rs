//! Compares a received picture with what the X server shows, below the strip of marker and counter,
//! and prints their structural similarity.

use std::io::{Read, Write, stdin, stdout};

use anyhow::{Context, ensure};
use clap::Parser;
use streamspace_benches::{
    layout::STRIP_HEIGHT,
    ssim::{Luma, Order, similarity},
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{ConnectionExt, ImageFormat},
};

/// The received picture comes on standard input: red, green, blue and another byte for each pixel.
#[derive(Debug, Parser)]
struct Args {
    /// Pixels of a row.
    #[arg(long)]
    width: u16,
}

fn main() -> anyhow::Result<()> {
    let width = usize::from(Args::parse().width);
    let mut received = Vec::new();
    stdin().read_to_end(&mut received)?;
    let top = usize::from(STRIP_HEIGHT);
    let received = Luma::new(&received, width, Order::RedFirst, top)
        .context("the received picture is not of this width")?;
    let (screen_width, shown) = screen()?;
    ensure!(
        screen_width == width,
        "the screen is {screen_width} pixels wide"
    );
    let original =
        Luma::new(&shown, width, Order::BlueFirst, top).context("the screen is empty")?;
    let value = similarity(&received, &original).context("the pictures differ in size")?;
    writeln!(stdout(), "{value:.5}")?;
    Ok(())
}

/// The whole screen: its width and its pixels.
fn screen() -> anyhow::Result<(usize, Vec<u8>)> {
    let (connection, screen) = x11rb::connect(None).context("there is no display")?;
    let root = &connection.setup().roots[screen];
    let (width, height) = (root.width_in_pixels, root.height_in_pixels);
    let format = ImageFormat::Z_PIXMAP;
    let image = connection.get_image(format, root.root, 0, 0, width, height, !0)?;
    Ok((usize::from(width), image.reply()?.data))
}
