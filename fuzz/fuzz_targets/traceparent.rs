//! Any header `traceparent`: what is read is written as it was, and only the form of the standard is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::TraceContext;

fuzz_target!(|header: &[u8]| {
    if let Ok(context) = TraceContext::parse(header) {
        let written = context.to_string();
        // Of the flags only one has a meaning.
        assert_eq!(&written.as_bytes()[..53], &header[..53]);
    }
});
