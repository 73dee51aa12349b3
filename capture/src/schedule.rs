//! When to make the next frame. Pure: time is an argument.
//!
//! The first change after a pause is shown at once, further ones at most `fps` times a second, by the
//! generic cell rate algorithm (ITU-T I.371): one frame may come early by half an interval, if those
//! before were not. So a program that draws `fps` times a second is never kept waiting, whatever its
//! phase and its jitter.
//!
//! A frame of a large change has few bits for each pixel, so when motion has ended it is followed by the
//! same picture some times more, which the encoder spends on sharpness, until that has no more to gain.
//! How often that is depends on the bitrate: on a page of text it takes about 3 bits a pixel. Such frames
//! never keep a change waiting. Twice more the picture is sent a while later: a receiver learns that
//! packets were lost only from those that follow. Then all is still.

use std::time::{Duration, Instant};

/// A change of this part of the display is repeated as often as one of all of it.
const LARGE_PART: f64 = 0.25;
/// How long after the last change the picture is sent once more.
const ECHOES: [Duration; 2] = [Duration::from_millis(250), Duration::from_millis(1000)];

/// Without a change for so long, motion has ended: a film has its next picture after 42 ms.
const STILLNESS: Duration = Duration::from_millis(50);

/// Many programs draw by timers of whole milliseconds: 62.5 times a second, when they mean 60.
const SLACK: f64 = 1.05;

#[derive(Debug)]
pub(crate) struct Schedule {
    interval: Duration,
    /// When the next change would be shown if they were `interval` apart.
    even: Option<Instant>,
    last_frame: Option<Instant>,
    last_change: Option<Instant>,
    changed: bool,
    /// A frame was asked for although nothing changed.
    wanted: bool,
    /// How often a change of the whole display is repeated, unless it is sharp before.
    most_refinements: u16,
    refinements: u32,
    /// How many of [`ECHOES`] have been sent since the last change.
    echoes: usize,
}

impl Schedule {
    pub(crate) fn new(fps: u16) -> Self {
        Self {
            interval: interval(fps),
            even: None,
            last_frame: None,
            last_change: None,
            changed: true,
            wanted: false,
            most_refinements: 0,
            refinements: 0,
            echoes: ECHOES.len(),
        }
    }

    /// At most this many frames a second from the next one on.
    pub(crate) fn set_fps(&mut self, fps: u16) {
        self.interval = interval(fps);
    }

    pub(crate) fn set_most_refinements(&mut self, most: u16) {
        self.most_refinements = most;
    }

    /// Repeating the picture has no more to gain.
    pub(crate) fn sharp(&mut self) {
        self.refinements = 0;
    }

    /// Something changed on the display.
    pub(crate) fn changed(&mut self) {
        self.changed = true;
    }

    /// What changed is not in sight: that makes no frame, and is asked again as seldom as frames are made.
    pub(crate) fn changed_elsewhere(&mut self, now: Instant) {
        self.changed = false;
        if !self.wanted {
            self.even = Some(self.even.map_or(now, |even| even.max(now)) + self.interval);
        }
    }

    /// A frame is wanted although nothing changed.
    pub(crate) fn refresh(&mut self) {
        self.wanted = true;
        // A keyframe is coarse at first, as a change of everything is.
        self.refinements = self
            .refinements
            .max(u32::from(self.most_refinements).max(1));
    }

    /// When the next frame is due; never, while all is still.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let soonest = if self.changed || self.wanted {
            self.even.map(|even| even - self.interval / 2)
        } else if self.refinements > 0 {
            let stillness = self.last_change.map(|change| change + STILLNESS);
            stillness.max(self.last_frame.map(|frame| frame + self.interval))
        } else {
            Some(self.last_change? + *ECHOES.get(self.echoes)?)
        };
        Some(soonest.map_or(now, |soonest| soonest.max(now)))
    }

    /// A frame was begun, of a change of this part (0 to 1) of the display.
    pub(crate) fn made(&mut self, part: f64, now: Instant) {
        if self.changed || self.wanted {
            self.even = Some(self.even.map_or(now, |even| even.max(now)) + self.interval);
        }
        self.last_frame = Some(now);
        if self.changed {
            self.last_change = Some(now);
            self.echoes = 0;
        } else if self.refinements == 0 {
            self.echoes += 1;
        }
        let earned =
            (f64::from(self.most_refinements) * (part / LARGE_PART).min(1.0)).ceil() as u32;
        self.refinements = self.refinements.saturating_sub(1).max(earned);
        self.changed = false;
        self.wanted = false;
    }
}

