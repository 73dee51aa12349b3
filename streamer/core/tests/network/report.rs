//! What a run came to.

use std::time::Duration;

use crate::receiver::freezes;
use crate::world::{Sample, Scene, World};

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) fps: f64,
    pub(crate) freezes: Vec<Duration>,
    pub(crate) samples: Vec<Sample>,
    scene: Scene,
    line: String,
}

impl Report {
    pub(crate) fn of(name: &str, scene: &Scene, seed: u64) -> Self {
        let world = World::run(scene, seed);
        let shown = &world.receiver.shown;
        let mut report = Self {
            fps: shown.len() as f64 / scene.length.as_secs_f64(),
            freezes: freezes(shown),
            samples: world.samples,
            scene: scene.clone(),
            line: String::new(),
        };
        let mut latency: Vec<_> = shown.iter().map(|shown| shown.latency).collect();
        latency.sort();
        let counts = world.counts;
        report.line = format!(
            "{name:<28} {seed:>2} {:>6.2} {:>3} {:>6.2} {:>6.2} {:>5.0} {:>5.0} {:>5.0} {:>5.0} {:>5.2} {:>5.2} {:>4} {:>5.2} {:>5.2} {:>5.2}",
            report.fps,
            report.freezes.len(),
            report.frozen().as_secs_f64(),
            report.longest_freeze().as_secs_f64(),
            ms(quantile(&latency, 0.5)),
            ms(quantile(&latency, 0.95)),
            ms(report.link_wait(0.5)),
            ms(report.link_wait(0.95)),
            report.target_share(Duration::ZERO, scene.length),
            report.video_share(Duration::ZERO, scene.length),
            world.encoder.keyframes,
            percent(counts.lost, counts.sent),
            percent(counts.repairs, counts.sent),
            percent(counts.probes, counts.sent),
        );
        report
    }

    #[expect(clippy::print_stdout, reason = "the table is what --nocapture is for")]
    pub(crate) fn print(&self) {
        println!("{}", self.line);
    }

    #[expect(clippy::print_stdout, reason = "the table is what --nocapture is for")]
    pub(crate) fn print_heading() {
        println!(
            "{:<28} {:>2} {:>6} {:>3} {:>6} {:>6} {:>5} {:>5} {:>5} {:>5} {:>5} {:>5} {:>4} {:>5} {:>5} {:>5}",
            "profile",
            "#",
            "fps",
            "frz",
            "frozen",
            "worst",
            "lat50",
            "lat95",
            "que50",
            "que95",
            "est",
            "video",
            "keys",
            "lost%",
            "rtx%",
            "prob%",
        );
    }

    #[expect(clippy::print_stdout, reason = "the table is what --nocapture is for")]
    pub(crate) fn print_shares(&self, ours: f64, theirs: f64) {
        println!("{:<28} ours {ours:.2}, theirs {theirs:.2}", "");
    }

    pub(crate) fn frozen(&self) -> Duration {
        self.freezes.iter().sum()
    }

    pub(crate) fn longest_freeze(&self) -> Duration {
        self.freezes.iter().max().copied().unwrap_or_default()
    }

    /// How long a packet waits at the bottleneck.
    pub(crate) fn link_wait(&self, quantile_of: f64) -> Duration {
        let mut waits: Vec<_> = self.samples.iter().map(|sample| sample.link_wait).collect();
        waits.sort();
        quantile(&waits, quantile_of)
    }

    /// The estimate as a part of the link's rate, on average over a time.
    pub(crate) fn target_share(&self, from: Duration, to: Duration) -> f64 {
        let samples = self.between(from, to);
        let count = samples.len().max(1) as f64;
        samples
            .iter()
            .map(|sample| sample.state.target_bps as f64 / self.scene.link.rate_at(sample.at))
            .sum::<f64>()
            / count
    }

    /// What was shown, as a part of what the link carries, over a time.
    pub(crate) fn video_share(&self, from: Duration, to: Duration) -> f64 {
        self.share_of(from, to, |sample| sample.video_bytes)
    }

    pub(crate) fn rival_share(&self, from: Duration, to: Duration) -> f64 {
        self.share_of(from, to, |sample| sample.rival_bytes)
    }

    /// How long after a time the estimate first is this part of the link's rate.
    pub(crate) fn reaches(&self, share: f64, from: Duration) -> Option<Duration> {
        let there = self.samples.iter().find(|sample| {
            let rate = self.scene.link.rate_at(sample.at);
            sample.at >= from && sample.state.target_bps as f64 >= share * rate
        })?;
        Some(there.at - from)
    }

    fn share_of(&self, from: Duration, to: Duration, bytes: impl Fn(&Sample) -> usize) -> f64 {
        let samples = self.between(from, to);
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
            return 0.0;
        };
        let carried: f64 = samples
            .windows(2)
            .map(|pair| {
                self.scene.link.rate_at(pair[0].at) * (pair[1].at - pair[0].at).as_secs_f64()
            })
            .sum();
        (bytes(last) - bytes(first)) as f64 * 8.0 / carried
    }

    fn between(&self, from: Duration, to: Duration) -> Vec<Sample> {
        let within = |sample: &&Sample| (from..=to).contains(&sample.at);
        self.samples.iter().filter(within).copied().collect()
    }
}

fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index).copied().unwrap_or_default()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn percent(part: u32, whole: u32) -> f64 {
    f64::from(part) * 100.0 / f64::from(whole.max(1))
}
