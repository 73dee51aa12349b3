//! A watching viewer's messages: nothing that acts gets through, wherever the stream is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_signaling::rfb::{ClientError, ClientFilter};

fn filtered(pieces: &[&[u8]]) -> Result<Vec<u8>, ClientError> {
    let mut filter = ClientFilter::default();
    let mut passed = Vec::new();
    for piece in pieces {
        passed.extend(filter.pass(piece)?);
    }
    Ok(passed)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&at, stream)) = bytes.split_first() else {
        return;
    };
    let (head, tail) = stream.split_at(usize::from(at).min(stream.len()));
    let whole = filtered(&[stream]);
    assert_eq!(whole, filtered(&[head, tail]));
    if let Ok(passed) = whole {
        // What passed once holds nothing to drop: it is all allowed messages.
        assert_eq!(filtered(&[&passed]).as_ref(), Ok(&passed));
    }
});
