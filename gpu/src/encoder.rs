//! The encoders: which there are, in which order, and what they are called.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Codec;

/// An encoder: one GStreamer element, in order of preference. Those of H.264 come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoder {
    /// NVIDIA NVENC, on the GPU that the frames are on or the first that is free.
    NvencAuto,
    /// NVIDIA NVENC by CUDA.
    NvencCuda,
    /// NVIDIA NVENC, the element of GStreamer before 1.22.
    Nvenc,
    /// VA-API by the `va` plugin.
    Va,
    /// VA-API by the `va` plugin, on Intel's low-power encoder: the only one of newer parts.
    VaLowPower,
    /// VA-API by gstreamer-vaapi.
    Vaapi,
    /// A stateful Video4Linux2 encoder, as arm64 boards have.
    V4l2,
    /// x264 in software, by our own element.
    X264,
    /// x264 in software, by GStreamer's element, which looks at every pixel of every frame.
    #[serde(rename = "x264-plain")]
    X264Plain,
    /// Cisco's OpenH264 in software, for builds without GPL parts.
    #[serde(rename = "openh264")]
    OpenH264,
    /// VP8 in software, by libvpx.
    Vp8,
    /// VP9 in software, by libvpx.
    Vp9,
}

/// Who makes an encoder's hardware work, and so what its absence may be put down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Nvidia,
    Va,
    V4l2,
    Software,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no encoder named {0:?}; there are {names}", names = names())]
pub struct UnknownEncoder(String);

impl Encoder {
    /// Every encoder, best first.
    pub const ALL: [Self; 12] = [
        Self::NvencAuto,
        Self::NvencCuda,
        Self::Nvenc,
        Self::Va,
        Self::VaLowPower,
        Self::Vaapi,
        Self::V4l2,
        Self::X264,
        Self::X264Plain,
        Self::OpenH264,
        Self::Vp8,
        Self::Vp9,
    ];

    /// The GStreamer element.
    pub fn element(self) -> &'static str {
        match self {
            Self::NvencAuto => "nvautogpuh264enc",
            Self::NvencCuda => "nvcudah264enc",
            Self::Nvenc => "nvh264enc",
            Self::Va => "vah264enc",
            Self::VaLowPower => "vah264lpenc",
            Self::Vaapi => "vaapih264enc",
            Self::V4l2 => "v4l2h264enc",
            Self::X264 => "streamspacex264enc",
            Self::X264Plain => "x264enc",
            Self::OpenH264 => "openh264enc",
            Self::Vp8 => "vp8enc",
            Self::Vp9 => "vp9enc",
        }
    }

    /// The Debian package that brings the element; none if the streamer does.
    pub fn package(self) -> Option<&'static str> {
        match self {
            Self::NvencAuto
            | Self::NvencCuda
            | Self::Nvenc
            | Self::Va
            | Self::VaLowPower
            | Self::OpenH264 => Some("gstreamer1.0-plugins-bad"),
            Self::Vaapi => Some("gstreamer1.0-vaapi"),
            Self::V4l2 | Self::Vp8 | Self::Vp9 => Some("gstreamer1.0-plugins-good"),
            Self::X264Plain => Some("gstreamer1.0-plugins-ugly"),
            Self::X264 => None,
        }
    }

    pub fn family(self) -> Family {
        match self {
            Self::NvencAuto | Self::NvencCuda | Self::Nvenc => Family::Nvidia,
            Self::Va | Self::VaLowPower | Self::Vaapi => Family::Va,
            Self::V4l2 => Family::V4l2,
            Self::X264 | Self::X264Plain | Self::OpenH264 | Self::Vp8 | Self::Vp9 => {
                Family::Software
            }
        }
    }

    pub fn is_hardware(self) -> bool {
        self.family() != Family::Software
    }

    pub(crate) fn is_of_nvidia(self) -> bool {
        self.family() == Family::Nvidia
    }

    /// What it makes.
    pub fn codec(self) -> Codec {
        match self {
            Self::Vp8 => Codec::Vp8,
            Self::Vp9 => Codec::Vp9,
            _ => Codec::H264,
        }
    }

    /// As GStreamer's caps name it.
    pub fn profile(self) -> &'static str {
        match self.codec() {
            Codec::H264 => "constrained-baseline",
            Codec::Vp8 | Codec::Vp9 => "0",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::NvencAuto => "nvenc-auto",
            Self::NvencCuda => "nvenc-cuda",
            Self::Nvenc => "nvenc",
            Self::Va => "va",
            Self::VaLowPower => "va-low-power",
            Self::Vaapi => "vaapi",
            Self::V4l2 => "v4l2",
            Self::X264 => "x264",
            Self::X264Plain => "x264-plain",
            Self::OpenH264 => "openh264",
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
        }
    }
}

fn names() -> String {
    Encoder::ALL.map(Encoder::name).join(", ")
}

impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoder {
    type Err = UnknownEncoder;

    fn from_str(text: &str) -> Result<Self, UnknownEncoder> {
        Self::ALL
            .into_iter()
            .find(|encoder| encoder.name() == text)
            .ok_or_else(|| UnknownEncoder(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_is_found_by_its_name_wherever_it_is_written() {
        for encoder in Encoder::ALL {
            assert_eq!(encoder.to_string().parse(), Ok(encoder));
            let json = serde_json::to_string(&encoder).expect("a name");
            assert_eq!(json, format!("\"{encoder}\""));
        }
        let error = "h264".parse::<Encoder>().expect_err("no encoder");
        assert!(
            error
                .to_string()
                .ends_with("x264, x264-plain, openh264, vp8, vp9")
        );
    }

    #[test]
    fn the_order_of_preference_is_the_order_of_the_list() {
        assert!(Encoder::ALL.is_sorted());
        let software = Encoder::ALL.map(|encoder| !encoder.is_hardware());
        assert!(software.is_sorted(), "hardware comes first");
        let codecs = Encoder::ALL.map(Encoder::codec);
        assert!(codecs.is_sorted(), "H.264 comes first");
    }
}
