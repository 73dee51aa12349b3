//! A recording stream of a PulseAudio server, by the server's native protocol.
//!
//! The protocol is what PulseAudio's `src/pulsecore/protocol-native.c` reads and writes: a stream of
//! messages, each a descriptor with length and channel, and a body; the channel tells commands from
//! samples. GStreamer's `pulsesrc` cannot do without two things that are needed here: it keeps its
//! source from being suspended, and cannot change its fragments' size.

use std::{
    ffi::CString,
    io::{BufReader, Read},
    os::unix::net::UnixStream,
    time::Duration,
};

use pulseaudio::protocol::{
    AuthParams, ChannelMap, Command, CommandTag, DESCRIPTOR_SIZE, Descriptor, MAX_VERSION, Prop,
    Props, ProtocolError, RecordStreamParams, SampleFormat, SampleSpec,
    SetRecordStreamBufferAttrParams, TagStructReader, read_descriptor,
    stream::{BufferAttr, StreamFlags},
    write_command_message,
};

/// Two channels of 16 bits, interleaved, 48 kHz as Opus works at.
pub(super) const BYTES_A_MILLISECOND: usize = 48 * 2 * 2;

/// The server answers within, or hangs.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// Messages that may come before an answer.
const MESSAGES_BEFORE_ANSWER: usize = 16;
/// The server's own messages have at most 64 KiB.
const LONGEST_MESSAGE: usize = 128 * 1024;
/// The server holds no more for a reader that stalls; it drops the rest.
const LONGEST_BACKLOG_MS: usize = 400;
/// Cookies have exactly this length; a server that lets in whoever can open its socket ignores it.
const COOKIE_BYTES: usize = 256;
/// The channel of commands.
const COMMANDS: u32 = u32::MAX;
/// The low half of what answers the first command; the high half has flags.
const VERSION_BITS: u32 = 0xffff;

#[derive(Debug, thiserror::Error)]
pub(in crate::media) enum RecordingError {
    #[error("the sound server's address is {0:?}, not `unix:` with a path")]
    Address(String),
    #[error("the source's name holds a NUL")]
    SourceName,
    #[error("the sound server cannot be reached: {0}")]
    Io(#[from] std::io::Error),
    #[error("the sound server says what cannot be understood: {0}")]
    Protocol(#[from] ProtocolError),
    #[error("the sound server sends a message of {0} bytes")]
    MessageTooLong(u32),
    #[error("the sound server gives no answer")]
    NoAnswer,
    #[error("the sound server refuses: error {0}")]
    Refused(u32),
    #[error("the sound server has ended the recording")]
    Ended,
}

/// How often the server sends what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// For sound that is heard: every 10 ms.
    Prompt,
    /// To learn that silence ends: every 100 ms.
    Relaxed,
}

impl Pace {
    fn buffer(self) -> BufferAttr {
        let fragment_ms = match self {
            Self::Prompt => 10,
            Self::Relaxed => 100,
        };
        BufferAttr {
            max_length: (LONGEST_BACKLOG_MS * BYTES_A_MILLISECOND) as u32,
            fragment_size: (fragment_ms * BYTES_A_MILLISECOND) as u32,
            ..BufferAttr::default()
        }
    }
}

/// What a recording brings.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// Samples: signed 16 bits, little endian, two channels interleaved, 48 kHz.
    Recorded(&'a [u8]),
    /// Nobody plays; what is recorded next is of another time.
    Suspended,
}

/// A connection with one recording stream.
#[derive(Debug)]
pub(super) struct Recording {
    socket: BufReader<UnixStream>,
    version: u16,
    channel: u32,
    pace: Pace,
    sequence: u32,
    /// Of the last message.
    body: Vec<u8>,
}

impl Recording {
    /// Connects to a server such as `unix:/run/user/1000/pulse` and records the named source.
    pub(super) fn connect(server: &str, source: &str) -> Result<Self, RecordingError> {
        let path = server
            .strip_prefix("unix:")
            .ok_or_else(|| RecordingError::Address(server.into()))?;
        let source = CString::new(source).map_err(|_| RecordingError::SourceName)?;
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(ANSWER_LIMIT))?;
        socket.set_write_timeout(Some(ANSWER_LIMIT))?;
        let mut recording = Self {
            socket: BufReader::new(socket),
            version: MAX_VERSION,
            channel: COMMANDS,
            pace: Pace::Prompt,
            sequence: 0,
            body: Vec::new(),
        };
        recording.log_in()?;
        recording.create(source)?;
        // From here on, silence is no fault.
        recording.socket.get_ref().set_read_timeout(None)?;
        Ok(recording)
    }

