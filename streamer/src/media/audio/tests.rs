//! On a real PulseAudio.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gstreamer::{self as gst, prelude::*};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::media::{MediaEvent, Sound};

/// How long a test waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(20);
const GENERATION: u64 = 7;
const PACKET: Duration = Duration::from_millis(10);

struct PulseAudio {
    process: Child,
    folder: TempDir,
}

impl PulseAudio {
    /// As a session's supervisor starts it.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("pulse.sock");
        let process = Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--use-pid-file=no"])
            .args(["--exit-idle-time=-1", "--disable-shm=yes"])
            .args([
                "-L",
                "module-null-sink sink_name=session rate=48000 channels=2 norewinds=1",
            ])
            .args(["-L", "module-suspend-on-idle timeout=1"])
            .arg("-L")
            .arg(format!(
                "module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket={}",
                socket.display()
            ))
            .env("HOME", folder.path())
            .env("PULSE_STATE_PATH", folder.path())
            .env("PULSE_RUNTIME_PATH", folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("PulseAudio is installed");
        let server = Self { process, folder };
        let since = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(since.elapsed() < PATIENCE, "PulseAudio does not come up");
            thread::yield_now();
        }
        server
    }

    fn address(&self) -> String {
        format!("unix:{}", self.folder.path().join("pulse.sock").display())
    }

    fn settings(&self) -> AudioSettings {
        AudioSettings {
            server: self.address(),
            source: "session.monitor".into(),
        }
    }

    /// Plays a test sound of GStreamer's to its end. Returns when that began.
    fn play(&self, wave: &str, length: Duration) -> Instant {
        let began = Instant::now();
        let player = gst::parse::launch(&format!(
            "audiotestsrc wave={wave} samplesperbuffer=480 num-buffers={} \
             ! audio/x-raw,rate=48000,channels=2 ! pulsesink server={}",
            length.as_millis() / PACKET.as_millis(),
            self.address(),
        ))
        .expect("a player");
        player.set_state(gst::State::Playing).expect("plays");
        let end = player.bus().expect("a bus").timed_pop_filtered(
            gst::ClockTime::from_seconds(PATIENCE.as_secs()),
            &[gst::MessageType::Eos, gst::MessageType::Error],
        );
        player.set_state(gst::State::Null).expect("stops");
        let end = end.expect("the player ends");
        assert_eq!(end.type_(), gst::MessageType::Eos, "{end:?}");
        began
    }
}

impl Drop for PulseAudio {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the room would get.
struct Room {
    senders: MediaSenders,
    events: mpsc::Receiver<MediaEvent>,
    failures: mpsc::Receiver<MediaFailure>,
}

impl Room {
    fn new() -> Self {
        gst::init().expect("GStreamer");
        // Room for all packets of a test.
        let (events, events_received) = mpsc::channel(2000);
        let (failures, failures_received) = mpsc::channel(4);
        Self {
            senders: MediaSenders { events, failures },
            events: events_received,
            failures: failures_received,
        }
    }

    /// Whatever has come so far.
    fn packets(&mut self) -> Vec<Arc<Sound>> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .map(|event| match event {
                MediaEvent::Sound(sound) => sound,
                MediaEvent::Frame(frame) => panic!("a picture among the sound: {frame:?}"),
            })
            .collect()
    }

    fn failure(&mut self) -> String {
        let since = Instant::now();
        loop {
            match self.failures.try_recv() {
                Ok(MediaFailure::Audio { generation, error }) => {
                    assert_eq!(generation, GENERATION);
                    return error;
                }
                Ok(other) => panic!("{other:?}"),
                Err(_) => assert!(since.elapsed() < PATIENCE, "no failure is reported"),
            }
            thread::yield_now();
        }
    }
}

/// The packets of one sound follow one another by exactly 10 ms, but where the clock was set right:
/// a sound server that stalls makes that happen once or twice on a busy machine.
fn assert_even(packets: &[Arc<Sound>]) {
    let apart = |pair: &[Arc<Sound>]| pair[1].captured.checked_duration_since(pair[0].captured);
    let distances: Vec<_> = packets.windows(2).map(apart).collect();
    assert!(
        distances.iter().all(|apart| *apart >= Some(PACKET)),
        "packets share a time: {distances:?}"
    );
    let uneven = distances.iter().filter(|apart| **apart != Some(PACKET));
    assert!(uneven.count() <= 3, "{distances:?}");
}

