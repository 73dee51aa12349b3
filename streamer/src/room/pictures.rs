//! Pictures and sound: which encoder makes them, from when to when, and who gets them.

use std::time::{Duration, Instant};

use streamspace_gpu::{Codecs, Encoder, Health};
use streamspace_protocol::Screen;
use streamspace_streamer_core::{Encoded, Input};

use super::{Room, encoding::Next};
use crate::{
    config::Serve,
    media::{AudioSettings, MediaEvent, MediaFailure, StudioHangs},
    report::Report,
    viewer::ViewerQueues,
};

/// How long after sound has failed it is tried again.
const SOUND_RETRY: Duration = Duration::from_secs(5);

/// What to record, and the recorder's number.
pub(super) struct SoundState {
    settings: Option<AudioSettings>,
    generation: u64,
    /// When a recorder that failed is started again.
    pub(super) retry: Option<Instant>,
}

impl SoundState {
    pub(super) fn new(args: &Serve) -> Self {
        let both = args.pulse_server.clone().zip(args.pulse_source.clone());
        let settings = both.map(|(server, source)| AudioSettings { server, source });
        Self {
            settings,
            generation: 0,
            retry: None,
        }
    }
}

impl Room {
    /// The encoder makes what everybody who is here decodes.
    pub(super) fn follow_codecs(&mut self) -> Next {
        let each = self.queues.values().map(|queues| &queues.codecs);
        let codecs = each.fold(Codecs::all(), |all, codecs| all.and(codecs));
        let next = self.encoding.decoded(codecs);
        if next == Next::Switch {
            self.tell_encoder();
        }
        next
    }

    pub(super) fn is_watched(&self, screen: Screen) -> bool {
        self.queues.values().any(|queues| queues.screen == screen)
    }

    pub(super) fn start_video(&mut self, screen: Screen) -> Result<(), StudioHangs> {
        let (displays, target) = (self.session.displays(), self.session.video(screen));
        match self.encoding.next(screen, displays, target) {
            Some((settings, generation)) => self.studio.start_video(settings, generation),
            None => self.studio.stop_video(screen),
        }
    }

    /// Starts what is watched, with the encoder that is chosen now.
    pub(super) fn start_videos(&mut self) -> Result<(), StudioHangs> {
        for screen in Screen::ALL {
            if self.is_watched(screen) {
                self.start_video(screen)?;
            }
        }
        Ok(())
    }

    pub(super) fn start_sound(&mut self) -> Result<(), StudioHangs> {
        self.sound.retry = None;
        let Some(settings) = self.sound.settings.clone() else {
            return Ok(());
        };
        self.sound.generation += 1;
        self.studio.start_audio(settings, self.sound.generation)
    }

    pub(super) fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Frame(frame) => {
                self.encoding.made_a_frame();
                let (bytes, took) = (frame.data.len(), frame.stages.encode);
                let screen = frame.screen;
                self.input(Input::Encoded(screen, Encoded { bytes, took }));
                let there = |queues: &&ViewerQueues| queues.screen == screen;
                for queues in self.queues.values().filter(there) {
                    if queues.frames.try_send(frame.clone()).is_err() {
                        self.session
                            .handle(Input::FrameLeftOut(screen), Instant::now());
                    }
                }
            }
            MediaEvent::Sound(sound) => {
                for queues in self.queues.values() {
                    // A lost 10 ms is concealed by the browser.
                    drop(queues.sounds.try_send(sound.clone()));
                }
            }
        }
    }

    pub(super) fn media_failure(&mut self, failure: MediaFailure) -> anyhow::Result<()> {
        match failure {
            MediaFailure::FrameDropped(screen) => self.input(Input::FrameLost(screen)),
            MediaFailure::Audio { generation, error } => {
                if generation == self.sound.generation {
                    tracing::warn!(%error, "there is no sound; it is tried again");
                    self.sound.retry = Some(Instant::now() + SOUND_RETRY);
                }
            }
            MediaFailure::Video {
                generation,
                encoder,
                error,
            } => {
                if self.encoding.is_current(generation) && !self.queues.is_empty() {
                    self.video_failed(encoder, error)?;
                }
            }
        }
        Ok(())
    }

    fn video_failed(&mut self, encoder: bool, error: String) -> anyhow::Result<()> {
        tracing::warn!(%error, "the video pipeline failed");
        self.encoding.failed(encoder, error, Instant::now())?;
        self.tell_encoder();
        self.start_videos()?;
        Ok(())
    }

    /// One that failed before was tried again; the picture moves to it if it is better.
    pub(super) fn encoder_tried(
        &mut self,
        encoder: Encoder,
        health: Health,
    ) -> Result<(), StudioHangs> {
        tracing::info!(%encoder, ?health, "an encoder was tried again");
        match self.encoding.tried(encoder, health, Instant::now()) {
            Next::GoOn => return Ok(()),
            Next::Switch => self.tell_encoder(),
        }
        self.start_videos()
    }

    pub(super) fn tell_encoder(&mut self) {
        self.unavailable.send_replace(self.encoding.unavailable());
        let (encoder, reason) = self.encoding.describe();
        tracing::info!(%encoder, %reason, plan = ?self.encoding.plan(), "goes on with");
        Report::Encoder {
            encoder: &encoder,
            reason: &reason,
        }
        .send();
        self.input(Input::Encoder {
            name: encoder,
            reason,
        });
    }
}