    /// To shut it down: the next [`Self::next`] then fails.
    pub(super) fn socket(&self) -> Result<UnixStream, RecordingError> {
        Ok(self.socket.get_ref().try_clone()?)
    }

    /// Waits for what comes next.
    pub(super) fn next(&mut self) -> Result<Event<'_>, RecordingError> {
        loop {
            let descriptor = self.receive()?;
            if descriptor.channel == self.channel {
                return Ok(Event::Recorded(&self.body));
            }
            if descriptor.channel == COMMANDS && self.is_suspension()? {
                return Ok(Event::Suspended);
            }
        }
    }

    /// Takes effect on what is recorded from now on.
    pub(super) fn set_pace(&mut self, pace: Pace) -> Result<(), RecordingError> {
        if self.pace == pace {
            return Ok(());
        }
        self.pace = pace;
        // Its answer says nothing that matters, and `next` leaves it out.
        self.send(&Command::SetRecordStreamBufferAttr(
            SetRecordStreamBufferAttrParams {
                index: self.channel,
                buffer_attr: pace.buffer(),
                adjust_latency: true,
                early_requests: false,
            },
        ))?;
        Ok(())
    }

    fn log_in(&mut self) -> Result<(), RecordingError> {
        let sequence = self.send(&Command::Auth(AuthParams {
            version: MAX_VERSION,
            cookie: vec![0; COOKIE_BYTES],
            ..AuthParams::default()
        }))?;
        let version = self.answer(sequence)? & VERSION_BITS;
        self.version = u16::try_from(version).map_or(MAX_VERSION, |theirs| theirs.min(MAX_VERSION));
        let mut properties = Props::new();
        properties.set(Prop::ApplicationName, c"StreamSpace");
        let sequence = self.send(&Command::SetClientName(properties))?;
        self.answer(sequence)?;
        Ok(())
    }

    fn create(&mut self, source: CString) -> Result<(), RecordingError> {
        let sequence = self.send(&Command::CreateRecordStream(RecordStreamParams {
            sample_spec: SampleSpec {
                format: SampleFormat::S16Le,
                channels: 2,
                sample_rate: 48_000,
            },
            channel_map: ChannelMap::stereo(),
            source_name: Some(source),
            buffer_attr: self.pace.buffer(),
            flags: StreamFlags {
                no_move: true,
                adjust_latency: true,
                no_inhibit_auto_suspend: true,
                ..StreamFlags::default()
            },
            ..RecordStreamParams::default()
        }))?;
        self.channel = self.answer(sequence)?;
        if self.channel == COMMANDS {
            return Err(RecordingError::NoAnswer);
        }
        Ok(())
    }

    /// Returns the number that the answer bears.
    fn send(&mut self, command: &Command) -> Result<u32, RecordingError> {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        write_command_message(self.socket.get_mut(), sequence, command, self.version)?;
        Ok(sequence)
    }

    /// The first value of the answer; no more is needed of any.
    fn answer(&mut self, sequence: u32) -> Result<u32, RecordingError> {
        for _ in 0..MESSAGES_BEFORE_ANSWER {
            if self.receive()?.channel != COMMANDS {
                continue;
            }
            let mut body = self.body.as_slice();
            let mut values = TagStructReader::new(&mut body, self.version);
            let (tag, of) = (values.read_u32()?, values.read_u32()?);
            if of != sequence {
                continue;
            }
            if tag == CommandTag::Error as u32 {
                return Err(RecordingError::Refused(values.read_u32()?));
            }
            if tag == CommandTag::Reply as u32 {
                return Ok(values.read_u32()?);
            }
        }
        Err(RecordingError::NoAnswer)
    }

    /// Whether the command that was received says that the stream is suspended.
    fn is_suspension(&self) -> Result<bool, RecordingError> {
        let mut body = self.body.as_slice();
        let mut values = TagStructReader::new(&mut body, self.version);
        let (tag, _sequence) = (values.read_u32()?, values.read_u32()?);
        if tag == CommandTag::RecordStreamKilled as u32 {
            return Err(RecordingError::Ended);
        }
        if tag != CommandTag::RecordStreamSuspended as u32 {
            return Ok(false);
        }
        let _channel = values.read_u32()?;
        Ok(values.read_bool()?)
    }

    /// Reads a whole message into `body`.
    fn receive(&mut self) -> Result<Descriptor, RecordingError> {
        let mut header = [0; DESCRIPTOR_SIZE];
        self.socket.read_exact(&mut header)?;
        let descriptor = read_descriptor(&mut header.as_slice())?;
        let length = descriptor.length as usize;
        if length > LONGEST_MESSAGE {
            return Err(RecordingError::MessageTooLong(descriptor.length));
        }
        self.body.resize(length, 0);
        self.socket.read_exact(&mut self.body)?;
        Ok(descriptor)
    }
}
