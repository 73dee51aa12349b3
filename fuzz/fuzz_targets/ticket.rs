//! Join tokens: no text that the key has not signed is one.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use streamspace_signaling::ticket::{Redeemer, TicketError};

/// Of the first test of RFC 8032, section 7.1.
const PUBLIC_KEY: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

fuzz_target!(|text: &str| {
    let mut redeemer = Redeemer::new(&PUBLIC_KEY, 4);
    let session = "a".parse().expect("a valid name");
    let outcome = redeemer.redeem(text, &session, Timestamp::UNIX_EPOCH);
    assert_eq!(outcome, Err(TicketError::Invalid));
});
