//! When each step of a frame happened, carried by the frame itself.
//!
//! Encoders pass metadata on, so it can be read from the encoded frame too. The moments are running
//! times of the pipeline, as buffers' time stamps are, but unlike those no encoder shifts them.

use std::{sync::LazyLock, time::Instant};

use gstreamer::{self as gst, Caps, ClockTime, ReferenceTimestampMeta};

/// The moments of one frame, as running times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// The X server reported the first change in it.
    pub damaged: ClockTime,
    /// The source began to make it.
    pub began: ClockTime,
    /// Its pixels were in shared memory.
    pub grabbed: ClockTime,
    /// It was ready for the encoder.
    pub converted: ClockTime,
}

/// The names under which the moments are stored, in their order.
static NAMES: LazyLock<[Caps; 4]> = LazyLock::new(|| {
    ["damaged", "began", "grabbed", "converted"]
        .map(|stage| Caps::new_empty_simple(format!("timestamp/x-streamspace-{stage}")))
});

impl Stages {
    /// The moments that a frame of the source carries.
    pub fn of(buffer: &gst::BufferRef) -> Option<Self> {
        let moment = |name: &Caps| {
            let mut all = buffer.iter_meta::<ReferenceTimestampMeta>();
            let found = all.find(|meta| meta.reference() == name.as_ref())?;
            Some(found.timestamp())
        };
        let [damaged, began, grabbed, converted] = &*NAMES;
        Some(Self {
            damaged: moment(damaged)?,
            began: moment(began)?,
            grabbed: moment(grabbed)?,
            converted: moment(converted)?,
        })
    }

    pub(crate) fn attach(self, buffer: &mut gst::BufferRef) {
        let moments = [self.damaged, self.began, self.grabbed, self.converted];
        for (name, moment) in NAMES.iter().zip(moments) {
            ReferenceTimestampMeta::add(buffer, name, moment, None);
        }
    }
}

/// The same as [`Stages`], by this process's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    pub(crate) damaged: Instant,
    pub(crate) began: Instant,
    pub(crate) grabbed: Instant,
    pub(crate) converted: Instant,
}

impl Moments {
    /// As running times, of which it is `running` now.
    pub(crate) fn at(self, running: ClockTime) -> Stages {
        let now = Instant::now();
        let moment = |instant: Instant| {
            let ago = now.saturating_duration_since(instant);
            let ago = ClockTime::try_from(ago).unwrap_or(ClockTime::ZERO);
            running.saturating_sub(ago)
        };
        Stages {
            damaged: moment(self.damaged),
            began: moment(self.began),
            grabbed: moment(self.grabbed),
            converted: moment(self.converted),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_frame_tells_when_it_was_made() {
        gst::init().expect("GStreamer");
        let mut buffer = gst::Buffer::new();
        assert_eq!(Stages::of(&buffer), None);
        let stages = Stages {
            damaged: ClockTime::from_mseconds(1),
            began: ClockTime::from_mseconds(2),
            grabbed: ClockTime::from_mseconds(3),
            converted: ClockTime::from_mseconds(4),
        };
        stages.attach(buffer.get_mut().expect("ours alone"));
        assert_eq!(Stages::of(&buffer), Some(stages));
    }

    #[test]
    fn moments_before_the_pipeline_began_are_its_beginning() {
        let long_ago = Instant::now()
            .checked_sub(Duration::from_secs(9))
            .expect("this machine has run for a while");
        let moments = Moments {
            damaged: long_ago,
            began: long_ago,
            grabbed: long_ago,
            converted: Instant::now() + Duration::from_secs(9),
        };
        let stages = moments.at(ClockTime::SECOND);
        assert_eq!(stages.damaged, ClockTime::ZERO);
        assert_eq!(stages.converted, ClockTime::SECOND);
    }
}
