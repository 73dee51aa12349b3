//! The X server: input into it, news out of it.
//!
//! Two threads share one connection: one carries out commands, so that an X server that hangs never
//! blocks the room, and one waits for events. Both end when the connection does.

mod clipboard;
mod cursor;
mod dpi;
mod events;
mod input;
mod monitors;
mod resize;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc as std_mpsc,
    },
    thread,
};

use streamspace_protocol::{ClipboardPolicy, DisplaySize};
use streamspace_streamer_core::{ClipboardContent, Displays, Keymap, Output, XEvent};
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

/// Commands that wait for the X server; more means that it hangs, which is [`Stalled`].
const COMMAND_QUEUE: usize = 4096;
/// While more commands than this wait, pointer moves are dropped: a program that grabs the server for
/// a while would find thousands of them when it lets go, and nobody misses one.
const MOVE_QUEUE: usize = 64;
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
    #[error("the X server did not set the output's mode: {0:?}")]
    NotSet(randr::SetConfig),
}

/// The command does not fit into the queue any more.
///
/// To drop it could leave a key down for ever. A streamer that starts anew lets go of everything
/// ([`XServer::connect`]), so the room ends with this error.
#[derive(Debug, thiserror::Error)]
#[error("the X server has not taken input for a while")]
pub(crate) struct Stalled;

/// What the room asks of the X server.
#[derive(Debug)]
enum Command {
    /// What follows from one event, so that a whole text is one command.
    Input(Vec<Output>),
    SetDpi(u16),
    Arrange(Displays),
    SetClipboard(ClipboardContent),
}

/// The X server as the room sees it.
#[derive(Debug)]
pub(crate) struct XServer {
    commands: std_mpsc::SyncSender<Command>,
    /// How many commands wait.
    waiting: Arc<AtomicUsize>,
    pub(crate) display: DisplaySize,
    pub(crate) keymap: Keymap,
}

/// What both threads work with.
#[derive(Debug)]
struct Shared {
    connection: RustConnection,
    root: Window,
    clipboard: Clipboard,
    binds: Binds,
    monitors: monitors::Names,
    /// Locked while the displays are arranged, and while they are asked for.
    arranging: Mutex<()>,
}

/// How many `BindKey`s were sent to the X server.
///
/// Locked while one is sent, and while the mapping is asked for: so each answer is known to show
/// this many.
type Binds = Mutex<u64>;

impl XServer {
    /// Connects, lets go of whatever a former streamer left held, and starts telling news. The
    /// receiver ends when the X server is gone.
    pub(crate) fn connect(
        display: &str,
        policy: ClipboardPolicy,
    ) -> Result<(Self, mpsc::Receiver<XEvent>), XError> {
        let (connection, screen) =
            x11rb::connect(Some(display)).map_err(|source| XError::Connect {
                display: display.into(),
                source,
            })?;
        require_extensions(&connection)?;
        let root = connection.setup().roots[screen].root;
        input::release_all(&connection, root)?;
        let monitors = monitors::Names::new(&connection)?;
        monitors::remove(&connection, root, monitors)?;
        let geometry = connection.get_geometry(root)?.reply()?;
        let binds = Binds::default();
        let keymap = events::keymap(&connection, &binds)?;
        let clipboard = Clipboard::new(&connection, root, policy)?;
        events::subscribe(&connection, root)?;
        let shared = Arc::new(Shared {
            connection,
            root,
            clipboard,
            binds,
            monitors,
            arranging: Mutex::default(),
        });

        let (commands, command_queue) = std_mpsc::sync_channel(COMMAND_QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let (event_sender, events) = mpsc::channel(EVENT_QUEUE);
        spawn("x11-commands", {
            let (shared, waiting) = (shared.clone(), waiting.clone());
            move || run_commands(&shared, &command_queue, &waiting)
        });
        spawn("x11-events", move || events::run(&shared, &event_sender));

        let display = DisplaySize {
            width: geometry.width,
            height: geometry.height,
        };
        Ok((
            Self {
                commands,
                waiting,
                display,
                keymap,
            },
            events,
        ))
    }

    /// Presses, lets go, moves, binds, and sets who repeats keys, in this order.
    pub(crate) fn input(&self, outputs: Vec<Output>) -> Result<(), Stalled> {
        let is_move = |output: &Output| {
            matches!(
                output,
                Output::MovePointer { .. } | Output::MovePointerBy { .. }
            )
        };
        let may_be_dropped = outputs.iter().all(is_move);
        let is_late = self.waiting.load(Ordering::Relaxed) > MOVE_QUEUE;
        if outputs.is_empty() || (may_be_dropped && is_late) {
            return Ok(());
        }
        self.send(Command::Input(outputs))
    }

    /// Programs that start from now on make their letters for so many dots an inch.
    pub(crate) fn set_dpi(&self, dpi: u16) -> Result<(), Stalled> {
        self.send(Command::SetDpi(dpi))
    }

    pub(crate) fn arrange(&self, displays: Displays) -> Result<(), Stalled> {
        self.send(Command::Arrange(displays))
    }

    /// Offers what a browser copied to the programs of the session.
    pub(crate) fn set_clipboard(&self, content: ClipboardContent) -> Result<(), Stalled> {
        self.send(Command::SetClipboard(content))
    }

    fn send(&self, command: Command) -> Result<(), Stalled> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        match self.commands.try_send(command) {
            Ok(()) => Ok(()),
            // The connection broke; the receiver of the news ends too, and says so.
            Err(std_mpsc::TrySendError::Disconnected(_)) => Ok(()),
            Err(std_mpsc::TrySendError::Full(_)) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                Err(Stalled)
            }
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
    randr::query_version(connection, 1, 5)?
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

fn run_commands(shared: &Shared, commands: &std_mpsc::Receiver<Command>, waiting: &AtomicUsize) {
    let mut density = dpi::ORDINARY;
    for command in commands {
        waiting.fetch_sub(1, Ordering::Relaxed);
        let result = match command {
            Command::Input(outputs) => input::inject(shared, &outputs),
            Command::SetDpi(dpi) => {
                density = dpi;
                dpi::set(&shared.connection, shared.root, dpi)
            }
            Command::Arrange(displays) => monitors::arrange(shared, displays, density),
            Command::SetClipboard(content) => shared.clipboard.offer(&shared.connection, content),
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
