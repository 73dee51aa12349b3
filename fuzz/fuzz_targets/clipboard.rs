//! What a browser says on the clipboard's channel: messages and pieces in any order keep to the bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{ClipboardMessage, ClipboardPolicy, Wire};
use streamspace_streamer_core::{ClipboardReceiver, Received};

const MOST: u32 = 4096;

fuzz_target!(|words: Vec<Vec<u8>>| {
    let mut receiver = ClipboardReceiver::new(ClipboardPolicy {
        max_bytes: MOST,
        ..ClipboardPolicy::default()
    });
    for word in words {
        let received = match ClipboardMessage::decode(&word) {
            Ok(message) => {
                let again = ClipboardMessage::decode(message.encode().as_bytes());
                assert_eq!(again.as_ref(), Ok(&message));
                receiver.message(message)
            }
            Err(_) => match receiver.piece(&word) {
                Ok(received) => received,
                // The viewer ends.
                Err(_) => return,
            },
        };
        if let Some(Received::Content { content, .. }) = received {
            assert!(content.total_bytes() <= MOST as usize);
        }
    }
});
