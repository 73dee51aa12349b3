//! The encoder in use, the next one when it fails, and the way back.
//!
//! ```text
//!   works ──fails──▶ dropped, the next takes over ──a while──▶ tried in a child process
//!     ▲                     ▲                                     │ works │ fails
//!     └─────────────────────┼─────────────────────────────────────┘       │
//!                           └── a longer while, a few times, then never ──┘
//! ```

use std::time::Instant;

use anyhow::bail;
use streamspace_gpu::{
    Capabilities, Codecs, Encoder, Health, Plan, Policy, Selection, select_among,
};
use streamspace_protocol::Screen;
use streamspace_streamer_core::{Displays, PerScreen, VideoTarget};

use super::second_chances::SecondChances;
use crate::{config::Serve, media::VideoSettings};

/// A capture that fails this often without a frame in between is not started again.
const MAX_FAILURES: u32 = 5;

/// What is to be done after news of an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    /// Another encoder is chosen now.
    Switch,
}

/// Decides; the studio does.
#[derive(Debug)]
pub(super) struct Encoding {
    display: String,
    fps: u16,
    policy: Policy,
    capabilities: Capabilities,
    /// Those that every viewer decodes.
    codecs: Codecs,
    selection: Selection,
    second_chances: SecondChances,
    /// Counts the pipelines, so that late news of an old one are told apart.
    generation: u64,
    /// The running ones.
    current: PerScreen<u64>,
    failures: u32,
}

impl Encoding {
    pub(super) fn new(args: &Serve, capabilities: Capabilities) -> Self {
        Self {
            display: args.display.clone(),
            fps: args.fps,
            policy: args.encoder,
            selection: select_among(&capabilities, args.encoder, &Codecs::all()),
            capabilities,
            codecs: Codecs::all(),
            second_chances: SecondChances::default(),
            generation: 0,
            current: PerScreen::default(),
            failures: 0,
        }
    }

    /// The encoder's name and why it, for people.
    pub(super) fn describe(&self) -> (String, String) {
        let encoder = self.selection.chosen;
        let name = encoder.map_or("none".into(), |encoder| encoder.to_string());
        (name, self.selection.reason.clone())
    }

    /// What is known of the encoder, for the log.
    pub(super) fn plan(&self) -> Option<&Plan> {
        self.selection.plan.as_ref()
    }

    /// Why there is no picture at all, if there is none.
    pub(super) fn unavailable(&self) -> Option<String> {
        let none = self.selection.chosen.is_none();
        none.then(|| self.selection.reason.clone())
    }

    /// What this display's next pipeline is made of, and its number; `None` without a usable encoder.
    pub(super) fn next(
        &mut self,
        screen: Screen,
        displays: Displays,
        target: VideoTarget,
    ) -> Option<(VideoSettings, u64)> {
        let encoder = self.selection.chosen?;
        let size = displays.size(screen)?;
        self.generation += 1;
        self.current[screen] = self.generation;
        let settings = VideoSettings {
            display: self.display.clone(),
            screen,
            size,
            origin: displays.second.map(|_| displays.origin(screen)),
            encoder,
            fps: self.fps,
            target,
        };
        Some((settings, self.generation))
    }

    pub(super) fn is_current(&self, generation: u64) -> bool {
        self.current.iter().any(|&current| current == generation)
    }

    /// The running pipeline works.
    pub(super) fn made_a_frame(&mut self) {
        self.failures = 0;
    }

