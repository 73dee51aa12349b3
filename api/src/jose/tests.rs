use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// RFC 7515, A.3.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// RFC 7515, A.2.
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RSA: &str = r#"{"kty":"RSA","kid":"b","use":"sig","alg":"RS256","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
/// RFC 8037, A.4.
const EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","kid":"c","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn key_set(keys: &[&str]) -> KeySet {
    let json = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    KeySet::read(json.as_bytes()).expect("a key set")
}

fn says(token: &str, keys: &KeySet) -> Result<Value, JoseError> {
    let token = Unverified::read(token)?;
    let name = token.key_name().map(str::to_owned);
    token.verified_by_any(keys.named(name.as_deref()))
}

#[test]
fn the_examples_of_the_standards_are_believed_by_their_key_alone() {
    let all = key_set(&[P256, RSA, ED25519]);
    for (token, key) in [(ES256, P256), (RS256, RSA)] {
        assert_eq!(says(token, &all).expect("signed")["iss"], "joe");
        assert_eq!(says(token, &key_set(&[key])).expect("signed")["iss"], "joe");
    }
    // Its payload is no JSON: the signature was looked at before.
    assert_eq!(says(EDDSA, &all), Err(JoseError::Claims));
    assert_eq!(
        says(EDDSA, &key_set(&[P256, RSA])),
        Err(JoseError::Signature)
    );
    assert_eq!(
        says(ES256, &key_set(&[RSA, ED25519])),
        Err(JoseError::Signature)
    );
    assert_eq!(says(RS256, &key_set(&[])), Err(JoseError::Signature));
}

#[test]
fn no_other_algorithm_is_accepted_and_none_least_of_all() {
    let all = key_set(&[P256, RSA, ED25519]);
    let payload = BASE64.encode(r#"{"iss":"joe"}"#);
    for alg in ["none", "None", "HS256", "RS512", "PS256", "ES384", ""] {
        let header = BASE64.encode(json!({ "alg": alg }).to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(says(&token, &all), Err(JoseError::Algorithm), "{alg}");
        }
    }
    // An extension that has to be understood is not.
    let critical = BASE64.encode(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#);
    let token = format!("{critical}.{payload}.AAAA");
    assert_eq!(says(&token, &all), Err(JoseError::Algorithm));
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    // The old attack: HMAC by the bytes of the RSA key, under the name of an algorithm that is accepted.
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, RSA.as_bytes());
    for alg in ["RS256", "EdDSA", "ES256"] {
        let header = BASE64.encode(json!({ "alg": alg, "kid": "b" }).to_string());
        let signed = format!("{header}.{}", BASE64.encode("{}"));
        let tag = BASE64.encode(ring::hmac::sign(&key, signed.as_bytes()));
        let outcome = says(&format!("{signed}.{tag}"), &key_set(&[RSA]));
        assert_eq!(outcome, Err(JoseError::Signature), "{alg}");
    }
}

#[test]
fn keys_are_taken_by_their_name_and_for_what_they_are() {
    let keys = key_set(&[
        P256,
        &RSA.replace("sig", "enc"),
        &ED25519.replace("\"c\"", "\"c\",\"alg\":\"ES256\""),
        r#"{"kty":"oct","k":"AAAA"}"#,
        r#"{"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"}"#,
        "7",
    ]);
    assert_eq!(keys, key_set(&[P256]));
    assert!(keys.has(Some("a")) && keys.has(None) && !keys.has(Some("b")));
    assert_eq!(KeySet::read(b"{}"), None);
}

#[test]
fn what_is_signed_here_is_believed_and_a_changed_word_is_not() {
    let key = SigningKey::from_seed(&[7; 32]);
    let token = sign(&key, "test+jwt", &json!({ "sub": "ada" }));
    let read = Unverified::read(&token).expect("a token");
    assert_eq!(read.kind(), Some("test+jwt"));
    let claims: Value = read.verified(&key.public()).expect("ours");
    assert_eq!(claims["sub"], "ada");

    let changed = token.replace(
        &BASE64.encode(r#"{"sub":"ada"}"#),
        &BASE64.encode(r#"{"sub":"eve"}"#),
    );
    assert_ne!(changed, token);
    let read = Unverified::read(&changed).expect("a token");
    let outcome = read.verified::<Value>(&key.public());
    assert_eq!(outcome, Err(JoseError::Signature));
    let other = SigningKey::from_seed(&[8; 32]);
    let read = Unverified::read(&token).expect("a token");
    let outcome = read.verified::<Value>(&other.public());
    assert_eq!(outcome, Err(JoseError::Signature));
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused(text in "(\\PC|[A-Za-z0-9_.-]){0,200}") {
        prop_assert!(says(&text, &key_set(&[P256])).is_err());
    }

    #[test]
    fn arbitrary_keys_are_read_without_harm(text in "\\PC{0,200}", x in "[A-Za-z0-9_=-]{0,90}") {
        KeySet::read(text.as_bytes());
        let keys = key_set(&[
            &json!({ "kty": "EC", "crv": "P-256", "x": x, "y": x }).to_string(),
            &json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string(),
            &json!({ "kty": "RSA", "n": x, "e": x }).to_string(),
        ]);
        for token in [ES256, EDDSA, RS256] {
            prop_assert_eq!(says(token, &keys), Err(JoseError::Signature));
        }
    }
}
