//! A short tone, played as soon as a program can.

use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::Context;

const RATE: u32 = 48_000;
const HERTZ: f64 = 1_000.0;
const LENGTH_MS: u32 = 60;
const LOUD: f64 = 20_000.0;

/// A player of PulseAudio's own with a small buffer, which waits for tones.
pub struct Tone {
    player: Child,
    input: ChildStdin,
    samples: Vec<u8>,
}

impl Tone {
    /// # Errors
    /// If `pacat` is not installed.
    pub fn start() -> anyhow::Result<Self> {
        let mut player = Command::new("pacat")
            .args(["--playback", "--raw", "--format=s16le", "--channels=1"])
            .args([
                &format!("--rate={RATE}"),
                "--latency-msec=20",
                "--process-time-msec=5",
            ])
            .stdin(Stdio::piped())
            .spawn()
            .context("starting pacat (pulseaudio-utils)")?;
        let input = player.stdin.take().context("it has an input")?;
        #[allow(clippy::cast_possible_truncation)]
        let sample = |n: u32| {
            let angle = std::f64::consts::TAU * HERTZ * f64::from(n) / f64::from(RATE);
            (LOUD * angle.sin()) as i16
        };
        let samples = (0..RATE * LENGTH_MS / 1_000).flat_map(|n| sample(n).to_le_bytes());
        Ok(Self {
            player,
            input,
            samples: samples.collect(),
        })
    }

    /// # Errors
    /// If the player has ended.
    pub fn play(&mut self) -> anyhow::Result<()> {
        Ok(self.input.write_all(&self.samples)?)
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        drop(self.player.kill());
        drop(self.player.wait());
    }
}
