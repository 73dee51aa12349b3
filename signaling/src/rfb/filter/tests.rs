use proptest::prelude::*;

use super::*;

fn filter(bytes: &[u8]) -> Vec<u8> {
    ClientFilter::default().pass(bytes).expect("known messages")
}

fn set_encodings(encodings: &[i32]) -> Vec<u8> {
    let mut message = vec![2, 0];
    message.extend((encodings.len() as u16).to_be_bytes());
    message.extend(encodings.iter().flat_map(|encoding| encoding.to_be_bytes()));
    message
}

fn cut_text(length: i32, body: usize) -> Vec<u8> {
    [&[6, 0, 0, 0][..], &length.to_be_bytes(), &vec![b'x'; body]].concat()
}

fn watching() -> Vec<Vec<u8>> {
    let fence = [&[248, 0, 0, 0, 0, 0, 0, 1, 5][..], b"fence"].concat();
    vec![
        [&[0u8; 4][..], &[32; 16]].concat(),
        set_encodings(&[0, 7, -223]),
        set_encodings(&[]),
        vec![3, 1, 0, 0, 0, 0, 5, 0, 4, 0],
        vec![150, 1, 0, 0, 0, 0, 5, 0, 4, 0],
        fence,
    ]
}

fn acting() -> Vec<Vec<u8>> {
    let resize = [&[251, 0, 5, 0, 4, 0, 2, 0][..], &[9; 32]].concat();
    vec![
        vec![4, 1, 0, 0, 0, 0, 0, 0x61],
        vec![5, 1, 0, 10, 0, 20],
        cut_text(5, 5),
        cut_text(0, 0),
        cut_text(-12, 12),
        vec![250, 0, 1, 2],
        resize,
        vec![255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30],
    ]
}

#[test]
fn messages_that_ask_for_pictures_pass_unchanged() {
    for message in watching() {
        assert_eq!(filter(&message), message);
    }
}

#[test]
fn messages_that_act_are_dropped() {
    for message in acting() {
        assert_eq!(filter(&message), b"", "{message:?}");
    }
}

#[test]
fn the_encoding_that_lengthens_pointer_messages_is_not_asked_for() {
    let passed = filter(&set_encodings(&[7, -316, 16]));
    assert_eq!(passed, set_encodings(&[7, 0, 16]));
}

#[test]
fn the_encoding_that_offers_the_clipboard_is_not_asked_for() {
    let passed = filter(&set_encodings(&[7, -1_063_131_698, 16]));
    assert_eq!(passed, set_encodings(&[7, 0, 16]));
}

#[test]
fn a_message_of_unknown_type_is_an_error() {
    for (bytes, kind) in [(vec![1], 1), (vec![7, 0], 7), (vec![255, 1], 255)] {
        let outcome = ClientFilter::default().pass(&bytes);
        assert_eq!(outcome, Err(ClientError::UnknownMessage(kind)));
    }
}

#[test]
fn a_huge_clipboard_is_dropped_without_being_held() {
    let mut filter = ClientFilter::default();
    assert_eq!(filter.pass(&cut_text(i32::MIN, 0)), Ok(vec![]));
    for _ in 0..100 {
        assert_eq!(filter.pass(&[b'x'; 65_536]), Ok(vec![]));
        assert!(filter.inbox.unread().is_empty());
    }
}

