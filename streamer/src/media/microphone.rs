//! Viewers' microphones: what they say is played into a sink that nobody hears, whose monitor
//! programs in the session record from.
//!
//! ```text
//! RTP of a browser ─▶ queue ─▶ this thread ─▶ jitter buffer ─▶ Opus ─▶ PulseAudio ─▶ programs
//! ```
//!
//! A pipeline a viewer, which starts with its first packet and ends some time after the last one: who
//! is silent costs nothing. PulseAudio mixes them.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSrc;
use streamspace_protocol::ViewerId;

use super::MediaError;

/// Packets that wait for this thread, of all viewers: what comes while it is full is lost. It waits for
/// the sound server, which may hang.
const QUEUE: usize = 64;
/// A pipeline without packets ends after this time.
const IDLE: Duration = Duration::from_secs(2);
/// One that fails is not tried again for so long.
const RETRY: Duration = Duration::from_secs(10);
/// RTP packets are no longer than what a network carries whole.
const MOST_BYTES: usize = 1_500;

/// Where microphones are played into.
#[derive(Debug, Clone)]
pub(crate) struct MicrophoneSettings {
    /// The sound server's socket, such as `unix:/run/user/1000/pulse`.
    pub(crate) server: String,
    pub(crate) sink: String,
}

/// The room's end; the thread ends with it.
#[derive(Debug)]
pub(crate) struct Microphones(SyncSender<Packet>);

#[derive(Debug)]
struct Packet {
    viewer: ViewerId,
    rtp: Vec<u8>,
}

impl Microphones {
    pub(crate) fn open(settings: MicrophoneSettings) -> Self {
        let (packets, queue) = sync_channel(QUEUE);
        let mut desk = Desk {
            settings,
            voices: BTreeMap::new(),
            retry: None,
        };
        thread::Builder::new()
            .name("microphones".into())
            .spawn(move || desk.run(&queue))
            .expect("a machine that runs a desktop has room for one more thread");
        Self(packets)
    }

    /// Plays an RTP packet of a viewer's microphone.
    pub(crate) fn play(&self, viewer: ViewerId, rtp: Vec<u8>) {
        // What is lost here is heard as a gap, as what the network loses.
        drop(self.0.try_send(Packet { viewer, rtp }));
    }
}

/// Of the thread.
struct Desk {
    settings: MicrophoneSettings,
    voices: BTreeMap<ViewerId, Voice>,
    retry: Option<Instant>,
}

impl Desk {
    fn run(&mut self, queue: &Receiver<Packet>) {
        loop {
            let packet = if self.voices.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(IDLE)
            };
            let now = Instant::now();
            match packet {
                Ok(packet) => self.play(packet, now),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.voices
                .retain(|_, voice| now.saturating_duration_since(voice.heard) < IDLE);
        }
    }

    fn play(&mut self, Packet { viewer, rtp }: Packet, now: Instant) {
        let Some(payload_type) = payload_type(&rtp) else {
            return;
        };
        if let Some(voice) = self.voices.get_mut(&viewer) {
            if !voice.play(rtp, now) {
                tracing::warn!("a microphone cannot be played");
                self.voices.remove(&viewer);
                self.retry = Some(now + RETRY);
            }
            return;
        }
        if self.retry.is_some_and(|at| now < at) {
            return;
        }
        match Voice::start(&self.settings, payload_type, now) {
            Ok(voice) => drop(self.voices.insert(viewer, voice)),
            Err(error) => {
                tracing::warn!(%error, "microphones do not work");
                self.retry = Some(now + RETRY);
            }
        }
    }
}

/// The RTP payload type, if this can be a packet at all.
fn payload_type(rtp: &[u8]) -> Option<u8> {
    let is_packet = (12..=MOST_BYTES).contains(&rtp.len()) && rtp[0] >> 6 == 2;
    is_packet.then(|| rtp[1] & 0x7f)
}

/// One viewer's running pipeline.
#[derive(Debug)]
struct Voice {
    pipeline: gst::Pipeline,
    input: AppSrc,
    heard: Instant,
}

impl Voice {
    fn start(
        MicrophoneSettings { server, sink }: &MicrophoneSettings,
        payload_type: u8,
        now: Instant,
    ) -> Result<Self, MediaError> {
        let description = format!(
            "appsrc name=in is-live=true do-timestamp=true format=time \
             max-buffers={QUEUE} leaky-type=downstream \
             caps=application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload={payload_type} \
             ! rtpjitterbuffer latency=60 do-lost=true ! rtpopusdepay ! opusdec plc=true use-inband-fec=true \
             ! audioconvert ! audioresample \
             ! pulsesink name=out buffer-time=80000 latency-time=10000 client-name=StreamSpace"
        );
        let pipeline = gst::parse::launch(&description)?
            .downcast::<gst::Pipeline>()
            .map_err(|_| MediaError::NoElement("pipeline"))?;
        let element = |name| pipeline.by_name(name).ok_or(MediaError::NoElement(name));
        let output = element("out")?;
        output.set_property("server", server);
        output.set_property("device", sink);
        let input = element("in")?
            .downcast::<AppSrc>()
            .map_err(|_| MediaError::NoElement("in"))?;
        let voice = Self {
            pipeline,
            input,
            heard: now,
        };
        voice
            .pipeline
            .set_state(gst::State::Playing)
            .map_err(|_| MediaError::Start)?;
        Ok(voice)
    }

    /// Whether the pipeline goes on.
    fn play(&mut self, rtp: Vec<u8>, now: Instant) -> bool {
        self.heard = now;
        self.input.push_buffer(gst::Buffer::from_slice(rtp)).is_ok()
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        if self.pipeline.set_state(gst::State::Null).is_err() {
            tracing::debug!("a microphone's pipeline does not stop");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_rtp_is_taken() {
        let mut packet = vec![0x80, 0x80 | 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7];
        assert_eq!(payload_type(&packet), Some(111));
        packet[0] = 0x40;
        assert_eq!(payload_type(&packet), None);
        assert_eq!(payload_type(&packet[..3]), None);
        assert_eq!(payload_type(&[]), None);
        assert_eq!(payload_type(&[0x80; MOST_BYTES + 1]), None);
    }
}
