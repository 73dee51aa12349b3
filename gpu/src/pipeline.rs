//! How each encoder is set up: the one place where properties of encoder elements are named.

use crate::Encoder;

/// What an encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderTarget {
    pub bitrate_bps: u32,
    pub fps: u16,
}

/// How the bitrate is changed while the element plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitrateProperty {
    pub name: &'static str,
    /// Bits a second in one unit of the property.
    pub unit_bps: u32,
    form: Form,
}

/// How a property's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Number,
    /// One field of a structure, which is Video4Linux2's control of that name.
    Control(&'static str),
}

/// What libvpx's encoders share; a quantizer of 56 is the coarsest that text can still be read at.
const REALTIME_VPX: &str = "lag-in-frames=0 end-usage=cbr buffer-size=1000 \
     buffer-initial-size=500 buffer-optimal-size=600 max-quantizer=56";

/// Viewers that join or lose packets ask for keyframes, so that none is sent for nothing.
const KEYFRAME_INTERVAL_S: u32 = 60;

const fn kilobits(name: &'static str) -> BitrateProperty {
    BitrateProperty {
        name,
        unit_bps: 1000,
        form: Form::Number,
    }
}

const fn bits(name: &'static str) -> BitrateProperty {
    BitrateProperty {
        name,
        unit_bps: 1,
        form: Form::Number,
    }
}

impl BitrateProperty {
    /// The property's value, as GStreamer reads it from text.
    pub fn value(&self, units: u32) -> String {
        match self.form {
            Form::Number => units.to_string(),
            Form::Control(control) => format!("controls,{control}={units}"),
        }
    }
}

impl Encoder {
    /// The bitrate property's value for this bitrate, as GStreamer reads it from text.
    ///
    /// Most encoders divide their bitrate by the `planned_fps` that their caps name, while `fps` frames a
    /// second come: each is to have its full share. Ours goes by the frames' times.
    pub fn bitrate(self, bitrate_bps: u32, fps: u16, planned_fps: u16) -> String {
        let (fps, planned_fps) = (u64::from(fps.max(1)), u64::from(planned_fps.max(1)));
        let bitrate_bps = u64::from(bitrate_bps);
        let scaled = match self {
            Self::X264 => bitrate_bps,
            _ => bitrate_bps * planned_fps / fps,
        };
        let property = self.bitrate_property();
        // Elements take signed numbers.
        let most = u32::MAX / 2;
        let units = u32::try_from(scaled / u64::from(property.unit_bps)).unwrap_or(most);
        property.value(units.min(most))
    }

    pub fn bitrate_property(self) -> BitrateProperty {
        match self {
            Self::NvencAuto
            | Self::NvencCuda
            | Self::Nvenc
            | Self::Va
            | Self::VaLowPower
            | Self::Vaapi
            | Self::X264
            | Self::X264Plain => kilobits("bitrate"),
            Self::OpenH264 => bits("bitrate"),
            Self::Vp8 | Self::Vp9 => bits("target-bitrate"),
            Self::V4l2 => BitrateProperty {
                name: "extra-controls",
                unit_bps: 1,
                form: Form::Control("video_bitrate"),
            },
        }
    }

