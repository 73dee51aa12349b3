use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use streamspace_protocol::{Role, SessionId};

use super::*;

fn session(name: &str) -> SessionId {
    name.parse().expect("a valid name")
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("in range")
}

fn desk() -> (Issuer, Redeemer) {
    pair(&[7; 32], 8)
}

#[test]
fn a_token_tells_session_and_role_once() {
    let (issuer, mut redeemer) = desk();
    let token = issuer.issue(&session("a"), Role::View, somebody(), at(0));
    let claims = redeemer
        .redeem(token.expose(), &session("a"), at(1))
        .expect("a good token");
    assert_eq!(claims.session, session("a"));
    assert_eq!(claims.role, Role::View);
    let again = redeemer.redeem(token.expose(), &session("a"), at(2));
    assert_eq!(again, Err(TicketError::Used));
}

#[test]
fn a_token_lives_fifteen_seconds() {
    let (issuer, mut redeemer) = desk();
    let token = issuer.issue(&session("a"), Role::Control, somebody(), at(0));
    let late = redeemer.redeem(token.expose(), &session("a"), at(15_000));
    assert_eq!(late, Err(TicketError::Expired));
    let in_time = redeemer.redeem(token.expose(), &session("a"), at(14_999));
    assert!(in_time.is_ok(), "{in_time:?}");
}

#[test]
fn another_session_refuses_a_token_without_using_it_up() {
    let (issuer, mut redeemer) = desk();
    let token = issuer.issue(&session("a"), Role::Control, somebody(), at(0));
    let elsewhere = redeemer.redeem(token.expose(), &session("b"), at(1));
    assert_eq!(elsewhere, Err(TicketError::Invalid));
    assert!(
        redeemer
            .redeem(token.expose(), &session("a"), at(1))
            .is_ok()
    );
}

#[test]
fn a_token_of_another_key_is_invalid() {
    let (stranger, _) = pair(&[8; 32], 8);
    let (_, mut redeemer) = desk();
    let token = stranger.issue(&session("a"), Role::Control, somebody(), at(0));
    let outcome = redeemer.redeem(token.expose(), &session("a"), at(1));
    assert_eq!(outcome, Err(TicketError::Invalid));
}

#[test]
fn a_full_memory_refuses_and_keeps_the_token_good() {
    let (issuer, mut redeemer) = pair(&[7; 32], 1);
    let first = issuer.issue(&session("a"), Role::View, somebody(), at(0));
    let second = issuer.issue(&session("a"), Role::View, somebody(), at(5_000));
    assert!(
        redeemer
            .redeem(first.expose(), &session("a"), at(5_000))
            .is_ok()
    );
    let full = redeemer.redeem(second.expose(), &session("a"), at(5_001));
    assert_eq!(full, Err(TicketError::TooMany));
    let later = redeemer.redeem(second.expose(), &session("a"), at(15_000));
    assert!(later.is_ok(), "the first has expired: {later:?}");
}

#[test]
fn a_clock_set_back_does_not_revive_a_used_token() {
    let (issuer, mut redeemer) = desk();
    let token = issuer.issue(&session("a"), Role::View, somebody(), at(0));
    let other = issuer.issue(&session("a"), Role::View, somebody(), at(20_000));
    assert!(
        redeemer
            .redeem(token.expose(), &session("a"), at(1))
            .is_ok()
    );
    assert!(
        redeemer
            .redeem(other.expose(), &session("a"), at(20_000))
            .is_ok()
    );
    let replay = redeemer.redeem(token.expose(), &session("a"), at(2));
    assert_eq!(replay, Err(TicketError::Expired));
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused(text in "(\\PC|[A-Za-z0-9_.-]){0,200}") {
        let (_, mut redeemer) = desk();
        let outcome = redeemer.redeem(&text, &session("a"), at(0));
        prop_assert_eq!(outcome, Err(TicketError::Invalid));
    }

    #[test]
    fn a_token_with_any_byte_changed_is_refused(place in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let (issuer, mut redeemer) = desk();
        let mut forged = issuer.issue(&session("a"), Role::View, somebody(), at(0)).into_exposed();
        let place = place.index(forged.len());
        prop_assume!(forged[place..=place] != to);
        forged.replace_range(place..=place, &to);
        let outcome = redeemer.redeem(&forged, &session("a"), at(1));
        prop_assert_eq!(outcome, Err(TicketError::Invalid));
    }

    /// Against the naive model "a token is accepted if it is unexpired and was never accepted
    /// before", whatever the order of attempts and whichever way the clock jumps.
    #[test]
    fn no_token_is_ever_accepted_twice(
        attempts in prop::collection::vec((0usize..6, -20_000i64..40_000), 1..60),
    ) {
        let (issuer, mut redeemer) = desk();
        let tokens: Vec<_> = (0..6)
            .map(|i| (issuer.issue(&session("a"), Role::View, somebody(), at(i * 4_000)), at(i * 4_000)))
            .collect();
        let mut accepted = HashSet::new();
        for (index, now) in attempts {
            let (token, issued) = &tokens[index];
            let outcome = redeemer.redeem(token.expose(), &session("a"), at(now));
            let expired = at(now) >= *issued + SignedDuration::from_secs(LIFETIME_S.into());
            match outcome {
                Ok(_) => prop_assert!(!expired && accepted.insert(index)),
                Err(TicketError::Used) => prop_assert!(accepted.contains(&index)),
                Err(TicketError::Expired) => (),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
    }

    #[test]
    fn in_forward_time_each_unexpired_token_is_accepted_the_first_time(
        mut attempts in prop::collection::vec((0usize..6, 20_000i64..40_000), 1..60),
    ) {
        let (issuer, mut redeemer) = desk();
        attempts.sort_by_key(|&(_, now)| now);
        let tokens: Vec<_> = (0..6i64)
            .map(|i| (issuer.issue(&session("a"), Role::View, somebody(), at(i * 4_000)), i * 4_000 + 15_000))
            .collect();
        let mut accepted = HashSet::new();
        for (index, now) in attempts {
            let (token, expires) = &tokens[index];
            let expected = if now >= *expires {
                Some(TicketError::Expired)
            } else if accepted.insert(index) {
                None
            } else {
                Some(TicketError::Used)
            };
            let outcome = redeemer.redeem(token.expose(), &session("a"), at(now));
            prop_assert_eq!(outcome.err(), expected);
        }
    }
}

#[test]
fn the_longest_names_fit_into_a_token() {
    let (issuer, mut redeemer) = desk();
    let name = session(&"a".repeat(63));
    for letter in ["😀", "\""] {
        let person = Person {
            name: streamspace_protocol::PersonName::cleaned(&letter.repeat(40)).expect("a name"),
            share: Some(streamspace_protocol::ShareId::new([0xff; 8])),
            until_unix_ms: Some(i64::MAX),
            ..somebody()
        };
        let token = issuer.issue(&name, Role::Control, person.clone(), at(0));
        assert!(token.expose().len() <= MAX_TOKEN_BYTES);
        let claims = redeemer.redeem(token.expose(), &name, at(1));
        assert_eq!(claims.map(|claims| claims.person), Ok(person));
    }
}
