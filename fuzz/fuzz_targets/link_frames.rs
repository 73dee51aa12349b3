//! A link's byte stream, cut at a place that the first byte chooses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{ClientSignal, FrameDecoder, LinkOpening, ServerSignal, Wire};

fn frames(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut decoder = FrameDecoder::default();
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Ok(Some(frame)) = decoder.next_frame() {
            frames.push(frame);
        }
    }
    frames
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&at, stream)) = bytes.split_first() else {
        return;
    };
    let (head, tail) = stream.split_at(usize::from(at).min(stream.len()));
    let whole = frames(&[stream]);
    assert_eq!(whole, frames(&[head, tail]));
    for frame in whole {
        let _ = LinkOpening::decode(&frame);
        let _ = ClientSignal::decode(&frame);
        let _ = ServerSignal::decode(&frame);
    }
});
