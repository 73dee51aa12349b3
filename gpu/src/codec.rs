//! What encoders make.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

/// A video codec that browsers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// ITU-T H.264, constrained baseline: every browser decodes it, and every session falls back to it.
    H264,
    /// RFC 6386.
    Vp8,
    /// Profile 0 of the VP9 Bitstream and Decoding Process Specification.
    Vp9,
}

impl Codec {
    pub const ALL: [Self; 3] = [Self::H264, Self::Vp8, Self::Vp9];

    /// A GStreamer element that decodes it: the first that is there.
    pub fn decoders(self) -> &'static [&'static str] {
        match self {
            Self::H264 => &["openh264dec", "avdec_h264"],
            Self::Vp8 => &["vp8dec", "avdec_vp8"],
            Self::Vp9 => &["vp9dec", "avdec_vp9"],
        }
    }

    /// The colours that decoders take its pictures to have, as GStreamer's caps name them: VP8 cannot say.
    pub fn colorimetry(self) -> &'static str {
        match self {
            Self::H264 | Self::Vp9 => "bt709",
            Self::Vp8 => "bt601",
        }
    }

    /// The GStreamer element that cuts a stream into what its decoders take, if they need one.
    pub fn parser(self) -> Option<&'static str> {
        match self {
            Self::H264 => Some("h264parse"),
            Self::Vp8 | Self::Vp9 => None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::H264 => "H.264",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
        })
    }
}

/// The codecs that all viewers of a session decode; H.264 is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codecs(BTreeSet<Codec>);

impl Codecs {
    pub fn all() -> Self {
        Codec::ALL.into_iter().collect()
    }

    pub fn contains(&self, codec: Codec) -> bool {
        self.0.contains(&codec)
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).copied().collect()
    }
}

impl FromIterator<Codec> for Codecs {
    fn from_iter<I: IntoIterator<Item = Codec>>(codecs: I) -> Self {
        Self(codecs.into_iter().chain([Codec::H264]).collect())
    }
}
