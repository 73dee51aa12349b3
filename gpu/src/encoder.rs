//! The H.264 encoders, and each one's GStreamer element and low-latency settings.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An H.264 encoder, in order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoder {
    /// NVIDIA NVENC.
    Nvenc,
    /// VA-API by the `va` plugin.
    Va,
    /// VA-API by gstreamer-vaapi.
    Vaapi,
    /// x264 in software, by our own element.
    X264,
    /// Cisco's OpenH264 in software, for builds without GPL parts.
    OpenH264,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no encoder named {0:?}; there are nvenc, va, vaapi, x264, openh264")]
pub struct UnknownEncoder(String);

/// What an encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderTarget {
    pub bitrate_bps: u32,
    pub fps: u16,
}

/// The element's property that changes the bitrate while it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitrateProperty {
    pub name: &'static str,
    /// Bits a second in one unit of the property.
    pub unit_bps: u32,
}

impl Encoder {
    /// Every encoder, best first.
    pub const ALL: [Self; 5] = [
        Self::Nvenc,
        Self::Va,
        Self::Vaapi,
        Self::X264,
        Self::OpenH264,
    ];

    /// The GStreamer element.
    pub fn element(self) -> &'static str {
        match self {
            Self::Nvenc => "nvh264enc",
            Self::Va => "vah264enc",
            Self::Vaapi => "vaapih264enc",
            Self::X264 => "streamspacex264enc",
            Self::OpenH264 => "openh264enc",
        }
    }

    /// The Debian package that brings the element; none if the streamer does.
    pub fn package(self) -> Option<&'static str> {
        match self {
            Self::Nvenc | Self::Va | Self::OpenH264 => Some("gstreamer1.0-plugins-bad"),
            Self::Vaapi => Some("gstreamer1.0-vaapi"),
            Self::X264 => None,
        }
    }

    pub fn is_hardware(self) -> bool {
        match self {
            Self::Nvenc | Self::Va | Self::Vaapi => true,
            Self::X264 | Self::OpenH264 => false,
        }
    }

    /// The bitrate property's value, in its unit, for this bitrate.
    ///
    /// Most encoders divide their bitrate by the `planned_fps` that their caps name, while `fps` frames a
    /// second come: each is to have its full share. Ours goes by the frames' times.
    pub fn bitrate(self, bitrate_bps: u32, fps: u16, planned_fps: u16) -> u32 {
        let (fps, planned_fps) = (u64::from(fps.max(1)), u64::from(planned_fps.max(1)));
        let scaled = match self {
            Self::X264 => u64::from(bitrate_bps),
            Self::Nvenc | Self::Va | Self::Vaapi | Self::OpenH264 => {
                u64::from(bitrate_bps) * planned_fps / fps
            }
        };
        u32::try_from(scaled).unwrap_or(u32::MAX) / self.bitrate_property().unit_bps
    }

    pub fn bitrate_property(self) -> BitrateProperty {
        match self {
            Self::Nvenc | Self::Va | Self::Vaapi | Self::X264 => BitrateProperty {
                name: "bitrate",
                unit_bps: 1000,
            },
            Self::OpenH264 => BitrateProperty {
                name: "bitrate",
                unit_bps: 1,
            },
        }
    }

    /// From raw I420 or NV12 to constrained-baseline access units, as `gst_parse_launch` text.
    ///
    /// The element is named `encoder`. Keyframes come on request, so the regular interval is long;
    /// no encoder here holds a frame back to look at the next one.
    pub fn pipeline(self, target: EncoderTarget) -> String {
        let bitrate = target.bitrate_bps / self.bitrate_property().unit_bps;
        let interval = u32::from(target.fps) * KEYFRAME_INTERVAL_S;
        let element = self.element();
        let properties = match self {
            Self::Nvenc => format!(
                "bitrate={bitrate} preset=low-latency-hp rc-mode=cbr-ld-hq zerolatency=true bframes=0 gop-size={interval}"
            ),
            Self::Va => format!(
                "bitrate={bitrate} rate-control=cbr target-usage=7 b-frames=0 ref-frames=1 key-int-max={interval}"
            ),
            Self::Vaapi => format!(
                "bitrate={bitrate} rate-control=cbr quality-level=7 max-bframes=0 refs=1 keyframe-period={interval}"
            ),
            Self::X264 => format!("bitrate={bitrate}"),
            Self::OpenH264 => format!(
                "bitrate={bitrate} rate-control=bitrate usage-type=screen complexity=low slice-mode=auto gop-size={interval}"
            ),
        };
        format!(
            "{element} name=encoder {properties} ! \
             video/x-h264,profile=constrained-baseline,stream-format=byte-stream,alignment=au"
        )
    }
}

/// Viewers that join or lose packets ask for keyframes, so that none is sent for nothing.
const KEYFRAME_INTERVAL_S: u32 = 60;
impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nvenc => "nvenc",
            Self::Va => "va",
            Self::Vaapi => "vaapi",
            Self::X264 => "x264",
            Self::OpenH264 => "openh264",
        })
    }
}

impl FromStr for Encoder {
    type Err = UnknownEncoder;

    fn from_str(text: &str) -> Result<Self, UnknownEncoder> {
        Self::ALL
            .into_iter()
            .find(|encoder| encoder.to_string() == text)
            .ok_or_else(|| UnknownEncoder(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_is_found_by_its_name() {
        for encoder in Encoder::ALL {
            assert_eq!(encoder.to_string().parse(), Ok(encoder));
        }
        assert!("h264".parse::<Encoder>().is_err());
    }

    #[test]
    fn the_bitrate_is_written_in_the_units_of_the_element() {
        let target = EncoderTarget {
            bitrate_bps: 4_000_000,
            fps: 60,
        };
        assert!(Encoder::Nvenc.pipeline(target).contains("bitrate=4000 "));
        assert!(
            Encoder::OpenH264
                .pipeline(target)
                .contains("bitrate=4000000 ")
        );
    }

    #[test]
    fn each_frame_has_its_full_share_of_the_bitrate_when_fewer_come() {
        let bitrate = |encoder: Encoder| encoder.bitrate(4_000_000, 15, 60);
        assert_eq!(bitrate(Encoder::Nvenc), 16_000);
        assert_eq!(bitrate(Encoder::OpenH264), 16_000_000);
        assert_eq!(bitrate(Encoder::X264), 4_000);
        assert_eq!(Encoder::Va.bitrate(u32::MAX, 0, u16::MAX), u32::MAX / 1000);
    }

    #[test]
    fn every_pipeline_makes_what_every_browser_decodes() {
        let target = EncoderTarget {
            bitrate_bps: 4_000_000,
            fps: 60,
        };
        for encoder in Encoder::ALL {
            let text = encoder.pipeline(target);
            assert!(
                text.starts_with(&format!("{} name=encoder ", encoder.element())),
                "{text}"
            );
            assert!(text.contains("profile=constrained-baseline"), "{text}");
            assert!(
                text.contains("stream-format=byte-stream,alignment=au"),
                "{text}"
            );
        }
    }
}
