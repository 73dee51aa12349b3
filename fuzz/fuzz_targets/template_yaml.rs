//! A template file: what is read has what a session needs to start.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_resources::parse_template;

fuzz_target!(|text: &str| {
    if let Ok(template) = parse_template(text) {
        assert!(!template.spec.command.is_empty());
        assert!(!template.metadata.name.is_empty());
    }
});
