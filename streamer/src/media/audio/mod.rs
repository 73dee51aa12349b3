//! The session's sound, recorded from its sound server and encoded while there is any.
//!
//! ```text
//! PulseAudio ─▶ recording ─▶ slices of 10 ms ─▶ silent? ─ no ─▶ encoder ─▶ one packet a slice
//!    └─ nobody plays: the server itself stops, and nothing here wakes
//! ```
//!
//! Two things keep silence cheap. While no program plays, the server suspends its sink, and the
//! recording, which does not hold it awake, hears nothing until a program plays again; so no sound
//! waits for a recorder to start. And while a program plays silence, slices end before the encoder,
//! and come in larger fragments.

mod encoder;
mod listener;
mod recording;
mod silence;
mod slices;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{MediaError, MediaFailure, MediaSenders};
use listener::Listener;
use recording::{Recording, RecordingError};

/// What to record.
#[derive(Debug, Clone)]
pub(crate) struct AudioSettings {
    /// The sound server's socket, such as `unix:/run/user/1000/pulse`.
    pub(crate) server: String,
    /// Such as `session.monitor`.
    pub(crate) source: String,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum AudioError {
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error("the sound's encoder does not start: {0}")]
    EncoderStart(#[from] MediaError),
    #[error("the sound's encoder takes no more")]
    EncoderEnded,
    #[error("there is no thread for the sound: {0}")]
    Thread(#[source] io::Error),
}

/// A running recorder and encoder; dropping it stops both.
#[derive(Debug)]
pub(super) struct Audio {
    /// The recording's; shutting it down ends the thread.
    socket: UnixStream,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Audio {
    /// Connects to the sound server, and records until it is dropped or fails; a failure is sent.
    pub(super) fn start(
        AudioSettings { server, source }: &AudioSettings,
        generation: u64,
        senders: &MediaSenders,
    ) -> Result<Self, AudioError> {
        let recording = Recording::connect(server, source)?;
        let socket = recording.socket()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (stops, failed) = (stopped.clone(), senders.clone());
        let mut listener = Listener::new(recording, generation, senders.clone());
        let thread = thread::Builder::new()
            .name("sound".into())
            .spawn(move || {
                let Err(error) = listener.listen();
                if !stops.load(Ordering::Acquire) {
                    let error = error.to_string();
                    failed.fail(MediaFailure::Audio { generation, error });
                }
            })
            .map_err(AudioError::Thread)?;
        Ok(Self {
            socket,
            stopped,
            thread: Some(thread),
        })
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        if let Err(error) = self.socket.shutdown(Shutdown::Both) {
            tracing::debug!(%error, "the sound server has gone already");
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the sound's thread panicked");
        }
    }
}
