use super::*;

const FRAME: Duration = Duration::from_micros(16_667);

/// An encoder whose frames take what these costs say.
struct Simulation {
    rate: RateControl,
    now: Duration,
    quantizers: [f64; 53],
    sent: Vec<(Duration, f64)>,
}

impl Simulation {
    fn new(bitrate_bps: u32) -> Self {
        Self {
            rate: RateControl::new(bitrate_bps),
            now: Duration::ZERO,
            quantizers: [0.0; 53],
            sent: Vec::new(),
        }
    }

    /// One frame of a change of this activity, whose bits are `cost` for each of it.
    fn frame(&mut self, changed: f64, cost: f64) -> (u8, f64) {
        self.now += FRAME;
        let work = Work {
            changed_blocks: if changed > 0.0 { 8160.0 } else { 0.0 },
            detailed_blocks: 0.0,
            changed_part: if changed > 0.0 { 1.0 } else { 0.0 },
            changed,
            unchanged: if changed > 0.0 {
                [0.0; 53]
            } else {
                self.quantizers
            },
        };
        let quantizer = self.rate.plan(&work, self.now);
        let known = work.coarsest().map_or(0.0, fineness);
        let gained = (fineness(quantizer) - known).max(0.0) * work.unchanged.iter().sum::<f64>();
        let bits = cost * (changed * fineness(quantizer) + gained);
        let total: f64 = work.whole();
        if bits > 0.0 {
            self.quantizers = [0.0; 53];
            self.quantizers[usize::from(quantizer)] = total;
        }
        self.rate.learn((bits / 8.0) as usize + 20);
        self.sent.push((self.now, bits));
        (quantizer, bits)
    }

    /// The most that waits in a queue that drains at this rate, in seconds of it.
    fn longest_wait(&self, bitrate_bps: f64) -> f64 {
        let (mut queue, mut last, mut most) = (0.0_f64, Duration::ZERO, 0.0_f64);
        for &(at, bits) in &self.sent {
            queue = (queue - (at - last).as_secs_f64() * bitrate_bps).max(0.0) + bits;
            last = at;
            most = most.max(queue);
        }
        most / bitrate_bps
    }
}

#[test]
fn motion_takes_the_bitrate_and_no_more() {
    for bitrate in [2_000_000, 5_000_000] {
        let mut simulation = Simulation::new(bitrate);
        for _ in 0..60 {
            simulation.frame(2e6, 0.05);
        }
        let before = simulation.sent.len();
        for _ in 0..300 {
            simulation.frame(2e6, 0.05);
        }
        let bits: f64 = simulation.sent[before..].iter().map(|(_, bits)| bits).sum();
        let reached = bits / 5.0 / f64::from(bitrate);
        assert!((0.85..=1.02).contains(&reached), "{bitrate} {reached}");
    }
}

#[test]
fn a_new_page_waits_no_longer_than_the_bucket_allows() {
    for cost in [0.03, 0.1, 0.2] {
        let mut simulation = Simulation::new(5_000_000);
        for _ in 0..20 {
            simulation.frame(0.0, 0.0);
        }
        simulation.frame(3e6, cost);
        let wait = simulation.longest_wait(5e6);
        assert!(wait <= 0.15, "{cost} {wait}");
    }
}

#[test]
fn a_page_that_stays_becomes_sharp_and_then_costs_nothing() {
    let mut simulation = Simulation::new(5_000_000);
    simulation.frame(3e6, 0.1);
    let sharpening: Vec<_> = (0..120).map(|_| simulation.frame(0.0, 0.1)).collect();
    let (last, bits) = sharpening.last().copied().expect("there are some");
    assert_eq!(last, SHARPEST);
    assert!(bits <= 0.0, "{bits}");
    assert!(
        simulation.longest_wait(5e6) < 0.25,
        "{}",
        simulation.longest_wait(5e6)
    );
}

#[test]
fn where_there_is_room_motion_is_as_sharp_as_eyes_see() {
    let mut simulation = Simulation::new(50_000_000);
    for _ in 0..30 {
        simulation.frame(1e6, 0.05);
    }
    assert_eq!(simulation.frame(1e6, 0.05).0, SHARPEST_MOVING);
}

#[test]
fn scrolling_after_a_new_page_soon_uses_what_it_saves() {
    let mut simulation = Simulation::new(5_000_000);
    let (first, _) = simulation.frame(3e6, 0.1);
    let scrolling: Vec<_> = (0..30).map(|_| simulation.frame(3e6, 0.02).0).collect();
    assert!(scrolling[20] + 2 < first, "{first} {scrolling:?}");
}

#[test]
fn a_letter_is_sharp_at_once_even_on_a_slow_link() {
    let mut simulation = Simulation::new(500_000);
    for _ in 0..30 {
        simulation.frame(0.0, 0.0);
    }
    assert_eq!(
        simulation.rate.plan(&letter(), simulation.now + FRAME),
        SHARPEST
    );
}

fn letter() -> Work {
    Work {
        changed_blocks: 4.0,
        detailed_blocks: 4.0,
        changed_part: 0.0005,
        changed: 8000.0,
        unchanged: [0.0; 53],
    }
}

#[test]
fn absurd_times_and_sizes_leave_it_within_bounds() {
    let mut rate = RateControl::new(0);
    let mut work = letter();
    for (now, bytes) in [
        (Duration::MAX, usize::MAX),
        (Duration::ZERO, 0),
        (Duration::from_secs(5), usize::MAX),
    ] {
        work.changed = f64::from(u32::MAX) * 8160.0;
        let quantizer = rate.plan(&work, now);
        assert!((SHARPEST..=COARSEST).contains(&quantizer));
        rate.learn(bytes);
        let quantizer = rate.plan_key(&work, now);
        assert!((SHARPEST..=COARSEST).contains(&quantizer));
        rate.learn(bytes);
    }
    rate.set_bitrate(5_000_000);
    let much_later = Duration::from_secs(60);
    for _ in 0..20 {
        rate.plan(&letter(), much_later);
        rate.learn(200);
    }
    assert!(rate.plan(&letter(), much_later * 2) < COARSEST);
}