#[test]
fn sound_makes_packets_10_ms_apart_and_silence_makes_none() {
    let pulse = PulseAudio::start();
    let mut room = Room::new();
    let audio = Audio::start(&pulse.settings(), GENERATION, &room.senders).expect("starts");

    pulse.play("silence", Duration::from_secs(1));
    assert_eq!(room.packets().len(), 0, "of silence alone");

    let began = pulse.play("sine", Duration::from_secs(1));
    // Its end, and more silence than belongs to it, in a stream of silence.
    pulse.play("silence", Duration::from_secs(4));
    let first = room.packets();
    assert!(first.len() >= 95, "{} packets of 1 s", first.len());
    assert!(
        first.len() <= 350,
        "{} packets: they do not end",
        first.len()
    );
    assert!(first[0].captured >= began, "a packet of what went before");
    assert_even(&first);

    let again = pulse.play("sine", Duration::from_secs(1));
    let second = room.packets();
    assert!(second.len() >= 80, "{} packets of 1 s", second.len());
    assert!(second[0].captured >= again, "a time of the first sound's");
    assert_even(&second);
    drop(audio);
    assert!(room.failures.try_recv().is_err(), "stopping is no failure");
}

#[test]
fn a_sound_that_plays_already_is_heard() {
    let pulse = PulseAudio::start();
    let mut room = Room::new();
    let late = thread::scope(|scope| {
        let player = scope.spawn(|| pulse.play("sine", Duration::from_secs(2)));
        let _audio = Audio::start(&pulse.settings(), GENERATION, &room.senders).expect("starts");
        player.join().expect("plays")
    });
    let packets = room.packets();
    assert!(packets.len() > 100, "{} packets of 2 s", packets.len());
    assert!(packets[0].captured >= late);
}

#[test]
fn a_server_that_dies_is_reported() {
    let mut pulse = PulseAudio::start();
    let mut room = Room::new();
    let audio = Audio::start(&pulse.settings(), GENERATION, &room.senders).expect("starts");
    pulse.process.kill().expect("alive");
    assert!(room.failure().contains("the sound server"));
    drop(audio);
    assert!(Audio::start(&pulse.settings(), GENERATION, &room.senders).is_err());
}

#[test]
fn a_source_that_is_not_there_is_refused() {
    let pulse = PulseAudio::start();
    let room = Room::new();
    let settings = AudioSettings {
        source: "another.monitor".into(),
        ..pulse.settings()
    };
    let error = Audio::start(&settings, GENERATION, &room.senders).expect_err("no such source");
    assert!(error.to_string().contains("refuses"), "{error}");
}

#[test]
fn a_server_of_nonsense_is_refused() {
    let room = Room::new();
    let nonsense: [&[u8]; 4] = [
        &[],
        // Of a message of 4 GiB.
        &[0xff; 20],
        // An empty command.
        &[
            0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ];
    for answer in nonsense {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pulse.sock");
        let listener = UnixListener::bind(&path).expect("bound");
        let server = thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("a client");
            let _ = client.write_all(answer);
            client.shutdown(Shutdown::Write).expect("open");
            let _ = client.read_to_end(&mut Vec::new());
        });
        let settings = AudioSettings {
            server: format!("unix:{}", path.display()),
            source: "session.monitor".into(),
        };
        let error = Audio::start(&settings, GENERATION, &room.senders).expect_err("nonsense");
        assert!(error.to_string().contains("the sound server"), "{error}");
        server.join().expect("no panic");
        fs::remove_file(path).expect("there");
    }
}

#[test]
fn an_address_that_is_no_path_is_refused() {
    let room = Room::new();
    let settings = AudioSettings {
        server: "tcp:localhost".into(),
        source: "session.monitor".into(),
    };
    let error = Audio::start(&settings, GENERATION, &room.senders).expect_err("no path");
    assert!(error.to_string().contains("unix:"), "{error}");
}
