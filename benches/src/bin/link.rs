//! A link of a given rate, delay, queue and loss between two TUN devices, the same in both
//! directions. Whatever goes over it is shaped alike: UDP, TCP, ICE, signaling.
//!
//! ```text
//!   browser's network namespace                      server's
//!   NEAR ──▶ recv ──▶ Shaper ──▶ send ──▶ FAR
//!        ◀── send ◀── Shaper ◀── recv ◀──
//! ```
//!
//! It makes the devices, prints `ready`, and leaves their addresses to who has started it. With the
//! first line on its standard input the profile's time starts; from then on each second it prints a
//! JSON object with what the link has carried to the browser. It ends with its standard input.

use std::{
    io::{BufRead, Write, stdin, stdout},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Parser;
use serde_json::json;
use streamspace_benches::{
    profile::RateSteps,
    shaper::{Conditions, Counts, Shaper},
};
use tun_rs::{DeviceBuilder, SyncDevice};

/// What a packet can be at most; the devices' MTU is 1500.
const PACKET_BYTES: usize = 2048;
/// Packets between the thread that reads and the thread that shapes. A full queue blocks the reader,
/// and the device drops.
const HANDED_OVER: usize = 1024;
/// How long a direction without packets may sleep.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug, Parser)]
struct Args {
    /// Name of the device on the browser's side.
    #[arg(long)]
    near: String,
    /// Name of the device on the server's side.
    #[arg(long)]
    far: String,
    /// Rates over time: SECONDS:KBIT_PER_SECOND, comma between.
    #[arg(long)]
    rates: RateSteps,
    /// One way.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    #[arg(long, default_value_t = 0.0)]
    loss_percent: f64,
    /// What the queue holds at most, in time at the link's rate.
    #[arg(long, default_value_t = 300)]
    queue_ms: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let near = Arc::new(open(&args.near)?);
    let far = Arc::new(open(&args.far)?);
    let link = Arc::new(Link::new(&args));
    let down = Direction::new(&far, &near, &link);
    let up = Direction::new(&near, &far, &link);
    let counts = Arc::clone(&down.counts);
    down.start(args.seed);
    up.start(args.seed.wrapping_add(1));

    writeln!(stdout(), "ready")?;
    let mut lines = stdin().lock().lines();
    if lines.next().transpose()?.is_none() {
        return Ok(());
    }
    link.start();
    thread::spawn(move || report(&link, &counts));
    // Until whoever started this ends, or wants it to end.
    lines.for_each(drop);
    Ok(())
}

fn open(name: &str) -> anyhow::Result<SyncDevice> {
    DeviceBuilder::new()
        .name(name)
        .build_sync()
        .with_context(|| {
            format!("the device {name} cannot be made (this needs root and /dev/net/tun)")
        })
}

/// The link's conditions over time.
struct Link {
    rates: RateSteps,
    fixed: Conditions,
    started: Mutex<Option<Instant>>,
}

impl Link {
    fn new(args: &Args) -> Self {
        let fixed = Conditions {
            rate_bps: args.rates.rate_bps(Duration::ZERO),
            delay: Duration::from_millis(args.delay_ms),
            loss: args.loss_percent / 100.0,
            queue: Duration::from_millis(args.queue_ms),
        };
        Self {
            rates: args.rates.clone(),
            fixed,
            started: Mutex::new(None),
        }
    }

    fn start(&self) {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn elapsed(&self) -> Duration {
        let started = *self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.map_or(Duration::ZERO, |started| started.elapsed())
    }

    fn conditions(&self) -> Conditions {
        let rate_bps = self.rates.rate_bps(self.elapsed());
        Conditions {
            rate_bps,
            ..self.fixed
        }
    }
}

/// One direction: a thread that reads packets, and a thread that lets them out when they are due.
struct Direction {
    from: Arc<SyncDevice>,
    to: Arc<SyncDevice>,
    link: Arc<Link>,
    counts: Arc<Mutex<Counts>>,
}

impl Direction {
    fn new(from: &Arc<SyncDevice>, to: &Arc<SyncDevice>, link: &Arc<Link>) -> Self {
        Self {
            from: Arc::clone(from),
            to: Arc::clone(to),
            link: Arc::clone(link),
            counts: Arc::default(),
        }
    }

    fn start(self, seed: u64) {
        let (sender, receiver) = sync_channel(HANDED_OVER);
        let from = Arc::clone(&self.from);
        thread::spawn(move || read(&from, &sender));
        thread::spawn(move || self.shape(&receiver, Shaper::new(seed)));
    }

    fn shape(&self, packets: &Receiver<(Instant, Vec<u8>)>, mut shaper: Shaper) {
        loop {
            let next = shaper
                .next_at()
                .map(|at| at.saturating_duration_since(Instant::now()));
            match packets.recv_timeout(next.unwrap_or(LONGEST_WAIT)) {
                Ok((at, packet)) => shaper.push(at, packet, &self.link.conditions()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(packet) = shaper.pop(Instant::now()) {
                // A device that is down loses its packets, as a cable that is pulled does.
                let _ = self.to.send(&packet);
            }
            *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = shaper.counts();
        }
    }
}

fn read(device: &SyncDevice, packets: &SyncSender<(Instant, Vec<u8>)>) {
    let mut packet = vec![0; PACKET_BYTES];
    while let Ok(length) = device.recv(&mut packet) {
        let packet = packet[..length].to_vec();
        if packets.send((Instant::now(), packet)).is_err() {
            return;
        }
    }
}

/// Prints each second what the link has carried since the last.
fn report(link: &Link, counts: &Mutex<Counts>) {
    let current = || *counts.lock().unwrap_or_else(PoisonError::into_inner);
    let mut before = current();
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = current();
        let line = json!({
            "second": link.elapsed().as_secs_f64().round(),
            "rateKbps": link.conditions().rate_bps / 1000.0,
            "sentKbit": (now.sent_bytes - before.sent_bytes) * 8 / 1000,
            "lostPackets": now.lost_packets - before.lost_packets,
            "droppedPackets": now.dropped_packets - before.dropped_packets,
        });
        if writeln!(stdout(), "{line}").is_err() {
            return;
        }
        before = now;
    }
}