fn interval(fps: u16) -> Duration {
    Duration::from_secs_f64(1.0 / (f64::from(fps.max(1)) * SLACK))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(10);

    /// A schedule at rest: everything was shown long ago.
    fn still(now: Instant) -> Schedule {
        let mut schedule = Schedule::new(100);
        schedule.set_most_refinements(12);
        schedule.made(0.0, now);
        while let Some(due) = schedule.due(now) {
            schedule.made(0.0, due);
        }
        schedule
    }

    /// How many frames are made until all is still.
    fn frames(schedule: &mut Schedule, mut now: Instant) -> u32 {
        let mut count = 0;
        while let Some(due) = schedule.due(now) {
            now = due;
            schedule.made(0.0, now);
            count += 1;
        }
        count
    }

    #[test]
    fn a_change_after_a_pause_is_shown_at_once_and_many_at_an_even_rate() {
        for fps in [30, 60, 100, 120] {
            let start = Instant::now();
            let mut schedule = still(start);
            schedule.set_fps(fps);
            let first = start + FRAME * 500;
            assert_eq!(schedule.due(first), None);
            let mut now = first;
            for _ in 0..1000 {
                schedule.changed();
                now = schedule.due(now).expect("it changed");
                schedule.made(0.0, now);
            }
            let rate = 1000.0 / (now - first).as_secs_f64();
            let fps = f64::from(fps);
            assert!((fps..=fps * SLACK * 1.01).contains(&rate), "{rate}");
        }
    }

    #[test]
    fn a_program_that_draws_at_the_rate_never_waits_whatever_its_jitter() {
        let start = Instant::now();
        let mut schedule = still(start);
        let first = start + FRAME * 500;
        for frame in 0..1000 {
            // Up to 40 % of a frame, to and fro.
            let jitter = FRAME * (frame * 7 % 11) / 27;
            let drawn = first + FRAME * frame + jitter;
            schedule.changed();
            assert_eq!(schedule.due(drawn), Some(drawn), "{frame}");
            schedule.made(0.0, drawn);
        }
    }

    #[test]
    fn a_change_never_waits_for_the_sharpening_of_the_one_before() {
        let start = Instant::now();
        let mut schedule = still(start);
        let first = start + FRAME * 500;
        let mut sharpened = 0;
        for change in 0..100 {
            // A program that draws by fits and starts: 10 to 170 ms apart.
            let drawn = first + FRAME * 10 * change + FRAME * (change * 7 % 10);
            let next = drawn + FRAME * 100;
            while let Some(due) = schedule.due(drawn - FRAME * 10).filter(|due| *due < drawn) {
                schedule.made(0.0, due);
                sharpened += 1;
            }
            schedule.changed();
            assert_eq!(schedule.due(drawn), Some(drawn), "{change}");
            schedule.made(1.0, drawn);
            assert!(
                schedule
                    .due(drawn)
                    .is_some_and(|due| due >= drawn + STILLNESS && due < next)
            );
        }
        assert!(sharpened > 100, "{sharpened}");
    }

    #[test]
    fn changes_out_of_sight_make_no_frame_and_keep_none_from_being_made() {
        let start = Instant::now();
        let mut schedule = still(start);
        let now = start + FRAME * 500;
        schedule.changed();
        assert_eq!(schedule.due(now), Some(now));
        schedule.changed_elsewhere(now);
        assert_eq!(schedule.due(now), None);
        schedule.changed();
        schedule.refresh();
        let due = schedule.due(now).expect("a frame is wanted");
        schedule.changed_elsewhere(due);
        assert_eq!(schedule.due(due), Some(due));
    }

    #[test]
    fn what_is_asked_for_during_motion_comes_at_the_rate_of_changes() {
        let start = Instant::now();
        let mut schedule = still(start);
        let now = start + FRAME * 500;
        schedule.changed();
        schedule.made(1.0, now);
        schedule.refresh();
        assert!(schedule.due(now).is_some_and(|due| due < now + FRAME));
    }

    #[test]
    fn a_large_change_is_sharpened_for_a_while_and_a_small_one_hardly() {
        let now = Instant::now();
        for (part, repetitions) in [(1.0, 12), (0.25, 12), (0.1, 5), (0.0001, 1), (0.0, 0)] {
            let mut schedule = still(now);
            let later = now + FRAME * 500;
            schedule.made(part, later);
            assert_eq!(frames(&mut schedule, later), repetitions, "{part}");
        }
    }

    #[test]
    fn a_picture_that_is_sharp_is_not_repeated_any_more() {
        let now = Instant::now();
        let mut schedule = still(now);
        let later = now + FRAME * 500;
        schedule.made(1.0, later);
        schedule.sharp();
        assert_eq!(frames(&mut schedule, later), 0);
    }

    #[test]
    fn a_still_display_is_shown_again_on_request() {
        let now = Instant::now();
        let mut schedule = still(now);
        schedule.refresh();
        schedule.refresh();
        let later = now + FRAME * 500;
        assert_eq!(frames(&mut schedule, later), 12);
    }

    #[test]
    fn the_last_picture_is_sent_twice_more_for_those_who_lost_it() {
        let start = Instant::now();
        let mut schedule = still(start);
        let now = start + FRAME * 500;
        schedule.changed();
        schedule.made(0.0, now);
        for echo in ECHOES {
            assert_eq!(schedule.due(now), Some(now + echo));
            schedule.made(0.0, now + echo);
        }
        assert_eq!(schedule.due(now + FRAME * 500), None);
    }
}
