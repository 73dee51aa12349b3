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

/// Why pixels are not in the frame.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError<E> {
    /// They cannot be read.
    #[error(transparent)]
    Read(E),
    #[error("pixels cannot be converted: {0}")]
    Convert(#[from] YuvError),
    /// An area reaches beyond the frame.
    #[error("an area reaches beyond the frame")]
    Beyond,
    #[error("a frame's memory cannot be written")]
    Memory(#[from] gstreamer::glib::BoolError),
}

/// Reads, shrinks and converts (ITU-R BT.601 or BT.709, limited range); keeps its scratch memory.
#[derive(Debug)]
pub struct Converter {
    info: VideoInfo,
    matrix: YuvStandardMatrix,
    /// Pixels of the display for each of the frame's, both ways.
    factor: u16,
    strip: Vec<u8>,
    shrunk: Vec<u8>,
    apart: Vec<u8>,
}

impl Converter {
    /// For frames that are I420 or NV12, as `info` says, each of whose pixels is the mean of
    /// `factor` (1 or 2) by `factor` of the display's.
    pub fn new(info: VideoInfo, factor: u16) -> Self {
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
            apart: Vec::new(),
        }
    }

    /// What areas of the display must be multiples of, so that they are whole colour samples.
    pub(crate) fn step(&self) -> u16 {
        2 * self.factor
    }

    /// The part of the display that frames show: an edge that is no whole colour sample is cut off.
    pub(crate) fn shown(&self) -> Area {
        let pixels = |length: u32| {
            let length = u16::try_from(length).unwrap_or(u16::MAX);
            length.saturating_mul(self.factor)
        };
        Area::whole(pixels(self.info.width()), pixels(self.info.height()))
    }

    /// Fills `areas` of the frame. They are multiples of two pixels of the frame, and `read` gives
    /// their BGRx pixels: it is told how many bytes come before, and what to fill.
    ///
    /// # Errors
    ///
    /// `read` fails, or an area reaches beyond the frame.
    pub fn convert<E>(
        &mut self,
        areas: &[Area],
        frame: &mut BufferRef,
        mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), ConvertError<E>> {
        let mut frame = VideoFrameRef::from_buffer_ref_writable(frame, &self.info)?;
        let mut offset = 0;
        let step = usize::from(self.step());
        let shown = self.shown();
        for &area in areas {
            if area.right() > shown.width || area.bottom() > shown.height {
                return Err(ConvertError::Beyond);
            }
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
        write_planes(pixels, self.matrix, place, &mut self.apart, frame)
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

/// Converts to where the pixels go in the frame.
///
/// The conversion leaves out the last rows where a plane's rows are longer than the picture's, so
/// anything but whole rows is converted apart and copied.
fn write_planes(
    pixels: &[u8],
    matrix: YuvStandardMatrix,
    place: Place,
    apart: &mut Vec<u8>,
    frame: &mut VideoFrameRef<&mut BufferRef>,
) -> Result<(), YuvError> {
    let planar = frame.format() == VideoFormat::I420;
    let stride = |plane: &i32| usize::try_from(*plane).unwrap_or(0);
    let strides: Vec<usize> = frame.plane_stride().iter().map(stride).collect();
    let Place { width, height, .. } = place;
    let chroma_width = if planar { width / 2 } else { width };
    let chroma_left = if planar { place.left / 2 } else { place.left };
    let luma = place.top * strides[0] + place.left;
    let chroma = place.top / 2 * strides[1] + chroma_left;
    let [y, u, v, _] = frame.planes_data_mut();
    let frame = [after(y, luma), after(u, chroma), after(v, chroma)];
    if strides[0] == width && strides[1] == chroma_width {
        return convert_planes(pixels, matrix, (width, height), planar, frame);
    }
    let (luma, chroma) = (width * height, chroma_width * height / 2);
    apart.resize(luma + 2 * chroma, 0);
    let (y, colours) = apart.split_at_mut(luma);
    let (u, v) = colours.split_at_mut(chroma);
    convert_planes(
        pixels,
        matrix,
        (width, height),
        planar,
        [&mut *y, &mut *u, &mut *v],
    )?;
    let widths = [width, chroma_width, chroma_width];
    let planes = frame.into_iter().zip([y, u, v]).zip(widths);
    for (((into, from), width), stride) in planes.zip(strides) {
        let rows = into.chunks_mut(stride).zip(from.chunks_exact(width));
        for (into, from) in rows {
            into[..width].copy_from_slice(from);
        }
    }
    Ok(())
}

/// Converts to planes without gaps between their rows.
fn convert_planes(
    pixels: &[u8],
    matrix: YuvStandardMatrix,
    (width, height): (usize, usize),
    planar: bool,
    [y, u, v]: [&mut [u8]; 3],
) -> Result<(), YuvError> {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let stride = small(width * PIXEL_BYTES);
    let (width, height) = (small(width), small(height));
    let (range, mode) = (YuvRange::Limited, YuvConversionMode::Balanced);
    if planar {
        let mut planes = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(y),
            y_stride: width,
            u_plane: BufferStoreMut::Borrowed(u),
            u_stride: width / 2,
            v_plane: BufferStoreMut::Borrowed(v),
            v_stride: width / 2,
            width,
            height,
        };
        bgra_to_yuv420(&mut planes, pixels, stride, range, matrix, mode)
    } else {
        let mut planes = YuvBiPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(y),
            y_stride: width,
            uv_plane: BufferStoreMut::Borrowed(u),
            uv_stride: width,
            width,
            height,
        };
        bgra_to_yuv_nv12(&mut planes, pixels, stride, range, matrix, mode)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(
        info: &VideoInfo,
        areas: &[Area],
        pixels: [u8; 4],
    ) -> Result<gstreamer::Buffer, String> {
        let mut buffer = gstreamer::Buffer::from_mut_slice(vec![0; info.size()]);
        let frame = buffer.get_mut().expect("ours alone");
        let read = |_, strip: &mut [u8]| {
            strip
                .chunks_exact_mut(4)
                .for_each(|pixel| pixel.copy_from_slice(&pixels));
            Ok::<(), std::io::Error>(())
        };
        let mut converter = Converter::new(info.clone(), 1);
        let converted = converter.convert(areas, frame, read);
        converted
            .map(|()| buffer)
            .map_err(|error| error.to_string())
    }

    fn info(width: u32, height: u32) -> VideoInfo {
        gstreamer::init().expect("GStreamer");
        let info = VideoInfo::builder(VideoFormat::I420, width, height).build();
        info.expect("valid")
    }

    #[test]
    fn an_area_of_any_size_is_filled_and_nothing_else() {
        // Wider than any vector, taller than a strip, and with gaps between the rows.
        let info = info(1002, 700);
        let stride = 1004;
        assert_eq!(info.stride()[0], 1004);
        for (x, y, width, height) in [(0, 0, 2, 2), (1000, 698, 2, 2), (2, 4, 514, 690)] {
            let area = Area {
                x,
                y,
                width,
                height,
            };
            let buffer = gray(&info, &[area], [255, 255, 255, 0]).expect("converted");
            let bytes = buffer.map_readable().expect("readable");
            let luma = bytes[..700 * stride].chunks_exact(stride).enumerate();
            for (row, line) in luma {
                let inside = (usize::from(y)..usize::from(area.bottom())).contains(&row);
                let filled = line.iter().filter(|&&luma| luma != 0).count();
                assert_eq!(filled, if inside { usize::from(width) } else { 0 });
            }
            // White, in limited range.
            assert_eq!(bytes[usize::from(y) * stride + usize::from(x)], 235);
        }
    }

    /// Rec. 709 with luma from 16 to 235, rounded.
    fn weigh([blue, green, red]: [u8; 3], weights: [f64; 3], offset: f64) -> f64 {
        let [b, g, r] = weights;
        offset + (f64::from(blue) * b + f64::from(green) * g + f64::from(red) * r) / 255.0
    }

    #[test]
    fn colours_are_those_of_the_formula_whatever_vectors_the_processor_has() {
        let info = VideoInfo::builder(VideoFormat::I420, 514, 2);
        gstreamer::init().expect("GStreamer");
        let info = info.colorimetry(&"bt709".parse().expect("it is known"));
        let info = info.build().expect("valid");
        // Each two by two pixels have a colour of their own, of many.
        let colour = |x: usize| [x * 7, x * 13 + 5, x * 29 + 11].map(|value| (value % 256) as u8);
        let mut buffer = gstreamer::Buffer::from_mut_slice(vec![0; info.size()]);
        let frame = buffer.get_mut().expect("ours alone");
        let read = |_, strip: &mut [u8]| {
            for (index, pixel) in strip.chunks_exact_mut(4).enumerate() {
                pixel[..3].copy_from_slice(&colour(index % 514 / 2));
            }
            Ok::<(), std::io::Error>(())
        };
        let mut converter = Converter::new(info.clone(), 1);
        let area = Area::whole(514, 2);
        converter.convert(&[area], frame, read).expect("converted");
        let bytes = buffer.map_readable().expect("readable");
        let near = |found: u8, expected: f64| (f64::from(found) - expected).abs() <= 1.0;
        for x in 0..257 {
            let luma = weigh(colour(x), [15.81, 156.63, 46.56], 16.0);
            assert!(near(bytes[2 * x], luma), "luma at {x}");
            let blue = weigh(colour(x), [112.0, -86.33, -25.67], 128.0);
            assert!(near(bytes[info.offset()[1] + x], blue), "blue at {x}");
            let red = weigh(colour(x), [-10.27, -101.73, 112.0], 128.0);
            assert!(near(bytes[info.offset()[2] + x], red), "red at {x}");
        }
    }

    #[test]
    fn an_area_beyond_the_frame_is_refused() {
        let area = Area::whole(640, 482);
        gray(&info(640, 480), &[area], [0; 4]).expect_err("too tall");
    }

    #[test]
    fn half_the_size_is_the_mean_of_two_by_two() {
        let mut shrunk = Vec::new();
        let upper = [0, 10, 20, 0, 4, 30, 20, 0];
        let lower = [8, 50, 20, 0, 4, 30, 22, 0];
        halve(&[upper, lower].concat(), 8, &mut shrunk);
        assert_eq!(shrunk, [4, 30, 21, 0]);
    }
}
