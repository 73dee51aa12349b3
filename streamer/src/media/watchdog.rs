//! Notices an encoder that takes frames and gives none, or others than it was given.

use std::{sync::Arc, thread, time::Duration};

use gstreamer as gst;
use streamspace_gpu::Encoder;

use super::{
    proof,
    traffic::{Counts, Traffic},
};

/// The pulse by which frames' waiting is counted.
const TICK: Duration = Duration::from_millis(50);

/// How many ticks a frame may be in an encoder.
///
/// Counted, not taken from a clock: on a machine that stands still for a while the watchdog counts no
/// further than the encoder comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// Until the first one is out, for which a device may have to be opened.
    first: u32,
    later: u32,
}

impl Patience {
    /// A device that is well answers within a frame's time. Software does not hang, but may have to
    /// wait long for a processor.
    pub(super) fn with(encoder: Encoder) -> Self {
        if encoder.is_hardware() {
            Self {
                first: 40,
                later: 6,
            }
        } else {
            Self {
                first: 200,
                later: 100,
            }
        }
    }
}

/// How long nothing has come out while something was in.
#[derive(Debug, Default)]
struct Silence {
    ticks: u32,
    left: u64,
}

impl Silence {
    /// Whether patience has ended, with this tick.
    fn tick(&mut self, now: &Counts, patience: Patience) -> bool {
        if now.left != self.left || !now.is_waiting() {
            *self = Self {
                ticks: 0,
                left: now.left,
            };
            return false;
        }
        self.ticks += 1;
        let most = if now.left == 0 {
            patience.first
        } else {
            patience.later
        };
        self.ticks >= most
    }
}

/// Watches until it is dropped, or has found something.
#[derive(Debug)]
pub(super) struct Watchdog(Option<Arc<Traffic>>);

impl Watchdog {
    /// Tells what is wrong with the encoder, from a thread of its own; that may be told twice.
    pub(super) fn watch(
        encoder: &gst::Element,
        kind: Encoder,
        failed: impl Fn(String) + Clone + Send + 'static,
    ) -> Self {
        // Software makes what it was given: it need not be shown.
        let keyframes = kind
            .is_hardware()
            .then(|| proof::start(kind.codec(), failed.clone()));
        let traffic = Traffic::of(encoder, keyframes.flatten());
        if let Some(traffic) = traffic.clone() {
            let patience = Patience::with(kind);
            start("watchdog", move || watch(&traffic, patience, &failed));
        }
        Self(traffic)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(traffic) = &self.0 {
            traffic.end();
        }
    }
}

fn watch(traffic: &Traffic, patience: Patience, failed: &impl Fn(String)) {
    let mut silence = Silence::default();
    while let Some(counts) = traffic.after(TICK) {
        if silence.tick(&counts, patience) {
            let waited = TICK * silence.ticks;
            let frames = counts.left;
            return failed(format!(
                "it hangs: {frames} frames came out, and none for {} ms",
                waited.as_millis()
            ));
        }
    }
}

pub(super) fn start(name: &str, work: impl FnOnce() + Send + 'static) {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .expect("a machine that runs a desktop has room for one more thread");
}

#[cfg(test)]
mod tests {
    use gstreamer::prelude::*;

    use super::*;

    const PATIENCE: Patience = Patience { first: 5, later: 2 };

    /// At each tick so many have gone in and come out; gives the tick at which patience ends.
    fn ends(counts: &[(u64, u64)]) -> Option<usize> {
        let mut silence = Silence::default();
        counts.iter().position(|&(entered, left)| {
            let counts = Counts {
                entered,
                left,
                ..Counts::default()
            };
            silence.tick(&counts, PATIENCE)
        })
    }

    #[test]
    fn an_encoder_that_gives_what_it_takes_is_left_alone_however_slow() {
        assert_eq!(
            ends(&[(1, 0), (1, 0), (2, 1), (3, 2), (4, 3), (4, 4)]),
            None
        );
        assert_eq!(ends(&[(7, 7); 100]), None, "a still picture is no failure");
    }

    #[test]
    fn one_that_gives_nothing_any_more_is_noticed() {
        assert_eq!(ends(&[(9, 8), (9, 8), (9, 8)]), Some(2));
        assert_eq!(ends(&[(9, 8), (30, 9), (31, 9), (32, 9)]), Some(3));
    }

    #[test]
    fn the_first_frame_may_take_longer() {
        assert_eq!(ends(&[(1, 0); 10]), Some(4));
    }

    /// A pipeline whose second element is the encoder.
    fn failure_of(description: &str, encoder: Encoder) -> String {
        crate::media::start().expect("GStreamer");
        let pipeline = gst::parse::launch(description).expect("it can be parsed");
        let pipeline = pipeline.downcast::<gst::Pipeline>().expect("a pipeline");
        let element = pipeline.by_name("encoder").expect("it is named");
        let (failed, failures) = std::sync::mpsc::channel();
        let watchdog = Watchdog::watch(&element, encoder, move |error| {
            // Only the first is waited for.
            let _ = failed.send(error);
        });
        pipeline.set_state(gst::State::Playing).expect("it plays");
        let failure = failures.recv_timeout(Duration::from_secs(60));
        drop(watchdog);
        // What hangs cannot be stopped; the process's end does.
        thread::spawn(move || pipeline.set_state(gst::State::Null));
        failure.expect("it is noticed")
    }

    #[test]
    fn a_real_element_that_takes_a_frame_and_hangs_is_noticed() {
        let hangs =
            "videotestsrc is-live=true ! identity name=encoder sleep-time=2000000000 ! fakesink";
        let failure = failure_of(hangs, Encoder::Nvenc);
        assert_eq!(failure, "it hangs: 0 frames came out, and none for 2000 ms");
    }

    #[test]
    fn a_real_element_that_swallows_frames_is_noticed() {
        let swallows =
            "videotestsrc is-live=true ! identity name=encoder drop-probability=1 ! fakesink";
        let failure = failure_of(swallows, Encoder::Nvenc);
        assert!(failure.starts_with("it hangs: 0 frames"), "{failure}");
    }
}
