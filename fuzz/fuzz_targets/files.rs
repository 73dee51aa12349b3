//! Requests about files, and the replies to them: what decodes survives being written and read again, and
//! its path leads nowhere but down.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{Caller, FilePath, FileReply, FilesHello, Wire};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Caller::Files(hello)) = Caller::decode(bytes) {
        let again = FilesHello::decode(hello.encode().as_bytes());
        assert_eq!(again, Ok(hello));
    }
    if let Ok(reply) = FileReply::decode(bytes) {
        assert_eq!(FileReply::decode(reply.encode().as_bytes()), Ok(reply));
    }
    let Some(path) = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<FilePath>().ok()) else {
        return;
    };
    for name in path.names() {
        assert!(!matches!(name.as_str(), "" | "." | ".."));
        assert!(!name.as_str().contains(['/', '\0']));
    }
    assert_eq!(path.to_string().parse::<FilePath>(), Ok(path));
});