    /// The running pipeline has failed, by its encoder's fault or not.
    pub(super) fn failed(
        &mut self,
        by_encoder: bool,
        error: String,
        now: Instant,
    ) -> anyhow::Result<()> {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            bail!("the display cannot be captured: {error}");
        }
        if let Some(encoder) = self.selection.chosen.filter(|_| by_encoder) {
            tracing::warn!(%encoder, %error, "an encoder is dropped");
            self.second_chances.failed(encoder, now);
            self.capabilities.set(encoder, Health::Broken(error));
            self.select();
        }
        Ok(())
    }

    /// When an encoder is next to be tried again.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.second_chances.next()
    }

    /// The encoders to try again now; for each, [`tried`](Self::tried) is told how that went.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Encoder> {
        self.second_chances.due(now)
    }

    /// An encoder that had failed was tried again.
    pub(super) fn tried(&mut self, encoder: Encoder, health: Health, now: Instant) -> Next {
        if let Health::Absent | Health::Broken(_) = health {
            self.second_chances.failed(encoder, now);
        }
        self.capabilities.set(encoder, health);
        self.select()
    }

    /// These are what every viewer decodes now.
    pub(super) fn decoded(&mut self, codecs: Codecs) -> Next {
        if codecs == self.codecs {
            return Next::GoOn;
        }
        self.codecs = codecs;
        self.select()
    }

    fn select(&mut self) -> Next {
        let before = self.selection.chosen;
        self.selection = select_among(&self.capabilities, self.policy, &self.codecs);
        if self.selection.chosen == before {
            Next::GoOn
        } else {
            Next::Switch
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use streamspace_gpu::Trial;
    use streamspace_protocol::DisplaySize;

    use super::*;
    use crate::config::{Args, Command};
    use crate::room::second_chances::WAITS;

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
            .next(Screen::First, Displays::one(SIZE), TARGET)
            .map(|(settings, _)| settings.encoder)
    }

    #[test]
    fn an_encoder_that_fails_gives_way_to_the_next() {
        let mut encoding = encoding("auto", &[Encoder::Nvenc, Encoder::X264]);
        assert_eq!(next(&mut encoding), Some(Encoder::Nvenc));
        encoding
            .failed(true, "device lost".into(), Instant::now())
            .expect("another is left");
        assert_eq!(next(&mut encoding), Some(Encoder::X264));
        assert!(encoding.describe().1.contains("device lost"));
        encoding
            .failed(true, "out of memory".into(), Instant::now())
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
                .failed(false, "no display".into(), Instant::now())
                .expect("tried again");
            assert_eq!(next(&mut encoding), Some(Encoder::X264));
        }
        assert!(
            encoding
                .failed(false, "no display".into(), Instant::now())
                .is_err()
        );
    }

    #[test]
    fn failures_count_only_in_a_row() {
        let mut encoding = encoding("auto", &[Encoder::X264]);
        for _ in 0..3 * MAX_FAILURES {
            encoding
                .failed(false, "resized meanwhile".into(), Instant::now())
                .expect("frames came in between");
            encoding.made_a_frame();
        }
    }

    #[test]
    fn late_news_of_an_old_pipeline_are_told_apart() {
        let mut encoding = encoding("auto", &[Encoder::X264]);
        let (_, first) = encoding
            .next(Screen::First, Displays::one(SIZE), TARGET)
            .expect("x264");
        let (_, second) = encoding
            .next(Screen::First, Displays::one(SIZE), TARGET)
            .expect("x264");
        assert!(!encoding.is_current(first) && encoding.is_current(second));
    }

    fn works() -> Health {
        Health::Works(Trial::default())
    }

    #[test]
    fn an_encoder_that_failed_comes_back_after_a_while_if_it_works_again() {
        let mut encoding = encoding("auto", &[Encoder::Nvenc, Encoder::X264]);
        let start = Instant::now();
        assert_eq!(encoding.retry_at(), None);
        let failed = encoding.failed(true, "out of sessions".into(), start);
        failed.expect("another is left");
        assert_eq!(encoding.due(start), []);
        let later = start + WAITS[0];
        assert_eq!(encoding.retry_at(), Some(later));
        assert_eq!(encoding.due(later), [Encoder::Nvenc]);
        assert_eq!(encoding.due(later), [], "one trial at a time");
        assert_eq!(encoding.tried(Encoder::Nvenc, works(), later), Next::Switch);
        assert_eq!(next(&mut encoding), Some(Encoder::Nvenc));
    }

    #[test]
    fn an_encoder_that_fails_again_and_again_is_left_alone() {
        let mut encoding = encoding("auto", &[Encoder::Nvenc, Encoder::X264]);
        let mut now = Instant::now();
        let failed = encoding.failed(true, "device lost".into(), now);
        failed.expect("another is left");
        for wait in WAITS {
            now += wait;
            assert_eq!(encoding.due(now), [Encoder::Nvenc]);
            let broken = Health::Broken("still lost".into());
            assert_eq!(encoding.tried(Encoder::Nvenc, broken, now), Next::GoOn);
            assert_eq!(next(&mut encoding), Some(Encoder::X264));
        }
        assert_eq!(encoding.retry_at(), None);
    }

    #[test]
    fn a_way_back_that_ends_in_failure_counts_on() {
        let mut encoding = encoding("auto", &[Encoder::Nvenc, Encoder::X264]);
        let start = Instant::now();
        let failed = encoding.failed(true, "device lost".into(), start);
        failed.expect("another is left");
        encoding.due(start + WAITS[0]);
        encoding.tried(Encoder::Nvenc, works(), start);
        encoding.made_a_frame();
        let failed = encoding.failed(true, "device lost".into(), start);
        failed.expect("another is left");
        assert_eq!(encoding.retry_at(), Some(start + WAITS[1]));
    }

    #[test]
    fn a_viewer_that_decodes_h264_only_turns_the_session_to_it_and_back_when_it_leaves() {
        let mut encoding = encoding("vp8", &[Encoder::X264, Encoder::Vp8]);
        assert_eq!(next(&mut encoding), Some(Encoder::Vp8));
        assert_eq!(encoding.decoded(Codecs::from_iter([])), Next::Switch);
        assert_eq!(next(&mut encoding), Some(Encoder::X264));
        assert_eq!(encoding.decoded(Codecs::from_iter([])), Next::GoOn);
        assert_eq!(encoding.decoded(Codecs::all()), Next::Switch);
        assert_eq!(next(&mut encoding), Some(Encoder::Vp8));
    }

    #[test]
    fn one_that_is_not_preferred_comes_back_without_a_switch() {
        let mut encoding = encoding("nvenc", &[Encoder::Nvenc, Encoder::X264]);
        let now = Instant::now();
        assert_eq!(encoding.tried(Encoder::OpenH264, works(), now), Next::GoOn);
        assert_eq!(next(&mut encoding), Some(Encoder::Nvenc));
    }
}
