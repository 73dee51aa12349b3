//! The encoder in use, and the next one when it fails.

use anyhow::bail;
use streamspace_gpu::{Capabilities, Health, Policy, Selection, select};
use streamspace_protocol::DisplaySize;
use streamspace_streamer_core::VideoTarget;

use crate::{config::Serve, media::VideoSettings};

/// A capture that fails this often without a frame in between is not started again.
const MAX_FAILURES: u32 = 5;

/// Decides; the studio does.
#[derive(Debug)]
pub(super) struct Encoding {
    display: String,
    fps: u16,
    policy: Policy,
    capabilities: Capabilities,
    selection: Selection,
    /// Counts the pipelines, so that late news of an old one are told apart.
    generation: u64,
    failures: u32,
}

impl Encoding {
    pub(super) fn new(args: &Serve, capabilities: Capabilities) -> Self {
        Self {
            display: args.display.clone(),
            fps: args.fps,
            policy: args.encoder,
            selection: select(&capabilities, args.encoder),
            capabilities,
            generation: 0,
            failures: 0,
        }
    }

    /// The encoder's name and why it, for people.
    pub(super) fn describe(&self) -> (String, String) {
        let encoder = self.selection.chosen;
        let name = encoder.map_or("none".into(), |encoder| encoder.to_string());
        (name, self.selection.reason.clone())
    }

    /// Why there is no picture at all, if there is none.
    pub(super) fn unavailable(&self) -> Option<String> {
        let none = self.selection.chosen.is_none();
        none.then(|| self.selection.reason.clone())
    }

    /// What the next pipeline is made of, and its number; `None` without a usable encoder.
    pub(super) fn next(
        &mut self,
        size: DisplaySize,
        target: VideoTarget,
    ) -> Option<(VideoSettings, u64)> {
        let encoder = self.selection.chosen?;
        self.generation += 1;
        let settings = VideoSettings {
            display: self.display.clone(),
            size,
            encoder,
            fps: self.fps,
            target,
        };
        Some((settings, self.generation))
    }

    pub(super) fn is_current(&self, generation: u64) -> bool {
        generation == self.generation
    }

    /// The running pipeline works.
    pub(super) fn made_a_frame(&mut self) {
        self.failures = 0;
    }

    /// The running pipeline has failed, by its encoder's fault or not.
    pub(super) fn failed(&mut self, by_encoder: bool, error: String) -> anyhow::Result<()> {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            bail!("the display cannot be captured: {error}");
        }
        if let Some(encoder) = self.selection.chosen.filter(|_| by_encoder) {
            tracing::warn!(%encoder, %error, "an encoder is dropped");
            self.capabilities.set(encoder, Health::Broken(error));
            self.selection = select(&self.capabilities, self.policy);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use streamspace_gpu::{Encoder, Trial};

    use super::*;
    use crate::config::{Args, Command};

    const SIZE: DisplaySize = DisplaySize {
        width: 640,
        height: 480,
    };

    const TARGET: VideoTarget = VideoTarget {
        bitrate_bps: 1_000_000,
        fps: 60,
        downscale: 1,
    };

    fn encoding(encoder: &str, working: &[Encoder]) -> Encoding {
        let words = [
            "streamspace-streamer",
            "serve",
            "--display",
            ":1",
            "--xauthority",
            "x",
            "--listen",
            "l",
            "--key-file",
            "k",
            "--ice",
            "i",
            "--encoder",
            encoder,
        ];
        let Command::Serve(args) = Args::parse_from(words).command else {
            panic!("the words say serve");
        };
        let works = |&encoder: &Encoder| (encoder, Health::Works(Trial::default()));
        Encoding::new(&args, working.iter().map(works).collect())
    }

    fn next(encoding: &mut Encoding) -> Option<Encoder> {
        encoding
            .next(SIZE, TARGET)
            .map(|(settings, _)| settings.encoder)
    }

    #[test]
    fn an_encoder_that_fails_gives_way_to_the_next() {
        let mut encoding = encoding("auto", &[Encoder::Nvenc, Encoder::X264]);
        assert_eq!(next(&mut encoding), Some(Encoder::Nvenc));
        encoding
            .failed(true, "device lost".into())
            .expect("another is left");
        assert_eq!(next(&mut encoding), Some(Encoder::X264));
        assert!(encoding.describe().1.contains("device lost"));
        encoding
            .failed(true, "out of memory".into())
            .expect("not too many");
        assert_eq!(next(&mut encoding), None);
        assert!(
            encoding
                .unavailable()
                .is_some_and(|reason| reason.contains("out of memory"))
        );
    }

    #[test]
    fn a_fault_of_something_else_does_not_blame_the_encoder() {
        let mut encoding = encoding("auto", &[Encoder::X264]);
        for _ in 1..MAX_FAILURES {
            encoding
                .failed(false, "no display".into())
                .expect("tried again");
            assert_eq!(next(&mut encoding), Some(Encoder::X264));
        }
        assert!(encoding.failed(false, "no display".into()).is_err());
    }

    #[test]
    fn failures_count_only_in_a_row() {
        let mut encoding = encoding("auto", &[Encoder::X264]);
        for _ in 0..3 * MAX_FAILURES {
            encoding
                .failed(false, "resized meanwhile".into())
                .expect("frames came in between");
            encoding.made_a_frame();
        }
    }

    #[test]
    fn late_news_of_an_old_pipeline_are_told_apart() {
        let mut encoding = encoding("auto", &[Encoder::X264]);
        let (_, first) = encoding.next(SIZE, TARGET).expect("x264");
        let (_, second) = encoding.next(SIZE, TARGET).expect("x264");
        assert!(!encoding.is_current(first) && encoding.is_current(second));
    }
}
