//! The sound server.

use std::{path::Path, time::Duration};

use tokio::{
    net::UnixStream,
    time::{sleep, timeout},
};

use super::child::{Launcher, Output, Part};
use crate::{
    order::{Order, file},
    program::find_program,
};

const START_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(10);

/// Name of the sink that programs play to; the streamer records its monitor.
const SINK: &str = "session";
/// Name of the sink that viewers' microphones are played to, and of the source that programs record.
const MICROPHONE_SINK: &str = "microphone_input";
const MICROPHONE: &str = "microphone";

#[derive(Debug)]
pub(super) struct Sound {
    part: Part,
    server: String,
}

impl Sound {
    /// Starts PulseAudio with one sink that nobody hears but the streamer.
    ///
    /// # Errors
    /// Words for a person. The session can do without.
    pub(super) async fn start(order: &Order, launcher: &Launcher) -> Result<Self, String> {
        let path = order
            .environment
            .get("PATH")
            .map_or("/usr/bin", String::as_str);
        let program = find_program("pulseaudio", path, Path::new("/")).ok_or(
            "pulseaudio is not on the server's PATH; install it with: sudo apt install pulseaudio",
        )?;
        let socket = order.pulse_socket();
        let mut environment = order.environment.clone();
        // Its state belongs to the session, not to the person who runs the server.
        let home = order.file(file::PARTS_HOME).display().to_string();
        for name in ["HOME", "PULSE_STATE_PATH", "PULSE_RUNTIME_PATH"] {
            environment.insert(name.into(), home.clone());
        }
        let mut part = launcher
            .start(
                &program,
                &arguments(&socket),
                &environment,
                &order.folder,
                Output::Logged,
            )
            .map_err(|error| format!("pulseaudio cannot be started: {error}"))?;
        let outcome = tokio::select! {
            started = timeout(START_LIMIT, connects(&socket)) => started.map_err(|_| {
                format!("it did not come up within {} s", START_LIMIT.as_secs())
            }),
            status = part.ended() => Err(status.to_string()),
        };
        if let Err(reason) = outcome {
            let words = part.tail.last_words().await;
            return Err(format!("pulseaudio did not start: {reason}; {words}"));
        }
        Ok(Self {
            part,
            server: format!("unix:{}", socket.display()),
        })
    }

    /// As in `PULSE_SERVER`.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// The source to record.
    pub(super) fn source() -> String {
        format!("{SINK}.monitor")
    }

    /// The sink that viewers' microphones go to.
    pub(super) fn microphone_sink() -> &'static str {
        MICROPHONE_SINK
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.part.pid()
    }

    /// Returns when the server has gone, with words for a person.
    pub(super) async fn failed(&mut self) -> String {
        let status = self.part.ended().await;
        format!("pulseaudio ended ({status}); a new session has sound again")
    }
}

async fn connects(socket: &Path) {
    while UnixStream::connect(socket).await.is_err() {
        sleep(POLL).await;
    }
}

/// No cookie: whoever can enter the socket's folder may play and listen. No shared memory, which a
/// killed server would leave in `/dev/shm`.
///
/// While nobody plays the sink is suspended, and nothing wakes; the streamer's recording neither
/// prevents that nor has to be started again. Without rewinds the sink takes at most 50 ms ahead of
/// time from a program with a large buffer, not 2 s, for which a viewer that joins would hear nothing.
fn arguments(socket: &Path) -> Vec<String> {
    [
        "-n",
        "--daemonize=no",
        "--use-pid-file=no",
        "--exit-idle-time=-1",
        "--disallow-exit",
        "--disallow-module-loading",
        "--disable-shm=yes",
        "--log-target=stderr",
        "--log-level=warning",
        "-L",
        // Opus works at 48 kHz, so nothing is resampled on the way.
        &format!("module-null-sink sink_name={SINK} rate=48000 channels=2 norewinds=1"),
        "-L",
        &format!("module-null-sink sink_name={MICROPHONE_SINK} rate=48000 channels=1 norewinds=1"),
        "-L",
        // A monitor is no microphone to programs that look for one.
        &format!(
            "module-remap-source source_name={MICROPHONE} master={MICROPHONE_SINK}.monitor \
             source_properties=device.description=Microphone"
        ),
        "-L",
        // Seconds.
        "module-suspend-on-idle timeout=1",
        "-L",
        &format!(
            "module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket={}",
            socket.display()
        ),
    ]
    .map(str::to_owned)
    .into()
}
