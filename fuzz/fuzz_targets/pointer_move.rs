//! What the streamer reads from the pointer channel: what decodes survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{PointerMove, Wire};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = PointerMove::decode(bytes) {
        assert_eq!(
            PointerMove::decode(message.encode().as_bytes()),
            Ok(message)
        );
    }
});
