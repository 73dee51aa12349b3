use super::*;
use crate::accounts::{
    ADMIN,
    renewal::{Shown, sign_in_of},
    sign_in::Asked,
    tests::accounts,
};

const ISSUER: &str = "https://id.example.org";
const ADA: Identity<'_> = identity("1");

const fn identity(subject: &str) -> Identity<'_> {
    Identity {
        issuer: ISSUER,
        subject,
    }
}

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + s).expect("a time")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.into()).collect()
}

async fn add(accounts: &Accounts, identity: Identity<'_>, called: &[&str]) -> String {
    let added = accounts
        .add_identified(identity, &names(called), Role::User, at(0))
        .await;
    added.expect("a user").name
}

#[tokio::test]
async fn nobodys_name_is_taken_over() {
    let accounts = accounts().await;
    accounts.add_user("ada", Role::Admin).await.expect("a user");
    assert_eq!(add(&accounts, ADA, &["Ada", "x"]).await, "ada-2");
    assert_eq!(add(&accounts, identity("2"), &["admin"]).await, "admin-2");
    assert_eq!(add(&accounts, identity("3"), &["ada"]).await, "ada-3");
    let local = accounts
        .user("ada")
        .await
        .expect("readable")
        .expect("there");
    assert_eq!(local.role, Role::Admin);
    let found = accounts.identified(ADA).await.expect("readable");
    assert_eq!(found.expect("known").name, "ada-2");
    let other = Identity {
        issuer: "https://other.example",
        subject: "1",
    };
    assert_eq!(accounts.identified(other).await.expect("readable"), None);
}

#[tokio::test]
async fn names_that_are_none_are_made_plain_or_made_up() {
    let accounts = accounts().await;
    assert_eq!(add(&accounts, ADA, &["Ada Lovelace"]).await, "ada-lovelace");
    assert_eq!(add(&accounts, identity("2"), &["../../etc"]).await, "etc");
    for (subject, called) in [("3", &["\u{e4}", "", "---"][..]), ("4", &[])] {
        let name = add(&accounts, identity(subject), called).await;
        assert!(name.starts_with("user-") && name.len() == 21, "{name}");
    }
    let long = "x".repeat(500);
    assert!(add(&accounts, identity("5"), &[&long]).await.len() <= 64);
}

#[tokio::test]
async fn somebody_who_signs_in_twice_at_once_is_one_user() {
    let accounts = accounts().await;
    let at_once = (0..6).map(|_| {
        let accounts = accounts.clone();
        tokio::spawn(async move { add(&accounts, ADA, &["ada"]).await })
    });
    let mut found = Vec::new();
    for outcome in at_once.collect::<Vec<_>>() {
        found.push(outcome.await.expect("no panic"));
    }
    found.dedup();
    assert_eq!(found.len(), 1);
    let users = accounts.users().await.expect("readable");
    assert_eq!(users.len(), 2, "{users:?}");
}

/// Ada's sign-in at this session of the provider: its cookie.
async fn signed_in(accounts: &Accounts, session: &str, s: i64) -> Secret {
    let ada = match accounts.identified(ADA).await.expect("readable") {
        Some(user) => user,
        None => accounts
            .add_identified(ADA, &names(&["ada"]), Role::User, at(s))
            .await
            .expect("new"),
    };
    let cookie = accounts
        .begin_sign_in(&ada.name, Asked::Nothing, "", at(s))
        .await;
    let cookie = cookie.expect("writable").expect("a user");
    let given = AtProvider {
        session: Some(session.into()),
        id_token: Secret::new("id"),
        refresh_token: Some(Secret::new("refresh-1")),
    };
    let noted = accounts
        .note_provider(&cookie, &ada, ADA, &given, at(s))
        .await;
    noted.expect("writable");
    cookie
}

async fn is_in(accounts: &Accounts, cookie: &Secret, s: i64) -> bool {
    let shown = accounts.renew(cookie, at(s)).await.expect("readable");
    matches!(shown, Shown::Good(_))
}

#[tokio::test]
async fn the_provider_is_asked_now_and_then_by_one_request_with_the_newest_token() {
    let accounts = accounts().await;
    let cookie = signed_in(&accounts, "s", 0).await;
    let ada = accounts
        .identified(ADA)
        .await
        .expect("readable")
        .expect("known");
    let id = sign_in_of(&cookie).expect("a cookie").to_owned();
    let due = async |s: i64| {
        accounts
            .due_at_provider(&ada, &id, at(s))
            .await
            .expect("readable")
    };
    assert!(due(9).await.is_none());
    let first = due(10).await.expect("time to ask");
    assert_eq!(
        (first.subject.as_str(), first.refresh_token.expose()),
        ("1", "refresh-1")
    );
    assert!(due(10).await.is_none(), "another request asks");
    let next = Secret::new("refresh-2");
    accounts
        .keep_refresh_token(&ada, &id, &next)
        .await
        .expect("writable");
    assert_eq!(due(20).await.expect("again").refresh_token, next);
    let shown = async |cookie: &Secret| {
        accounts
            .id_token_of(cookie, at(21))
            .await
            .expect("readable")
    };
    assert_eq!(shown(&cookie).await, Some(Secret::new("id")));
    assert_eq!(shown(&Secret::new(format!("{id}.x"))).await, None);
}

#[tokio::test]
async fn the_provider_ends_one_sign_in_or_all_that_had_begun() {
    let accounts = accounts().await;
    let (a, b) = (
        signed_in(&accounts, "a", 0).await,
        signed_in(&accounts, "b", 0).await,
    );
    let local = accounts
        .create_sign_in_token(ADMIN, at(0))
        .await
        .expect("the admin");
    let local = accounts
        .sign_in(&local, "", at(0))
        .await
        .expect("signed in");
    let end = async |subject: Option<&str>, session: Option<&str>, until: i64| {
        let until = at(until).as_millisecond();
        let ended = accounts
            .end_at_provider(ISSUER, subject, session, until, at(50))
            .await;
        ended.expect("writable").len()
    };
    assert_eq!(end(Some("2"), None, 40).await, 0);
    assert_eq!(end(None, Some("a"), 40).await, 1);
    assert!(!is_in(&accounts, &a, 51).await && is_in(&accounts, &b, 51).await);
    let newer = signed_in(&accounts, "c", 45).await;
    assert_eq!(end(Some("1"), None, 40).await, 1);
    assert!(!is_in(&accounts, &b, 52).await);
    assert!(is_in(&accounts, &newer, 52).await && is_in(&accounts, &local, 52).await);
    assert_eq!(end(Some("1"), None, 40).await, 0, "the same word again");
}
