//! The golden messages that the web client's tests read as well, and properties of every decoder.

use proptest::prelude::*;
use serde::Deserialize;
use streamspace_protocol::{
    ClientMessage, ClientSignal, Code, DecodeError, Hello, LinkHello, LinkOpening, MAX_TEXT_CHARS,
    PointerMove, Pointers, Secret, ServerMessage, ServerSignal, Wire,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    r#type: String,
    valid: bool,
    message: serde_json::Value,
}

fn vectors(file: &str) -> Vec<Vector> {
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the vectors are checked in");
    serde_json::from_str(&text).expect("the vectors parse")
}

/// Decodes, encodes and compares as JSON values.
fn survives<M: Wire>(message: &serde_json::Value) -> Result<bool, DecodeError> {
    let decoded = M::decode(message.to_string().as_bytes())?;
    let again: serde_json::Value = serde_json::from_str(&decoded.encode()).expect("valid JSON");
    Ok(again == *message)
}

fn check(file: &str) {
    for vector in vectors(file) {
        let message = &vector.message;
        let result = match vector.r#type.as_str() {
            "Hello" => survives::<Hello>(message),
            "ClientSignal" => survives::<ClientSignal>(message),
            "ServerSignal" => survives::<ServerSignal>(message),
            "ClientMessage" => survives::<ClientMessage>(message),
            "ServerMessage" => survives::<ServerMessage>(message),
            "PointerMove" => survives::<PointerMove>(message),
            "Pointers" => survives::<Pointers>(message),
            other => panic!("no message type {other}"),
        };
        match result {
            Ok(same) => {
                assert!(vector.valid, "{} is refused", vector.name);
                assert!(same, "{} comes back as it was", vector.name);
            }
            Err(error) => assert!(!vector.valid, "{}: {error}", vector.name),
        }
    }
}

#[test]
fn messages_to_browsers_are_as_the_vectors_say() {
    check("server-messages.json");
}

#[test]
fn messages_from_browsers_are_as_the_vectors_say() {
    check("client-messages.json");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_parsed() {
    let large = vec![b'['; ClientSignal::MAX_BYTES + 1];
    assert!(matches!(
        ClientSignal::decode(&large),
        Err(DecodeError::TooLarge { .. })
    ));
    let long = ClientMessage::Text {
        text: Secret::new("é".repeat(MAX_TEXT_CHARS + 1)),
    };
    assert!(ClientMessage::decode(long.encode().as_bytes()).is_err());
}

#[test]
fn errors_say_where_but_never_what() {
    let error = ClientSignal::decode(br#"{"type":"offer","sdp":hunter2}"#)
        .expect_err("not JSON")
        .to_string();
    assert!(
        error.contains("line 1") && !error.contains("hunter2"),
        "{error}"
    );
}

#[test]
fn every_code_is_documented() {
    let path = format!("{}/../docs/errors.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the list of codes is checked in");
    for code in Code::ALL {
        assert!(
            text.contains(&format!("| `{code}` |")),
            "{code} is missing in docs/errors.md"
        );
    }
    assert_eq!(text.matches("\n| `").count(), Code::ALL.len());
}

#[test]
fn secrets_and_keys_do_not_show_in_debug_output() {
    let shown = format!(
        "{:?} {:?} {:?}",
        ClientMessage::Text {
            text: Secret::new("hunter2")
        },
        ClientMessage::Key {
            code: "KeyH".into(),
            keysym: 104,
            down: true
        },
        ClientMessage::Text {
            text: Secret::new("hunter2")
        },
    );
    for secret in ["hunter2", "KeyH", "104"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Hello::decode(&bytes);
        let _ = LinkHello::decode(&bytes);
        let _ = LinkOpening::decode(&bytes);
        let _ = ClientSignal::decode(&bytes);
        let _ = ServerSignal::decode(&bytes);
        let _ = ClientMessage::decode(&bytes);
        let _ = ServerMessage::decode(&bytes);
        let _ = PointerMove::decode(&bytes);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself(text in "\\PC{0,64}", x in any::<u16>(), seq in any::<u32>()) {
        let message = ClientMessage::Text { text: Secret::new(text) };
        prop_assert_eq!(ClientMessage::decode(message.encode().as_bytes()), Ok(message));
        for movement in [
            PointerMove::To { seq, x, y: x },
            PointerMove::By { seq, right: i32::from(x), down: -i32::from(x) },
        ] {
            prop_assert_eq!(PointerMove::decode(movement.encode().as_bytes()), Ok(movement));
        }
    }
}
