//! The thread that owns the pipelines.
//!
//! Starting and stopping them waits for the X server, the sound server and drivers, any of which may
//! hang; the room, which serves every viewer, never does.

use std::{
    sync::{
        Arc,
        atomic::AtomicU64,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use streamspace_protocol::Screen;
use streamspace_streamer_core::{Capture, PerScreen, VideoTarget};

use super::{
    MediaError, MediaFailure, MediaSenders,
    audio::{Audio, AudioSettings},
    video::{Video, VideoSettings},
};

/// How long a pipeline is waited for that stops...
const STOP: Duration = Duration::from_secs(2);
/// ...and one that has failed, in which something may hang for good.
const STOP_AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Commands that wait; more means that something hangs for good.
const QUEUE: usize = 256;

/// The room's end. The thread ends with the process: it may be hanging, and nothing waits for it.
#[derive(Debug)]
pub(crate) struct Studio(SyncSender<Command>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("capture or encoder has not reacted for a while")]
pub(crate) struct StudioHangs;

#[derive(Debug)]
enum Command {
    StartVideo(VideoSettings, u64),
    StopVideo(Screen),
    StartAudio(AudioSettings, u64),
    StopAudio,
    SetVideo(Screen, VideoTarget),
    SetCapture(Screen, Capture),
    ForceKeyframe(Screen),
}

impl Studio {
    pub(crate) fn open(senders: MediaSenders) -> Self {
        let (commands, queue) = sync_channel(QUEUE);
        let mut worker = Worker {
            senders,
            numbers: PerScreen::default(),
            videos: PerScreen::default(),
            audio: None,
        };
        thread::Builder::new()
            .name("studio".into())
            .spawn(move || worker.run(&queue))
            .expect("a machine that runs a desktop has room for one more thread");
        Self(commands)
    }

    /// Captures with these settings in place of any before; failures name the generation.
    pub(crate) fn start_video(
        &self,
        settings: VideoSettings,
        generation: u64,
    ) -> Result<(), StudioHangs> {
        self.send(Command::StartVideo(settings, generation))
    }

    pub(crate) fn stop_video(&self, screen: Screen) -> Result<(), StudioHangs> {
        self.send(Command::StopVideo(screen))
    }

    pub(crate) fn start_audio(
        &self,
        settings: AudioSettings,
        generation: u64,
    ) -> Result<(), StudioHangs> {
        self.send(Command::StartAudio(settings, generation))
    }

    pub(crate) fn stop_audio(&self) -> Result<(), StudioHangs> {
        self.send(Command::StopAudio)
    }

    pub(crate) fn set_video(&self, screen: Screen, target: VideoTarget) -> Result<(), StudioHangs> {
        self.send(Command::SetVideo(screen, target))
    }

    pub(crate) fn set_capture(&self, screen: Screen, capture: Capture) -> Result<(), StudioHangs> {
        self.send(Command::SetCapture(screen, capture))
    }

    pub(crate) fn force_keyframe(&self, screen: Screen) -> Result<(), StudioHangs> {
        self.send(Command::ForceKeyframe(screen))
    }

    fn send(&self, command: Command) -> Result<(), StudioHangs> {
        self.0.try_send(command).map_err(|_| StudioHangs)
    }
}

struct Worker {
    senders: MediaSenders,
    /// Numbers frames across pipelines.
    numbers: PerScreen<Arc<AtomicU64>>,
    videos: PerScreen<Option<Video>>,
    audio: Option<Audio>,
}

impl Worker {
    fn run(&mut self, commands: &Receiver<Command>) {
        for command in commands {
            match command {
                Command::StartVideo(settings, generation) => {
                    self.start_video(&settings, generation);
                }
                Command::StopVideo(screen) => self.stop_video(screen),
                Command::StartAudio(settings, generation) => {
                    self.audio = None;
                    self.start_audio(&settings, generation);
                }
                Command::StopAudio => self.audio = None,
                Command::SetVideo(screen, target) => {
                    if let Some(video) = &self.videos[screen] {
                        video.set_target(target);
                    }
                }
                Command::SetCapture(screen, capture) => {
                    if let Some(video) = &self.videos[screen] {
                        video.set_capture(capture);
                    }
                }
                Command::ForceKeyframe(screen) => {
                    if let Some(video) = &self.videos[screen] {
                        video.force_keyframe();
                    }
                }
            }
        }
    }

    fn start_video(&mut self, settings: &VideoSettings, generation: u64) {
        let screen = settings.screen;
        if let Some(video) = &mut self.videos[screen]
            && video.adopt(settings, generation)
        {
            return;
        }
        // The old one first: an encoder may allow only one session.
        self.stop_video(screen);
        let numbers = self.numbers[screen].clone();
        match Video::start(settings, generation, numbers, &self.senders) {
            Ok(video) => self.videos[screen] = Some(video),
            // The pipeline has said why.
            Err(MediaError::StartReported) => {}
            Err(error) => {
                let (encoder, error) = (error.is_of_encoder(), error.to_string());
                self.senders.fail(MediaFailure::Video {
                    generation,
                    encoder,
                    error,
                });
            }
        }
    }

    /// On a thread of its own, which is left behind if it does not get on: elements that hang can
    /// neither be stopped nor thrown away.
    fn stop_video(&mut self, screen: Screen) {
        let Some(video) = self.videos[screen].take() else {
            return;
        };
        video.end();
        let patience = if video.has_failed() {
            STOP_AFTER_FAILURE
        } else {
            STOP
        };
        let (stopped, stops) = sync_channel(1);
        thread::Builder::new()
            .name("stopping".into())
            .spawn(move || {
                drop(video);
                // The studio may have gone on.
                let _ = stopped.send(());
            })
            .expect("a machine that runs a desktop has room for one more thread");
        if stops.recv_timeout(patience).is_err() {
            tracing::warn!("a video pipeline hangs, and is left behind");
        }
    }

    fn start_audio(&mut self, settings: &AudioSettings, generation: u64) {
        match Audio::start(settings, generation, &self.senders) {
            Ok(audio) => self.audio = Some(audio),
            Err(error) => {
                let error = error.to_string();
                self.senders.fail(MediaFailure::Audio { generation, error });
            }
        }
    }
}
