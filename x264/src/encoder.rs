//! The safe side.

use std::{ffi::c_void, num::NonZeroU16, ptr::NonNull};

use crate::ffi;

/// The length of a macroblock's side, in pixels.
pub const MACROBLOCK: usize = 16;
/// The sides of a picture, in pixels: x264's own limit, and nothing that a level lacks.
const SIDES: std::ops::RangeInclusive<u16> = 2..=16384;
/// From beyond what eyes see to the coarsest of H.264; see `shim.c` for why not less.
const QUANTIZERS: std::ops::RangeInclusive<u8> = 11..=51;

/// How the pixels were made from red, green and blue; limited range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Bt601,
    Bt709,
}

/// What all frames of an encoder have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Even, in pixels.
    pub width: u16,
    /// Even, in pixels.
    pub height: u16,
    /// The most frames a second, for the level that the stream claims.
    pub fps: NonZeroU16,
    /// How many slices of a frame are encoded at the same time.
    pub threads: NonZeroU16,
    pub colour: Colour,
}

/// Rows of samples.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    pub data: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Decoders can begin here.
    Key,
    /// Needs the frame before.
    Delta,
}

/// How far x264 looks for where a block has come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// A few pixels around where its neighbours have come from.
    Near,
    /// 32 pixels; a fifth more work.
    Wide,
}

/// What to encode next.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// Y, a byte a pixel.
    pub luma: Plane<'a>,
    /// U and V by turns, at half the width and height (NV12, as x264 keeps them itself).
    pub chroma: Plane<'a>,
    pub frame: Frame,
    /// 11 (sharpest) to 51.
    pub quantizer: u8,
    pub search: Search,
    /// One byte a macroblock, row by row: 1 where the picture is the same as the one before, else 0.
    /// Without it nothing is known.
    pub unchanged: Option<&'a [u8]>,
}

/// One access unit, in the byte stream format (ITU-T H.264, annex B).
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'a> {
    pub data: &'a [u8],
    pub frame: Frame,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{width} x {height} pixels cannot be encoded")]
    Size { width: u16, height: u16 },
    #[error("x264 refuses the settings")]
    Refused,
}

#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("there is no quantizer {0}")]
    Quantizer(u8),
    #[error("the planes are not those of a picture of this format and size")]
    Planes,
    #[error("the unchanged macroblocks are not as many as the picture has")]
    Unchanged,
    #[error("x264 cannot encode the picture")]
    Failed,
}

/// An encoder of constrained-baseline H.264.
#[derive(Debug)]
pub struct Encoder {
    handle: NonNull<c_void>,
    settings: Settings,
    number: i64,
}

// SAFETY: x264's handle belongs to no thread, and is only used through `&mut self`.
unsafe impl Send for Encoder {}

