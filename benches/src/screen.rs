//! A window over the whole screen with a back picture, so that each picture appears as a whole.

use anyhow::Context;
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        ConnectionExt, CreateGCAux, CreateWindowAux, EventMask, Gcontext, ImageFormat, InputFocus,
        Pixmap, Rectangle, Window, WindowClass,
    },
    rust_connection::RustConnection,
};

use crate::{counter, layout};

const BLACK: u32 = 0;
const WHITE: u32 = 0x00ff_ffff;
/// Every X server has this font built in.
const FONT: &[u8] = b"fixed";
/// Bytes of a picture that are sent in one request: under every server's limit.
const UPLOAD_BYTES: usize = 128 * 1024;

/// The window, and the connection that it is drawn through.
pub struct Screen {
    pub connection: RustConnection,
    pub width: u16,
    pub height: u16,
    window: Window,
    back: Pixmap,
    context: Gcontext,
    depth: u8,
}

/// Where a part of a picture is copied from and to.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub from: (i16, i16),
    pub to: (i16, i16),
    pub size: (u16, u16),
}

impl Screen {
    /// Opens the window on the display that `DISPLAY` names.
    ///
    /// # Errors
    /// If there is no such display.
    pub fn open() -> anyhow::Result<Self> {
        let (connection, screen) = x11rb::connect(None).context("there is no display")?;
        let root = &connection.setup().roots[screen];
        let (width, height) = (root.width_in_pixels, root.height_in_pixels);
        let (depth, root) = (root.root_depth, root.root);
        let window = connection.generate_id()?;
        let aux = CreateWindowAux::new()
            .event_mask(EventMask::BUTTON_PRESS | EventMask::KEY_PRESS | EventMask::EXPOSURE)
            .override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(0, window, root, 0, 0, width, height, 0, class, 0, &aux)?;
        let back = connection.generate_id()?;
        connection.create_pixmap(depth, back, root, width, height)?;
        let font = connection.generate_id()?;
        connection.open_font(font, FONT)?;
        let context = connection.generate_id()?;
        let aux = CreateGCAux::new().font(font).graphics_exposures(0);
        connection.create_gc(context, back, &aux)?;
        connection.map_window(window)?;
        connection.set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)?;
        let screen = Self {
            connection,
            width,
            height,
            window,
            back,
            context,
            depth,
        };
        Ok(screen)
    }

    /// What [`present`](Self::present) changes.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// A picture beside the window, to copy from.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn picture(&self, width: u16, height: u16) -> anyhow::Result<Pixmap> {
        let picture = self.connection.generate_id()?;
        let connection = &self.connection;
        connection.create_pixmap(self.depth, picture, self.window, width, height)?;
        Ok(picture)
    }

    /// Fills a part of the back picture.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn fill(&self, colour: u32, parts: &[Rectangle]) -> anyhow::Result<()> {
        self.fill_in(self.back, colour, parts)
    }

    /// Fills a part of another picture.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn fill_in(&self, picture: Pixmap, colour: u32, parts: &[Rectangle]) -> anyhow::Result<()> {
        self.colours(colour, WHITE)?;
        self.connection
            .poly_fill_rectangle(picture, self.context, parts)?;
        Ok(())
    }

    /// Writes black text on white into a picture; `y` is the baseline.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn text_in(&self, picture: Pixmap, x: i16, y: i16, text: &[u8]) -> anyhow::Result<()> {
        self.colours(BLACK, WHITE)?;
        self.connection
            .image_text8(picture, self.context, x, y, text)?;
        Ok(())
    }

    /// Writes black text on white into the back picture; `y` is the baseline.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn text(&self, x: i16, y: i16, text: &[u8]) -> anyhow::Result<()> {
        self.text_in(self.back, x, y, text)
    }

    /// Copies a part of a picture into the back picture.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn copy(&self, picture: Pixmap, part: Part) -> anyhow::Result<()> {
        self.copy_between(picture, self.back, part)
    }

    /// Sends rows of pixels (blue, green, red, unused) into a picture that is `width` wide.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn upload(&self, picture: Pixmap, width: u16, pixels: &[u8]) -> anyhow::Result<()> {
        let row = usize::from(width) * 4;
        let rows_at_once = (UPLOAD_BYTES / row).max(1);
        let mut y = 0;
        for block in pixels.chunks(rows_at_once * row) {
            let rows = u16::try_from(block.len() / row)?;
            self.connection.put_image(
                ImageFormat::Z_PIXMAP,
                picture,
                self.context,
                width,
                rows,
                0,
                y,
                0,
                self.depth,
                block,
            )?;
            y += i16::try_from(rows)?;
        }
        Ok(())
    }

    /// Draws a picture's number into the back picture.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn number(&self, number: u16) -> anyhow::Result<()> {
        let cells = counter::encode(number);
        let mut x = layout::COUNTER_X;
        let (mut white, mut black) = (Vec::new(), Vec::new());
        for cell in cells {
            let part = Rectangle {
                x,
                y: layout::COUNTER_Y,
                width: layout::CELL_WIDTH,
                height: layout::CELL_HEIGHT,
            };
            if cell { &mut white } else { &mut black }.push(part);
            x += i16::try_from(layout::CELL_WIDTH)?;
        }
        self.fill(WHITE, &white)?;
        self.fill(BLACK, &black)
    }

    /// Shows the whole back picture: one change for whoever follows the screen's damage.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn present(&self) -> anyhow::Result<()> {
        self.present_part(Rectangle {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        })
    }

    /// Shows a part of the back picture.
    ///
    /// # Errors
    /// If the display is gone.
    pub fn present_part(&self, part: Rectangle) -> anyhow::Result<()> {
        let part = Part {
            from: (part.x, part.y),
            to: (part.x, part.y),
            size: (part.width, part.height),
        };
        self.copy_between(self.back, self.window, part)?;
        self.connection.flush()?;
        Ok(())
    }

    fn copy_between(&self, from: u32, to: u32, part: Part) -> anyhow::Result<()> {
        let ((x, y), (to_x, to_y), (width, height)) = (part.from, part.to, part.size);
        self.connection
            .copy_area(from, to, self.context, x, y, to_x, to_y, width, height)?;
        Ok(())
    }

    fn colours(&self, foreground: u32, background: u32) -> anyhow::Result<()> {
        use x11rb::protocol::xproto::ChangeGCAux;
        let aux = ChangeGCAux::new()
            .foreground(foreground)
            .background(background);
        self.connection.change_gc(self.context, &aux)?;
        Ok(())
    }
}