    /// From raw I420 or NV12 to access units of its codec, as `gst_parse_launch` text.
    ///
    /// The element is named `encoder`. Keyframes come on request, by GStreamer's force-key-unit event,
    /// which every element here follows; so the regular interval is long. No encoder here holds a frame
    /// back to look at the next one, and all but ours are asked for one reference and no B-frames.
    pub fn pipeline(self, target: EncoderTarget) -> String {
        let property = self.bitrate_property();
        let bitrate = target.bitrate_bps / property.unit_bps;
        let interval = u32::from(target.fps) * KEYFRAME_INTERVAL_S;
        let properties = match self {
            // The presets' old names: GStreamer 1.22 knows no others, later ones know them still.
            Self::NvencAuto | Self::NvencCuda => format!(
                "bitrate={bitrate} preset=low-latency-hp rate-control=cbr zero-reorder-delay=true \
                 b-frames=0 rc-lookahead=0 cabac=false gop-size={interval} repeat-sequence-header=true"
            ),
            Self::Nvenc => format!(
                "bitrate={bitrate} preset=low-latency-hp rc-mode=cbr-ld-hq zerolatency=true bframes=0 \
                 gop-size={interval}"
            ),
            Self::Va => format!(
                "bitrate={bitrate} rate-control=cbr target-usage=7 b-frames=0 ref-frames=1 \
                 cabac=false dct8x8=false key-int-max={interval}"
            ),
            // Low-power encoders have no B-frames to turn off.
            Self::VaLowPower => format!(
                "bitrate={bitrate} rate-control=cbr target-usage=7 ref-frames=1 cabac=false \
                 dct8x8=false key-int-max={interval}"
            ),
            Self::Vaapi => format!(
                "bitrate={bitrate} rate-control=cbr quality-level=7 max-bframes=0 refs=1 \
                 keyframe-period={interval}"
            ),
            Self::V4l2 => format!(
                "extra-controls=\"controls,video_bitrate_mode=1,video_bitrate={bitrate},\
                 repeat_sequence_header=1,video_b_frames=0,h264_i_frame_period={interval}\""
            ),
            Self::X264 => format!("bitrate={bitrate}"),
            Self::X264Plain => format!(
                "bitrate={bitrate} tune=zerolatency speed-preset=ultrafast pass=cbr \
                 vbv-buf-capacity=100 bframes=0 rc-lookahead=0 sliced-threads=true \
                 key-int-max={interval}"
            ),
            Self::OpenH264 => format!(
                "bitrate={bitrate} rate-control=bitrate usage-type=screen complexity=low \
                 slice-mode=auto gop-size={interval}"
            ),
            // The settings of browsers' own libvpx for screens: no frame waits for the next, none is
            // dropped, and all the time is the encoder's that a frame has. Threads of VP8 wait for one
            // another by spinning, so one alone is quicker where processors are shared.
            Self::Vp8 => format!(
                "target-bitrate={bitrate} deadline=1 cpu-used=-12 {REALTIME_VPX} \
                 threads=1 static-threshold=100 keyframe-max-dist={interval}"
            ),
            Self::Vp9 => format!(
                "target-bitrate={bitrate} deadline=1 cpu-used=8 {REALTIME_VPX} threads=4 row-mt=true \
                 tile-columns=2 keyframe-max-dist={interval}"
            ),
        };
        format!(
            "{} name=encoder {properties} ! {}",
            self.element(),
            self.output()
        )
    }

    /// The caps of what comes out.
    fn output(self) -> &'static str {
        match self {
            // Drivers of boards are asked for a level by the caps, and refuse sizes without one.
            Self::V4l2 => {
                "video/x-h264,profile=constrained-baseline,level=(string)4.2,\
                 stream-format=byte-stream,alignment=au"
            }
            Self::Vp8 => "video/x-vp8",
            Self::Vp9 => "video/x-vp9",
            _ => "video/x-h264,profile=constrained-baseline,stream-format=byte-stream,alignment=au",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Codec;

    const TARGET: EncoderTarget = EncoderTarget {
        bitrate_bps: 4_000_000,
        fps: 60,
    };

    #[test]
    fn every_pipeline_is_what_is_written_down() {
        let texts: Vec<String> = Encoder::ALL.map(|encoder| encoder.pipeline(TARGET)).into();
        let expected = include_str!("../tests/pipelines.txt");
        let expected: Vec<&str> = expected.lines().collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn every_pipeline_of_h264_makes_what_every_browser_decodes() {
        for encoder in Encoder::ALL {
            let text = encoder.pipeline(TARGET);
            assert!(text.starts_with(&format!("{} name=encoder ", encoder.element())));
            if encoder.codec() != Codec::H264 {
                continue;
            }
            assert!(text.contains("profile=constrained-baseline"), "{text}");
            assert!(
                text.contains("stream-format=byte-stream,alignment=au"),
                "{text}"
            );
        }
    }

    #[test]
    fn each_frame_has_its_full_share_of_the_bitrate_when_fewer_come() {
        let bitrate = |encoder: Encoder| encoder.bitrate(4_000_000, 15, 60);
        assert_eq!(bitrate(Encoder::Nvenc), "16000");
        assert_eq!(bitrate(Encoder::OpenH264), "16000000");
        assert_eq!(bitrate(Encoder::V4l2), "controls,video_bitrate=16000000");
        assert_eq!(bitrate(Encoder::X264), "4000");
        let most = Encoder::OpenH264.bitrate(u32::MAX, 0, u16::MAX);
        assert_eq!(most, (u32::MAX / 2).to_string());
    }
}