impl Encoder {
    /// # Errors
    ///
    /// The size is odd, empty or beyond H.264, or x264 refuses.
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        let Settings { width, height, .. } = settings;
        let fits = |side: u16| SIDES.contains(&side) && side.is_multiple_of(2);
        if !fits(width) || !fits(height) {
            return Err(OpenError::Size { width, height });
        }
        let raw = ffi::Settings {
            width: width.into(),
            height: height.into(),
            fps: settings.fps.get().into(),
            threads: settings.threads.get().min(MOST_THREADS).into(),
            matrix: match settings.colour {
                Colour::Bt709 => 1,
                Colour::Bt601 => 6,
            },
        };
        // SAFETY: `raw` is a valid structure for the time of the call, which keeps no pointer to it.
        let handle = unsafe { ffi::streamspace_x264_open(&raw) };
        Ok(Self {
            handle: NonNull::new(handle).ok_or(OpenError::Refused)?,
            settings,
            number: 0,
        })
    }

    /// How many macroblocks a row of the picture has, and how many rows.
    pub fn macroblocks(&self) -> (usize, usize) {
        let count = |side: u16| usize::from(side).div_ceil(MACROBLOCK);
        (count(self.settings.width), count(self.settings.height))
    }

    /// Encodes the picture; what comes out is all of it.
    ///
    /// # Errors
    ///
    /// The picture is not one of this encoder's, or x264 fails; then it is of no further use.
    pub fn encode(&mut self, picture: &Picture<'_>) -> Result<Encoded<'_>, EncodeError> {
        if !QUANTIZERS.contains(&picture.quantizer) {
            return Err(EncodeError::Quantizer(picture.quantizer));
        }
        let (columns, rows) = self.macroblocks();
        if picture
            .unchanged
            .is_some_and(|unchanged| unchanged.len() != columns * rows)
        {
            return Err(EncodeError::Unchanged);
        }
        let raw = ffi::Picture {
            keyframe: (picture.frame == Frame::Key).into(),
            quantizer: picture.quantizer.into(),
            wide_search: (picture.search == Search::Wide).into(),
            unchanged: picture.unchanged.map_or(std::ptr::null(), <[u8]>::as_ptr),
            number: self.number,
            ..self.checked_planes(picture)?
        };
        self.number += 1;
        self.encode_checked(&raw)
    }

    /// The planes, which are large enough for every sample that x264 reads.
    fn checked_planes(&self, picture: &Picture<'_>) -> Result<ffi::Picture, EncodeError> {
        let Settings { width, height, .. } = self.settings;
        let (width, height) = (usize::from(width), usize::from(height));
        let stride = |plane: Plane<'_>, rows: usize| {
            let above = plane.stride.checked_mul(rows - 1);
            let needed = above.and_then(|above| above.checked_add(width));
            let enough = needed.is_some_and(|needed| plane.data.len() >= needed);
            (i32::try_from(plane.stride).ok()).filter(|_| enough && plane.stride >= width)
        };
        let Picture { luma, chroma, .. } = *picture;
        let strides = (stride(luma, height)).zip(stride(chroma, height / 2));
        let (luma_stride, chroma_stride) = strides.ok_or(EncodeError::Planes)?;
        Ok(ffi::Picture {
            planes: [luma.data.as_ptr(), chroma.data.as_ptr()],
            strides: [luma_stride, chroma_stride],
            quantizer: 0,
            keyframe: 0,
            wide_search: 0,
            unchanged: std::ptr::null(),
            number: 0,
        })
    }

    fn encode_checked(&mut self, picture: &ffi::Picture) -> Result<Encoded<'_>, EncodeError> {
        let mut unit = ffi::Unit {
            data: std::ptr::null(),
            keyframe: 0,
        };
        // SAFETY: the handle is open. The planes hold every sample of a picture of the settings' size,
        // and `unchanged` a byte for every macroblock, for the time of the call: without lookahead and
        // frame threads x264 has copied the picture when it returns, and never writes to either.
        let bytes =
            unsafe { ffi::streamspace_x264_encode(self.handle.as_ptr(), picture, &mut unit) };
        let bytes = usize::try_from(bytes).map_err(|_| EncodeError::Failed)?;
        if bytes == 0 || unit.data.is_null() {
            return Err(EncodeError::Failed);
        }
        // SAFETY: x264 guarantees that a frame's NAL units lie one after the other, `bytes` in all, and
        // stay until the next call, for which `self` would have to be borrowed again.
        let data = unsafe { std::slice::from_raw_parts(unit.data, bytes) };
        let frame = match unit.keyframe {
            0 => Frame::Delta,
            _ => Frame::Key,
        };
        Ok(Encoded { data, frame })
    }
}

