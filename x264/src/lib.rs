//! x264, told the quantizer of each frame and what in it did not change.
//!
//! GStreamer's `x264enc` leaves the quantizer to x264's own rate control, which looks at a half-size
//! copy of each picture beforehand: as much as a third of the work of the fastest preset. Here the caller
//! decides, and macroblocks that are marked as unchanged, and are sharp enough, cost next to nothing.
//!
//! With `gpu-drivers` the only crate of the workspace with `unsafe` of its own: [`Encoder`] checks everything that x264
//! would take on trust. x264 is licensed under the GPL, version 2 or later, and so is a program that is
//! linked to it.

mod encoder;
mod ffi;

pub use encoder::{
    Colour, EncodeError, Encoded, Encoder, Frame, MACROBLOCK, OpenError, Picture, Plane, Search,
    Settings,
};
