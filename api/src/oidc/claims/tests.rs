use serde_json::json;

use super::*;
use crate::oidc::config::tests::config;

const NOW: i64 = 1_700_000_000;

fn claims(change: Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example.org", "aud": "streamspace", "sub": "248289", "nonce": "n",
        "iat": NOW - 5, "exp": NOW + 300, "sid": "s", "groups": ["staff"],
    });
    merge(&mut claims, change);
    claims
}

/// `null` takes a claim away.
fn merge(claims: &mut Value, change: Value) {
    let (Value::Object(claims), Value::Object(change)) = (claims, change) else {
        panic!("objects");
    };
    for (name, value) in change {
        match value {
            Value::Null => drop(claims.remove(&name)),
            value => drop(claims.insert(name, value)),
        }
    }
}

fn checked(change: Value) -> Result<(), Option<ClaimFault>> {
    let token: IdToken = serde_json::from_value(claims(change)).map_err(|_| None)?;
    token.check(&config(), "n", NOW).map_err(Some)
}

#[test]
fn an_id_token_is_for_us_of_our_provider_of_now_and_of_this_sign_in() {
    use ClaimFault::{Audience, Issuer, Nonce, Subject, Time};
    assert_eq!(checked(json!({})), Ok(()));
    assert_eq!(checked(json!({ "aud": ["streamspace"] })), Ok(()));
    let shared = json!({ "aud": ["streamspace", "x"], "azp": "streamspace" });
    assert_eq!(checked(shared), Ok(()));
    for (change, fault) in [
        (json!({ "iss": "https://id.example.org/" }), Issuer),
        (json!({ "iss": "https://evil.example" }), Issuer),
        (json!({ "aud": "other" }), Audience),
        (json!({ "aud": [] }), Audience),
        (json!({ "aud": ["streamspace", "other"] }), Audience),
        (json!({ "azp": "other" }), Audience),
        (json!({ "exp": NOW - 61 }), Time),
        (json!({ "exp": -1e300 }), Time),
        (json!({ "iat": NOW + 61 }), Time),
        (json!({ "nonce": "N" }), Nonce),
        (json!({ "nonce": null }), Nonce),
        (json!({ "sub": "" }), Subject),
        (json!({ "sub": "x".repeat(256) }), Subject),
    ] {
        assert_eq!(checked(change.clone()), Err(Some(fault)), "{change}");
    }
    for missing in ["iss", "aud", "exp", "iat", "sub"] {
        assert_eq!(checked(json!({ missing: null })), Err(None), "{missing}");
    }
}

fn logged_out(kind: Option<&str>, change: Value) -> Result<LoggedOut, Option<ClaimFault>> {
    let events = json!({ LOGOUT_EVENT: {} });
    let mut all = claims(json!({ "nonce": null, "events": events, "jti": "1" }));
    merge(&mut all, change);
    let token: LogoutToken = serde_json::from_value(all).map_err(|_| None)?;
    token.read(&config(), kind, NOW).map_err(Some)
}

#[test]
fn a_logout_token_says_whose_sign_ins_are_over() {
    let told = logged_out(Some("logout+jwt"), json!({})).expect("a logout");
    assert_eq!(told.subject.as_deref(), Some("248289"));
    assert_eq!(told.provider_session.as_deref(), Some("s"));
    assert_eq!(told.until_unix_ms, (NOW - 5) * 1000 + 999);
    assert!(logged_out(None, json!({ "sid": null })).is_ok());
    assert!(logged_out(None, json!({ "sub": null })).is_ok());
}

#[test]
fn no_other_token_signs_anybody_out() {
    use ClaimFault::{Audience, Kind, Subject, Time};
    for (change, fault) in [
        (json!({ "events": {} }), Kind),
        (json!({ "events": { LOGOUT_EVENT: 1 } }), Kind),
        (json!({ "nonce": "n" }), Kind),
        (json!({ "sub": null, "sid": null }), Subject),
        (json!({ "aud": "other" }), Audience),
        (json!({ "exp": NOW - 61 }), Time),
        (json!({ "iat": NOW - 301 }), Time),
    ] {
        let outcome = logged_out(None, change.clone());
        assert_eq!(outcome, Err(Some(fault)), "{change}");
    }
    assert_eq!(logged_out(None, json!({ "events": null })), Err(None));
    let typed = logged_out(Some("at+jwt"), json!({}));
    assert_eq!(typed, Err(Some(Kind)));
}

#[test]
fn groups_are_a_list_or_one_and_anything_else_is_none() {
    let of = |value: Value| {
        let claims = json!({ "groups": value });
        groups(claims.as_object().expect("an object"), "groups")
    };
    assert_eq!(of(json!(["a", 7, "b"])), ["a", "b"]);
    assert_eq!(of(json!("a")), ["a"]);
    for odd in [json!(null), json!(7), json!({ "a": true })] {
        assert_eq!(of(odd), [] as [&str; 0]);
    }
    assert_eq!(groups(&Map::new(), "groups"), [] as [&str; 0]);
}

#[test]
fn names_are_what_the_provider_suggests() {
    let claims = json!({ "preferred_username": "Ada", "email": "a.l@example.org", "name": "x" });
    let found = names(claims.as_object().expect("an object"));
    assert_eq!(found, ["Ada", "a.l"]);
}