/// Slices cost bits and gain nothing beyond that.
const MOST_THREADS: u16 = 16;

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and not used after.
        unsafe { ffi::streamspace_x264_close(self.handle.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 320;
    const HEIGHT: usize = 240;

    fn settings() -> Settings {
        Settings {
            width: 320,
            height: 240,
            fps: NonZeroU16::MIN.saturating_add(59),
            threads: NonZeroU16::MIN,
            colour: Colour::Bt709,
        }
    }

    /// Noise, which costs bits, of this seed.
    fn noise(seed: u32) -> Vec<u8> {
        let mut state = seed.max(1);
        let next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        };
        std::iter::repeat_with(next)
            .take(WIDTH * HEIGHT * 3 / 2)
            .collect()
    }

    fn picture(bytes: &[u8]) -> Picture<'_> {
        let plane = |data| Plane {
            data,
            stride: WIDTH,
        };
        Picture {
            luma: plane(&bytes[..WIDTH * HEIGHT]),
            chroma: plane(&bytes[WIDTH * HEIGHT..]),
            frame: Frame::Key,
            quantizer: 30,
            search: Search::Near,
            unchanged: None,
        }
    }

    fn encode(
        encoder: &mut Encoder,
        bytes: &[u8],
        frame: Frame,
        quantizer: u8,
        unchanged: Option<&[u8]>,
    ) -> (usize, Frame) {
        let picture = Picture {
            frame,
            quantizer,
            unchanged,
            ..picture(bytes)
        };
        let encoded = encoder.encode(&picture).expect("encoded");
        assert_eq!(encoded.data[..4], [0, 0, 0, 1]);
        (encoded.data.len(), encoded.frame)
    }

    #[test]
    fn every_picture_comes_out_at_once_and_only_keyframes_on_request() {
        let mut encoder = Encoder::open(settings()).expect("open");
        for number in 0..5 {
            let wanted = if number % 3 == 0 {
                Frame::Key
            } else {
                Frame::Delta
            };
            let (_, frame) = encode(&mut encoder, &noise(number), wanted, 30, None);
            assert_eq!(frame, wanted);
        }
    }

    #[test]
    fn every_finer_quantizer_takes_more_bytes() {
        let bytes = [11, 12, 18, 26, 34, 42, 50, 51].map(|quantizer| {
            let mut encoder = Encoder::open(settings()).expect("open");
            encode(&mut encoder, &noise(7), Frame::Key, quantizer, None).0
        });
        assert!(
            bytes.is_sorted_by(|finer, coarser| finer > coarser),
            "{bytes:?}"
        );
    }

    #[test]
    fn what_is_marked_as_unchanged_is_sent_again_only_to_become_sharper() {
        let mut encoder = Encoder::open(settings()).expect("open");
        let (columns, rows) = encoder.macroblocks();
        let (one, other) = (noise(1), noise(2));
        let (key, _) = encode(&mut encoder, &one, Frame::Key, 30, None);
        // It takes our word for it: the picture has in fact changed.
        let unchanged = vec![1; columns * rows];
        let (skipped, _) = encode(&mut encoder, &other, Frame::Delta, 30, Some(&unchanged));
        assert!(skipped < 100, "{skipped}");
        let (sharper, _) = encode(&mut encoder, &one, Frame::Delta, 20, Some(&unchanged));
        assert!(sharper > key / 4, "{sharper} {key}");
    }

    #[test]
    fn a_wide_search_finds_what_has_moved_far() {
        let texture = noise(5);
        // Each picture shows the texture 25 rows further on.
        let shown = |number: usize| {
            let mut picture = texture.clone();
            picture[..WIDTH * HEIGHT].rotate_left(number * 25 * WIDTH);
            picture[WIDTH * HEIGHT..].fill(128);
            picture
        };
        let bytes = [Search::Near, Search::Wide].map(|search| {
            let mut encoder = Encoder::open(settings()).expect("open");
            encode(&mut encoder, &shown(0), Frame::Key, 26, None);
            let moved = shown(1);
            let picture = Picture {
                frame: Frame::Delta,
                quantizer: 26,
                search,
                ..picture(&moved)
            };
            encoder.encode(&picture).expect("encoded").data.len()
        });
        assert!(bytes[0] > 2 * bytes[1], "{bytes:?}");
    }

    #[test]
    fn what_x264_would_take_on_trust_is_refused() {
        for (width, height) in [(0, 240), (321, 240), (320, 3), (u16::MAX, 240)] {
            let settings = Settings {
                width,
                height,
                ..settings()
            };
            assert!(matches!(
                Encoder::open(settings),
                Err(OpenError::Size { .. })
            ));
        }
        let mut encoder = Encoder::open(settings()).expect("open");
        let bytes = noise(1);
        let picture = picture(&bytes);
        let refused = |encoder: &mut Encoder, picture: Picture<'_>| {
            encoder.encode(&picture).map(|_| ()).expect_err("refused")
        };
        for quantizer in [10, 52] {
            let error = refused(
                &mut encoder,
                Picture {
                    quantizer,
                    ..picture
                },
            );
            assert!(matches!(error, EncodeError::Quantizer(_)));
        }
        let error = refused(
            &mut encoder,
            Picture {
                unchanged: Some(&[1; 299]),
                ..picture
            },
        );
        assert!(matches!(error, EncodeError::Unchanged));
        let plane = |data, stride| Plane { data, stride };
        for chroma in [
            plane(&picture.chroma.data[1..], WIDTH),
            plane(picture.chroma.data, WIDTH - 1),
            plane(picture.chroma.data, usize::MAX),
            plane(&[], WIDTH),
        ] {
            let error = refused(&mut encoder, Picture { chroma, ..picture });
            assert!(matches!(error, EncodeError::Planes));
        }
        encoder.encode(&picture).expect("it goes on");
    }
}
