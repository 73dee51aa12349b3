//! Where the pictures come from.

use streamspace_protocol::DisplaySize;

/// GStreamer text from the X display to raw I420 frames.
///
/// The pointer is left out: browsers draw it. Sizes are even, since I420 halves the colour planes;
/// an odd edge that another client's resize leaves is cut off. The queue holds one picture and
/// drops the older one, so that a slow encoder never delays the newest.
pub(super) fn source(display: &str, size: DisplaySize, fps: u16) -> String {
    let (right, bottom) = ((size.width & !1) - 1, (size.height & !1) - 1);
    format!(
        "ximagesrc display-name={display} show-pointer=false use-damage=false \
         startx=0 starty=0 endx={right} endy={bottom} \
         ! video/x-raw,framerate={fps}/1 \
         ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 leaky=downstream \
         ! videoconvert n-threads=2 ! video/x-raw,format=I420"
    )
}
