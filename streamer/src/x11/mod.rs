//! The X server: input into it, news out of it.
//!
//! Two threads share one connection: one carries out commands, so that an X server that hangs never
//! blocks the room, and one waits for events. Both end when the connection does.

mod clipboard;
mod cursor;
mod events;
mod input;
mod resize;

use std::{
    sync::{Arc, mpsc as std_mpsc},
    thread,
};

use streamspace_protocol::{DisplaySize, Secret};
use streamspace_streamer_core::{Keymap, Output, XEvent};
use tokio::sync::mpsc;
use x11rb::{
    connection::Connection,
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        randr,
        xfixes::ConnectionExt as _,
        xproto::{ConnectionExt as _, Window},
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use self::clipboard::Clipboard;

/// Commands that wait for the X server; more means that it hangs, and further ones are dropped.
const COMMAND_QUEUE: usize = 4096;
/// News that wait for the room.
const EVENT_QUEUE: usize = 64;

#[derive(Debug, thiserror::Error)]
pub(crate) enum XError {
    #[error("the display {display} cannot be reached: {source}")]
    Connect {
        display: String,
        source: ConnectError,
    },
    #[error("the X server lacks the extension {0}")]
    NoExtension(&'static str),
    #[error("the connection to the X server broke: {0}")]
    Connection(#[from] ConnectionError),
    #[error("the X server refused a request: {0}")]
    Reply(#[from] ReplyError),
    #[error("the X server refused a request: {0}")]
    Id(#[from] ReplyOrIdError),
    #[error("the X server has no output that could be resized")]
    NoOutput,
}

/// What the room asks of the X server.
#[derive(Debug)]
enum Command {
    Input(Output),
    Resize(DisplaySize),
    SetClipboard(Secret),
}

/// The X server as the room sees it.
#[derive(Debug)]
pub(crate) struct XServer {
    commands: std_mpsc::SyncSender<Command>,
    pub(crate) display: DisplaySize,
    pub(crate) keymap: Keymap,
}

/// What both threads work with.
#[derive(Debug)]
struct Shared {
    connection: RustConnection,
    root: Window,
    clipboard: Clipboard,
}

impl XServer {
    /// Connects, and starts telling news. The receiver ends when the X server is gone.
    pub(crate) fn connect(display: &str) -> Result<(Self, mpsc::Receiver<XEvent>), XError> {
        let (connection, screen) =
            x11rb::connect(Some(display)).map_err(|source| XError::Connect {
                display: display.into(),
                source,
            })?;
        require_extensions(&connection)?;
        let root = connection.setup().roots[screen].root;
        let geometry = connection.get_geometry(root)?.reply()?;
        let keymap = events::keymap(&connection)?;
        let clipboard = Clipboard::new(&connection, root)?;
        events::subscribe(&connection, root)?;
        let shared = Arc::new(Shared {
            connection,
            root,
            clipboard,
        });

        let (commands, command_queue) = std_mpsc::sync_channel(COMMAND_QUEUE);
        let (event_sender, events) = mpsc::channel(EVENT_QUEUE);
        spawn("x11-commands", {
            let shared = shared.clone();
            move || run_commands(&shared, &command_queue)
        });
        spawn("x11-events", move || events::run(&shared, &event_sender));

        let display = DisplaySize {
            width: geometry.width,
            height: geometry.height,
        };
        Ok((
            Self {
                commands,
                display,
                keymap,
            },
            events,
        ))
    }

    /// Presses, lets go, moves or binds.
    pub(crate) fn input(&self, output: Output) {
        self.send(Command::Input(output));
    }

    pub(crate) fn resize(&self, size: DisplaySize) {
        self.send(Command::Resize(size));
    }

    /// Offers a text to the programs of the session.
    pub(crate) fn set_clipboard(&self, text: Secret) {
        self.send(Command::SetClipboard(text));
    }

    fn send(&self, command: Command) {
        if let Err(std_mpsc::TrySendError::Full(_)) = self.commands.try_send(command) {
            tracing::warn!("the X server does not keep up; input is dropped");
        }
    }
}

fn require_extensions(connection: &RustConnection) -> Result<(), XError> {
    connection
        .xtest_get_version(2, 2)?
        .reply()
        .map_err(|_| XError::NoExtension("XTEST"))?;
    connection
        .xfixes_query_version(5, 0)?
        .reply()
        .map_err(|_| XError::NoExtension("XFIXES"))?;
    randr::query_version(connection, 1, 3)?
        .reply()
        .map_err(|_| XError::NoExtension("RANDR"))?;
    Ok(())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) {
    thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .expect("a machine that runs a desktop has room for one more thread");
}

fn run_commands(shared: &Shared, commands: &std_mpsc::Receiver<Command>) {
    for command in commands {
        let result = match command {
            Command::Input(output) => input::inject(shared, &output),
            Command::Resize(size) => resize::resize(&shared.connection, shared.root, size),
            Command::SetClipboard(text) => shared.clipboard.offer(&shared.connection, text),
        };
        match result {
            Ok(()) => {}
            Err(XError::Connection(error)) => {
                tracing::debug!(%error, "no more commands for the X server");
                return;
            }
            Err(error) => tracing::warn!(%error, "the X server did not do as asked"),
        }
    }
}
