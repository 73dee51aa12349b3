//! What the streamer reads from the control channel: what decodes survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{ClientMessage, Wire};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = ClientMessage::decode(bytes) {
        assert_eq!(
            ClientMessage::decode(message.encode().as_bytes()),
            Ok(message)
        );
    }
});
