//! What goes into an encoder and what comes out, seen at its pads.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
    time::Duration,
};

use gstreamer::{self as gst, prelude::*};

use super::proof::Keyframe;

/// Shared by the pads' threads and whoever watches.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    counts: Mutex<Counts>,
    entered: Condvar,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) entered: u64,
    pub(super) left: u64,
    /// Nobody watches any more.
    pub(super) ended: bool,
    /// Somebody waits for a frame to go in.
    pub(super) awaited: bool,
    /// What went in last, until it comes out; kept only for keyframes that are looked at.
    pub(super) picture: Option<gst::Sample>,
}

impl Counts {
    pub(super) fn is_waiting(&self) -> bool {
        self.entered > self.left
    }
}

impl Traffic {
    /// Follows this encoder; its keyframes go to `keyframes`, with the pictures they were made of.
    pub(super) fn of(
        encoder: &gst::Element,
        keyframes: Option<SyncSender<Keyframe>>,
    ) -> Option<Arc<Self>> {
        let (sink, source) = (encoder.static_pad("sink")?, encoder.static_pad("src")?);
        let traffic = Arc::new(Self::default());
        let (inward, keep) = (traffic.clone(), keyframes.is_some());
        sink.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
            inward.enter(keep.then(|| sample(pad, info.buffer())).flatten());
            gst::PadProbeReturn::Ok
        });
        let outward = traffic.clone();
        source.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
            let picture = outward.leave();
            if let (Some(keyframes), Some(picture)) = (&keyframes, picture)
                && let Some(unit) = sample(pad, info.buffer().filter(|unit| is_keyframe(unit)))
            {
                // While one is looked at and one waits, others are not.
                let _ = keyframes.try_send(Keyframe { picture, unit });
            }
            gst::PadProbeReturn::Ok
        });
        Some(traffic)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, picture: Option<gst::Sample>) {
        let mut counts = self.counts();
        counts.entered += 1;
        counts.picture = picture;
        if counts.awaited {
            self.entered.notify_all();
        }
    }

    /// The picture that comes out, where there is no doubt which one it is.
    fn leave(&self) -> Option<gst::Sample> {
        let mut counts = self.counts();
        counts.left += 1;
        let alone = counts.left == counts.entered;
        counts.picture.take().filter(|_| alone)
    }

    /// Nobody watches any more.
    pub(super) fn end(&self) {
        self.counts().ended = true;
        self.entered.notify_all();
    }

    /// Waits until a frame is in the encoder and then for this long; `None` at the end.
    pub(super) fn after(&self, tick: Duration) -> Option<Counts> {
        let mut counts = self.counts();
        counts.awaited = true;
        counts = self
            .entered
            .wait_while(counts, |counts| !counts.ended && !counts.is_waiting())
            .unwrap_or_else(PoisonError::into_inner);
        counts.awaited = false;
        let (counts, _) = self
            .entered
            .wait_timeout_while(counts, tick, |counts| !counts.ended)
            .unwrap_or_else(PoisonError::into_inner);
        (!counts.ended).then(|| counts.clone())
    }
}

fn is_keyframe(unit: &gst::Buffer) -> bool {
    !unit.flags().contains(gst::BufferFlags::DELTA_UNIT)
}

fn sample(pad: &gst::Pad, buffer: Option<&gst::Buffer>) -> Option<gst::Sample> {
    let caps = pad.current_caps()?;
    Some(gst::Sample::builder().buffer(buffer?).caps(&caps).build())
}
