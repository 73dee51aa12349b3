//! From the display's BGRx pixels to a part of an I420 or NV12 frame.

use gstreamer::BufferRef;
use gstreamer_video::{VideoColorMatrix, VideoFormat, VideoFrameExt, VideoFrameRef, VideoInfo};
use yuv::{
    BufferStoreMut, YuvBiPlanarImageMut, YuvConversionMode, YuvError, YuvPlanarImageMut, YuvRange,
    YuvStandardMatrix, bgra_to_yuv_nv12, bgra_to_yuv420,
};

use crate::{area::Area, grabber::PIXEL_BYTES};

/// How much is read and converted at a time: it stays in the processor's second-level cache.
const STRIP_BYTES: usize = 128 * 1024;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError<E> {
    #[error(transparent)]
    Read(E),
    #[error("pixels cannot be converted: {0}")]
    Convert(#[from] YuvError),
    #[error("a frame's memory cannot be written")]
    Memory(#[from] gstreamer::glib::BoolError),
}

/// Reads, shrinks and converts; keeps its scratch memory.
#[derive(Debug)]
pub(crate) struct Converter {
    info: VideoInfo,
    matrix: YuvStandardMatrix,
    /// Pixels of the display for each of the frame's, both ways.
    factor: u16,
    strip: Vec<u8>,
    shrunk: Vec<u8>,
}

impl Converter {
    pub(crate) fn new(info: VideoInfo, factor: u16) -> Self {
        let matrix = match info.colorimetry().matrix() {
            VideoColorMatrix::Bt601 => YuvStandardMatrix::Bt601,
            _ => YuvStandardMatrix::Bt709,
        };
        Self {
            info,
            matrix,
            factor,
            strip: Vec::new(),
            shrunk: Vec::new(),
        }
    }

    /// What areas of the display must be multiples of, so that they are whole colour samples.
    pub(crate) fn step(&self) -> u16 {
        2 * self.factor
    }

    /// The part of the display that frames show: an edge that is no whole colour sample is cut off.
    pub(crate) fn shown(&self) -> Area {
        let pixels = |length: u32| u16::try_from(length).unwrap_or(u16::MAX / 4) * self.factor;
        Area::whole(pixels(self.info.width()), pixels(self.info.height()))
    }

    /// Fills `areas` of the frame with pixels that `read` gives, by their place in what was grabbed.
    pub(crate) fn convert<E>(
        &mut self,
        areas: &[Area],
        frame: &mut BufferRef,
        mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), ConvertError<E>> {
        let mut frame = VideoFrameRef::from_buffer_ref_writable(frame, &self.info)?;
        let mut offset = 0;
        let step = usize::from(self.step());
        for &area in areas {
            let row_bytes = usize::from(area.width) * PIXEL_BYTES;
            let rows = (STRIP_BYTES / row_bytes.max(1) / step * step).max(step);
            let mut top = 0;
            while top < usize::from(area.height) {
                let height = rows.min(usize::from(area.height) - top);
                self.strip.resize(row_bytes * height, 0);
                read(offset, &mut self.strip).map_err(ConvertError::Read)?;
                offset += self.strip.len();
                self.convert_strip(area, top, &mut frame)?;
                top += height;
            }
        }
        Ok(())
    }

    /// Converts the strip, whose first row is the area's row `top`.
    fn convert_strip(
        &mut self,
        area: Area,
        top: usize,
        frame: &mut VideoFrameRef<&mut BufferRef>,
    ) -> Result<(), YuvError> {
        let row_bytes = usize::from(area.width) * PIXEL_BYTES;
        let factor = usize::from(self.factor);
        let pixels = if factor == 1 {
            &self.strip
        } else {
            halve(&self.strip, row_bytes, &mut self.shrunk);
            &self.shrunk
        };
        let place = Place {
            left: usize::from(area.x) / factor,
            top: (usize::from(area.y) + top) / factor,
            width: usize::from(area.width) / factor,
            height: self.strip.len() / row_bytes / factor,
        };
        write_planes(pixels, self.matrix, place, frame)
    }
}

/// Where pixels go in the frame, in its own pixels; all even.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

fn write_planes(
    pixels: &[u8],
    matrix: YuvStandardMatrix,
    place: Place,
    frame: &mut VideoFrameRef<&mut BufferRef>,
) -> Result<(), YuvError> {
    let stride = |plane: usize| usize::try_from(frame.plane_stride()[plane]).unwrap_or(0);
    let strides = [
        stride(0),
        stride(1),
        stride(2.min(frame.plane_stride().len() - 1)),
    ];
    let planar = frame.format() == VideoFormat::I420;
    let luma = place.top * strides[0] + place.left;
    let chroma_left = if planar { place.left / 2 } else { place.left };
    let chroma = place.top / 2 * strides[1] + chroma_left;
    let [y, u, v, _] = frame.planes_data_mut();
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (width, height) = (small(place.width), small(place.height));
    let pixel_stride = small(place.width * PIXEL_BYTES);
    let (range, mode) = (YuvRange::Limited, YuvConversionMode::Balanced);
    let from = |plane, offset| BufferStoreMut::Borrowed(after(plane, offset));
    if planar {
        let mut planes = YuvPlanarImageMut {
            y_plane: from(y, luma),
            y_stride: small(strides[0]),
            u_plane: from(u, chroma),
            u_stride: small(strides[1]),
            v_plane: from(v, chroma),
            v_stride: small(strides[2]),
            width,
            height,
        };
        bgra_to_yuv420(&mut planes, pixels, pixel_stride, range, matrix, mode)
    } else {
        let mut planes = YuvBiPlanarImageMut {
            y_plane: from(y, luma),
            y_stride: small(strides[0]),
            uv_plane: from(u, chroma),
            uv_stride: small(strides[1]),
            width,
            height,
        };
        bgra_to_yuv_nv12(&mut planes, pixels, pixel_stride, range, matrix, mode)
    }
}

/// The plane from this byte on; nothing if it is shorter, which the conversion then refuses.
fn after(plane: &mut [u8], offset: usize) -> &mut [u8] {
    plane.get_mut(offset..).unwrap_or_default()
}

/// Each pixel of the result is the mean of two by two.
fn halve(pixels: &[u8], row_bytes: usize, into: &mut Vec<u8>) {
    into.resize(pixels.len() / 4, 0);
    let rows = pixels.chunks_exact(2 * row_bytes);
    for (two, row) in rows.zip(into.chunks_exact_mut(row_bytes / 2)) {
        let (upper, lower) = two.split_at(row_bytes);
        let blocks = upper.chunks_exact(8).zip(lower.chunks_exact(8));
        for ((upper, lower), pixel) in blocks.zip(row.chunks_exact_mut(4)) {
            for channel in 0..4 {
                let sum = u16::from(upper[channel])
                    + u16::from(upper[channel + 4])
                    + u16::from(lower[channel])
                    + u16::from(lower[channel + 4]);
                pixel[channel] = ((sum + 2) / 4) as u8;
            }
        }
    }
}