proptest! {
    /// Against the naive model that knows where each message ends.
    #[test]
    fn only_the_watching_messages_of_any_stream_pass_however_it_is_cut(
        picks in prop::collection::vec((any::<bool>(), 0usize..8), 0..30),
        step in 1usize..40,
    ) {
        let mut stream = Vec::new();
        let mut expected: Vec<u8> = Vec::new();
        for (watch, index) in picks {
            let messages = if watch { watching() } else { acting() };
            let message = &messages[index % messages.len()];
            stream.extend(message);
            if watch {
                expected.extend_from_slice(message);
            }
        }
        let mut filter = ClientFilter::default();
        let mut passed = Vec::new();
        for piece in stream.chunks(step) {
            passed.extend(filter.pass(piece).expect("known messages"));
            prop_assert!(filter.inbox.unread().len() < 20);
        }
        prop_assert_eq!(passed, expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_are_never_held(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
    ) {
        let mut filter = ClientFilter::default();
        for piece in pieces {
            if filter.pass(&piece).is_err() {
                break;
            }
            prop_assert!(filter.inbox.unread().len() < 20);
        }
    }
}

fn quality_limit(level: u8) -> ClientLimits {
    ClientLimits {
        max_quality: Some(level),
        ..ClientLimits::default()
    }
}

fn clipboard_limit(max_clipboard_bytes: u32) -> ClientFilter {
    let limits = ClientLimits {
        max_clipboard_bytes,
        ..ClientLimits::default()
    };
    ClientFilter::new(Access::Act, limits)
}

#[test]
fn a_clipboard_over_the_limit_is_dropped_and_what_follows_is_not() {
    let key = [4, 1, 0, 0, 0, 0, 0, 0x61];
    for (message, passes) in [
        (cut_text(10, 10), true),
        (cut_text(11, 11), false),
        // With the flags.
        (cut_text(-14, 14), true),
        (cut_text(-15, 15), false),
        (cut_text(0, 0), true),
    ] {
        let mut filter = clipboard_limit(10);
        let mut expected = if passes { message.clone() } else { vec![] };
        expected.extend(key);
        let stream = [&message[..], &key].concat();
        assert_eq!(filter.pass(&stream), Ok(expected), "{message:?}");
    }
}

#[test]
fn a_session_that_takes_no_clipboard_gets_none_of_either_kind_and_offers_none() {
    let stream = [
        set_encodings(&[7, -1_063_131_698, 16]),
        cut_text(0, 0),
        cut_text(5, 5),
        cut_text(-12, 12),
    ]
    .concat();
    let passed = clipboard_limit(0).pass(&stream);
    assert_eq!(passed, Ok(set_encodings(&[7, 0, 16])));
}

#[test]
fn a_policys_limits_are_those_of_its_text() {
    let bytes = |policy: ClipboardPolicy| {
        ClientLimits::of(VncLimits::default(), &policy).max_clipboard_bytes
    };
    let usual = ClipboardPolicy::default;
    assert_eq!(bytes(usual()), u32::MAX);
    let small = ClipboardPolicy {
        max_bytes: 100,
        ..usual()
    };
    assert_eq!(bytes(small), 100);
    let outwards = ClipboardPolicy {
        to_session: false,
        ..usual()
    };
    assert_eq!(bytes(outwards), 0);
    let pictures = ClipboardPolicy {
        kinds: vec![ClipboardKind::Png],
        ..usual()
    };
    assert_eq!(bytes(pictures), 0);
}

#[test]
fn a_clipboard_of_any_length_is_passed_or_dropped_as_it_comes() {
    for length in [i32::MIN, i32::MIN + 1, i32::MAX] {
        for limit in [0, 10, u32::MAX] {
            let mut filter = clipboard_limit(limit);
            filter.pass(&cut_text(length, 0)).expect("a known message");
            for _ in 0..10 {
                let passed = filter.pass(&[b'x'; 65_536]).expect("a part of it");
                assert_eq!(passed.is_empty(), limit != u32::MAX);
                assert!(filter.inbox.unread().is_empty());
            }
        }
    }
}

fn limited(access: Access, bytes: &[u8]) -> Vec<u8> {
    let mut filter = ClientFilter::new(access, quality_limit(3));
    filter.pass(bytes).expect("known messages")
}

#[test]
fn a_quality_over_the_limit_is_lowered_to_it() {
    for access in [Access::Watch, Access::Act] {
        let asked = set_encodings(&[7, -23, -412, 16]);
        let given = set_encodings(&[7, -29, 0, 16]);
        assert_eq!(limited(access, &asked), given);
        let modest = set_encodings(&[7, -32, 16]);
        assert_eq!(limited(access, &modest), modest);
    }
}

#[test]
fn who_asks_for_no_quality_gets_the_limit_and_not_the_best() {
    let given = limited(Access::Act, &set_encodings(&[7, 16, 1]));
    assert_eq!(given, set_encodings(&[7, 16, -29]));
    assert_eq!(
        limited(Access::Act, &set_encodings(&[])),
        set_encodings(&[])
    );
}

#[test]
fn who_may_act_acts_and_only_the_encodings_are_looked_at() {
    for message in watching().into_iter().chain(acting()) {
        let mut filter = ClientFilter::new(Access::Act, ClientLimits::default());
        assert_eq!(filter.pass(&message), Ok(message));
    }
    let clipboard = set_encodings(&[7, -1_063_131_698]);
    let mut filter = ClientFilter::new(Access::Act, ClientLimits::default());
    assert_eq!(filter.pass(&clipboard), Ok(clipboard));
}

proptest! {
    #[test]
    fn no_quality_over_the_limit_passes_however_the_stream_is_cut(
        encodings in prop::collection::vec(prop_oneof![-520i32..20, any::<i32>()], 0..30),
        step in 1usize..40,
    ) {
        let stream = set_encodings(&encodings);
        let mut filter = ClientFilter::new(Access::Act, quality_limit(5));
        let mut passed = Vec::new();
        for piece in stream.chunks(step) {
            passed.extend(filter.pass(piece).expect("known messages"));
        }
        prop_assert_eq!(passed.len(), stream.len());
        let asked: Vec<i32> = passed[4..]
            .chunks(4)
            .map(|bytes| i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            .collect();
        prop_assert!(asked.iter().all(|number| !(-26..=-23).contains(number)));
        prop_assert!(asked.iter().all(|number| !FINE_QUALITY.contains(number)));
        prop_assert!(asked.is_empty() || asked.iter().any(|number| QUALITY.contains(number)));
    }
}

#[test]
fn keys_pointer_and_clipboard_are_somebodys_input_and_nothing_else_is() {
    for message in watching() {
        assert!(!is_input(&message), "{message:?}");
    }
    let qemu_key = [&[255u8, 0][..], &[0; 10]].concat();
    for message in [
        vec![4, 1, 0, 0, 0, 0, 0, 0x61],
        vec![5, 1, 0, 10, 0, 20],
        cut_text(1, 1),
        qemu_key,
    ] {
        assert!(is_input(&message), "{message:?}");
    }
    for unknown in [&[][..], &[255], &[255, 9], &[99, 1]] {
        assert!(!is_input(unknown), "{unknown:?}");
    }
}
