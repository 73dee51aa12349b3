//! The encoder in use, and the next one when it fails.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::bail;
use streamspace_gpu::{Capabilities, Encoder, EncoderTarget, Health, Policy, Selection, select};
use streamspace_protocol::DisplaySize;
use tokio::sync::mpsc;

use crate::{
    config::Serve,
    media::{
        MediaEvent,
        video::{Video, VideoSettings},
    },
};

/// A capture that fails this often in a row is not started again.
const MAX_FAILURES: u32 = 5;

pub(super) struct Encoding {
    display: String,
    fps: u16,
    policy: Policy,
    capabilities: Capabilities,
    selection: Selection,
    media: mpsc::Sender<MediaEvent>,
    video: Option<Video>,
    /// Counts the pipelines, so that late news of an old one are told apart.
    generation: u64,
    /// Numbers frames across pipelines.
    numbers: Arc<AtomicU64>,
    failures: u32,
}

impl Encoding {
    pub(super) fn new(
        args: &Serve,
        capabilities: Capabilities,
        media: mpsc::Sender<MediaEvent>,
    ) -> Self {
        Self {
            display: args.display.clone(),
            fps: args.fps,
            policy: args.encoder,
            selection: select(&capabilities, args.encoder),
            capabilities,
            media,
            video: None,
            generation: 0,
            numbers: Arc::default(),
            failures: 0,
        }
    }

    /// The encoder's name and why it, for people.
    pub(super) fn describe(&self) -> (String, String) {
        let name = self
            .selection
            .chosen
            .map_or("none".into(), |encoder| encoder.to_string());
        (name, self.selection.reason.clone())
    }

    /// Starts, if it does not run already.
    pub(super) fn run(&mut self, size: DisplaySize, bitrate_bps: u32) -> anyhow::Result<()> {
        while self.video.is_none() {
            let Some(encoder) = self.selection.chosen else {
                bail!("{}", self.selection.reason);
            };
            self.generation += 1;
            let settings = VideoSettings {
                display: self.display.clone(),
                size,
                encoder,
                target: EncoderTarget {
                    bitrate_bps,
                    fps: self.fps,
                },
            };
            let (numbers, media) = (self.numbers.clone(), self.media.clone());
            match Video::start(&settings, self.generation, numbers, media) {
                Ok(video) => self.video = Some(video),
                Err(error) => self.demote(encoder, error.to_string()),
            }
        }
        Ok(())
    }

    pub(super) fn stop(&mut self) {
        self.video = None;
        self.failures = 0;
    }

    /// Captures the new size, if anything is captured at all.
    pub(super) fn resize(&mut self, size: DisplaySize, bitrate_bps: u32) -> anyhow::Result<()> {
        if self.video.take().is_none() {
            return Ok(());
        }
        self.run(size, bitrate_bps)
    }

    pub(super) fn is_current(&self, generation: u64) -> bool {
        self.video.is_some() && generation == self.generation
    }

    /// The running pipeline has failed, by its encoder's fault or not.
    pub(super) fn failed(&mut self, by_encoder: bool, error: String) -> anyhow::Result<()> {
        self.video = None;
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            bail!("the display cannot be captured: {error}");
        }
        if let Some(encoder) = self.selection.chosen.filter(|_| by_encoder) {
            self.demote(encoder, error);
        }
        Ok(())
    }

    fn demote(&mut self, encoder: Encoder, error: String) {
        tracing::warn!(%encoder, %error, "an encoder is dropped");
        self.capabilities.set(encoder, Health::Broken(error));
        self.selection = select(&self.capabilities, self.policy);
    }

    pub(super) fn force_keyframe(&self) {
        if let Some(video) = &self.video {
            video.force_keyframe();
        }
    }

    pub(super) fn set_bitrate(&self, bps: u32) {
        if let Some(video) = &self.video {
            video.set_bitrate(bps);
        }
    }
}
