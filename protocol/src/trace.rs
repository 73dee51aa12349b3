//! Which trace a piece of work belongs to, and what a session's processes tell of theirs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Length of the header `traceparent`.
const HEADER_BYTES: usize = 55;

/// A span of a trace, as the header `traceparent` names it (W3C Trace Context, version 00).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceContext {
    pub trace: [u8; 16],
    pub span: [u8; 8],
    /// Whether the caller records its own part.
    pub sampled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of version 00")]
pub struct InvalidTraceContext;

impl TraceContext {
    /// Reads a header's bytes.
    ///
    /// # Errors
    /// Anything that is not exactly `00-`, 32 digits, `-`, 16 digits, `-` and 2 digits, hexadecimal in lower
    /// case, with both ids other than zero.
    pub fn parse(header: &[u8]) -> Result<Self, InvalidTraceContext> {
        if header.len() != HEADER_BYTES
            || !header.starts_with(b"00-")
            || header[35] != b'-'
            || header[52] != b'-'
        {
            return Err(InvalidTraceContext);
        }
        let trace = bytes::<16>(&header[3..35])?;
        let span = bytes::<8>(&header[36..52])?;
        let [flags] = bytes::<1>(&header[53..])?;
        if trace == [0; 16] || span == [0; 8] {
            return Err(InvalidTraceContext);
        }
        Ok(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }
}

fn bytes<const COUNT: usize>(text: &[u8]) -> Result<[u8; COUNT], InvalidTraceContext> {
    let mut bytes = [0; COUNT];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

fn digit(byte: u8) -> Result<u8, InvalidTraceContext> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(InvalidTraceContext),
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace = u128::from_be_bytes(self.trace);
        let span = u64::from_be_bytes(self.span);
        write!(
            formatter,
            "00-{trace:032x}-{span:016x}-{:02x}",
            u8::from(self.sampled)
        )
    }
}

impl TryFrom<String> for TraceContext {
    type Error = InvalidTraceContext;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text.as_bytes())
    }
}

impl From<TraceContext> for String {
    fn from(context: TraceContext) -> Self {
        context.to_string()
    }
}

/// What a process of a session does while somebody waits for the first picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceStep {
    /// Supervisor: from its order until the streamer takes links.
    StartSession,
    /// Supervisor: display and sound.
    StartDisplay,
    /// Supervisor: from the display until the streamer takes links.
    StartStreamer,
    /// Streamer: from the gateway's call until the first frame has left.
    ShowSession,
    /// Streamer: until the connection to the viewer stands.
    ConnectViewer,
    /// Streamer: from then until the first frame has left.
    SendFirstFrame,
}

/// When a step was taken, in microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepTime {
    pub step: TraceStep,
    pub start_unix_us: u64,
    pub end_unix_us: u64,
}

/// A span of a session's process: child of `parent`, with the steps that it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TraceReport {
    pub parent: TraceContext,
    pub whole: StepTime,
    pub steps: Vec<StepTime>,
}

impl TraceReport {
    /// More steps than any process takes.
    pub const MAX_STEPS: usize = 8;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written() {
        let context = TraceContext::parse(GOOD.as_bytes()).expect("the standard's own example");
        assert!(context.sampled);
        assert_eq!(context.span, 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes());
        assert_eq!(context.to_string(), GOOD);
        let unsampled = GOOD.replace("-01", "-00");
        let unsampled = TraceContext::parse(unsampled.as_bytes()).expect("one");
        assert!(!unsampled.sampled);
    }

    #[test]
    fn whatever_the_standard_forbids_is_refused() {
        let refused = [
            String::new(),
            GOOD.to_uppercase(),
            format!("{GOOD}-"),
            format!(" {GOOD}"),
            GOOD[..54].to_owned(),
            GOOD.replacen("00-", "01-", 1),
            GOOD.replacen("00-", "ff-", 1),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            GOOD.replace("4bf92f35", "4bf92f3g"),
            GOOD.replace("-00f067aa", "_00f067aa"),
            GOOD.replace("4bf92f", "4bé92"),
        ];
        for header in refused {
            assert!(TraceContext::parse(header.as_bytes()).is_err(), "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(trace: [u8; 16], span: [u8; 8], sampled: bool) {
            prop_assume!(trace != [0; 16] && span != [0; 8]);
            let context = TraceContext { trace, span, sampled };
            prop_assert_eq!(TraceContext::parse(context.to_string().as_bytes()), Ok(context));
        }

        #[test]
        fn arbitrary_bytes_never_panic(header in proptest::collection::vec(any::<u8>(), 0..70)) {
            let _ = TraceContext::parse(&header);
        }
    }
}
