use std::{os::unix::fs::PermissionsExt, time::Duration};

use jiff::SignedDuration;
use streamspace_protocol::Secret;

use super::*;
use crate::test_database::scratch_database;

mod credentials;

fn start() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_700_000_000).expect("in range")
}

fn after(seconds: i64) -> jiff::Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

pub(super) async fn accounts() -> Accounts {
    let folder = tempfile::tempdir().expect("a folder");
    let database = scratch_database().await;
    let accounts = Accounts::in_database(database, &folder.path().join("key")).await;
    accounts.expect("accounts")
}

/// In SQLite, whatever the others are in.
async fn accounts_in_a_file() -> (Accounts, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let accounts = Accounts::open(&folder.path().join("accounts.db")).await;
    (accounts.expect("a file"), folder)
}

async fn token(accounts: &Accounts) -> Secret {
    let token = accounts.create_sign_in_token(ADMIN, start()).await;
    token.expect("the admin is there")
}

#[tokio::test]
async fn a_sign_in_token_signs_in_once() {
    let accounts = accounts().await;
    let token = token(&accounts).await;
    let cookie = accounts
        .sign_in(&token, "", after(1))
        .await
        .expect("a good token");
    let user = accounts
        .signed_in(&cookie, after(2))
        .await
        .expect("readable");
    let admin = User {
        name: ADMIN.into(),
        role: Role::Admin,
    };
    assert_eq!(user, Some(admin));
    let again = accounts.sign_in(&token, "", after(3)).await;
    assert!(matches!(again, Err(SignInError::Used)), "{again:?}");
}

#[tokio::test]
async fn of_many_sign_ins_at_once_one_succeeds() {
    let accounts = accounts().await;
    let token = token(&accounts).await;
    let attempts = (0..8).map(|_| {
        let (accounts, token) = (accounts.clone(), token.clone());
        tokio::spawn(async move { accounts.sign_in(&token, "", after(1)).await.is_ok() })
    });
    let mut successes = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        successes += usize::from(attempt.await.expect("no panic"));
    }
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn a_sign_in_token_lives_ten_minutes() {
    let accounts = accounts().await;
    let token = token(&accounts).await;
    let late = accounts.sign_in(&token, "", after(600)).await;
    assert!(matches!(late, Err(SignInError::Expired)), "{late:?}");
    let in_time = accounts.sign_in(&token, "", after(599)).await;
    assert!(in_time.is_ok(), "{in_time:?}");
}

#[tokio::test]
async fn a_forged_token_is_invalid() {
    let forged = Secret::new("x".repeat(43));
    let outcome = accounts().await.sign_in(&forged, "", start()).await;
    assert!(matches!(outcome, Err(SignInError::Invalid)), "{outcome:?}");
}

#[tokio::test]
async fn a_sign_in_ends_after_twelve_hours_or_when_its_owner_says_so() {
    let accounts = accounts().await;
    let token = token(&accounts).await;
    let cookie = accounts.sign_in(&token, "", start()).await;
    let cookie = cookie.expect("a good token");
    let lives = async |now| {
        accounts
            .signed_in(&cookie, now)
            .await
            .expect("readable")
            .is_some()
    };
    assert!(lives(after(12 * 3600 - 1)).await);
    assert!(!lives(after(12 * 3600)).await);
    accounts
        .sign_out(&cookie, after(1))
        .await
        .expect("writable");
    assert!(!lives(after(1)).await);
    let again = accounts.sign_in(&token, "", after(2)).await;
    assert!(matches!(again, Err(SignInError::Used)), "{again:?}");
}

#[tokio::test]
async fn ending_all_sign_ins_leaves_waiting_tokens_and_keys_good() {
    let accounts = accounts().await;
    let (used, waiting) = (token(&accounts).await, token(&accounts).await);
    let key = accounts.create_api_key(ADMIN, "cli", start()).await;
    let key = key.expect("a key");
    let cookie = accounts.sign_in(&used, "", start()).await;
    let cookie = cookie.expect("a good token");
    accounts.end_sign_ins(after(1)).await.expect("writable");

    let user = accounts.signed_in(&cookie, after(1)).await;
    assert_eq!(user.expect("readable"), None);
    let again = accounts.sign_in(&used, "", after(1)).await;
    assert!(matches!(again, Err(SignInError::Used)), "{again:?}");
    assert!(accounts.sign_in(&waiting, "", after(1)).await.is_ok());
    assert!(
        accounts
            .key_owner(&key, start())
            .await
            .expect("readable")
            .is_some()
    );
}

#[test]
fn the_refusal_of_a_token_names_the_command_that_makes_a_new_one() {
    for refusal in [
        SignInError::Invalid,
        SignInError::Expired,
        SignInError::Used,
    ] {
        assert!(
            refusal.to_string().contains("`streamspace link`"),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn a_new_key_of_the_same_label_replaces_the_former() {
    let accounts = accounts().await;
    let make = async || accounts.create_api_key(ADMIN, "cli", start()).await;
    let (first, second) = (make().await.expect("a key"), make().await.expect("a key"));
    let owner = async |key| accounts.key_owner(key, start()).await.expect("readable");
    assert_eq!(owner(&first).await, None);
    assert!(owner(&second).await.is_some());
}

#[tokio::test]
async fn nobody_unknown_gets_a_token_or_a_key() {
    let accounts = accounts().await;
    let token = accounts.create_sign_in_token("eve", start()).await;
    assert!(
        matches!(token, Err(AccountsError::UnknownUser(_))),
        "{token:?}"
    );
    let key = accounts.create_api_key("eve", "cli", start()).await;
    assert!(matches!(key, Err(AccountsError::UnknownUser(_))), "{key:?}");
}

#[tokio::test]
async fn the_file_outlives_the_program_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    let accounts = Accounts::open(&path).await.expect("a new file");
    let key = accounts
        .create_api_key(ADMIN, "cli", start())
        .await
        .expect("a key");
    accounts.pool.close().await;

    let reopened = Accounts::open(&path).await.expect("the same file");
    assert!(
        reopened
            .key_owner(&key, start())
            .await
            .expect("readable")
            .is_some()
    );
    for entry in folder.path().read_dir().expect("a folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_file_holds_no_token_in_the_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    let accounts = Accounts::open(&path).await.expect("a new file");
    let key = accounts
        .create_api_key(ADMIN, "cli", start())
        .await
        .expect("a key");
    let token = token(&accounts).await;
    accounts.pool.close().await;
    let bytes = std::fs::read(&path).expect("the file");
    for secret in [key, token] {
        let found = bytes
            .windows(43)
            .any(|part| part == secret.expose().as_bytes());
        assert!(!found);
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_the_token_good() {
    let (accounts, _folder) = accounts_in_a_file().await;
    let token = token(&accounts).await;
    fill(&accounts).await;
    let full = accounts.sign_in(&token, "", after(1)).await;
    assert!(
        matches!(full, Err(SignInError::Accounts(AccountsError::Full))),
        "{full:?}"
    );
    free(&accounts).await;
    let signed_in = accounts.sign_in(&token, "", after(2)).await;
    assert!(signed_in.is_ok(), "{signed_in:?}");
}

/// Leaves the database no room: neither on its pages nor for more of them.
async fn fill(accounts: &Accounts) {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&accounts.pool)
        .await
        .expect("readable");
    set_page_limit(accounts, pages).await;
    // Far smaller than a sign-in, and over and over, so that no page anywhere has room for one.
    let stuffing = "INSERT INTO sign_ins (token_hash, cookie_hash, user_name, expires_ms)
        VALUES (randomblob(8), randomblob(8), 'admin', 9000000000000)";
    let mut failures_in_a_row = 0;
    while failures_in_a_row < 300 {
        match sqlx::query(stuffing).execute(&accounts.pool).await {
            Ok(_) => failures_in_a_row = 0,
            Err(_) => failures_in_a_row += 1,
        }
    }
}

async fn free(accounts: &Accounts) {
    set_page_limit(accounts, 1_000_000).await;
}

async fn set_page_limit(accounts: &Accounts, pages: i64) {
    let pragma = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(pragma)
        .execute(&accounts.pool)
        .await
        .expect("a pragma");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    std::fs::write(
        &path,
        "not a database, but long enough to look at".repeat(100),
    )
    .expect("written");
    let outcome = Accounts::open(&path).await;
    assert!(
        matches!(outcome, Err(AccountsError::Storage(_))),
        "{outcome:?}"
    );
    let nowhere = Accounts::open(&folder.path().join("missing/accounts.db")).await;
    assert!(
        matches!(nowhere, Err(AccountsError::Open(_))),
        "{nowhere:?}"
    );
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    let accounts = Accounts::open(&path).await.expect("a new file");
    sqlx::query("PRAGMA user_version = 99")
        .execute(&accounts.pool)
        .await
        .expect("writable");
    accounts.pool.close().await;
    let outcome = Accounts::open(&path).await;
    assert!(
        matches!(outcome, Err(AccountsError::Newer { found: 99, .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_kept_sign_ins_of_a_user_are_bounded() {
    let accounts = accounts().await;
    let mut first = None;
    for second in 0..101 {
        let token = accounts
            .create_sign_in_token(ADMIN, after(second))
            .await
            .expect("a token");
        let cookie = accounts
            .sign_in(&token, "", after(second))
            .await
            .expect("a good token");
        first.get_or_insert(cookie);
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM sign_ins")
        .fetch_one(&accounts.pool)
        .await
        .expect("readable");
    assert_eq!(kept, 100);
    let first = first.expect("the loop ran");
    let oldest = accounts
        .signed_in(&first, after(2))
        .await
        .expect("readable");
    assert_eq!(oldest, None, "the oldest gave way");
}

#[tokio::test]
async fn an_expired_share_link_is_told_from_one_that_never_was() {
    let accounts = accounts().await;
    let desk = "desk".parse().expect("a name");
    let order = ShareOrder {
        role: streamspace_protocol::Role::View,
        label: String::new(),
        lifetime: Some(Duration::from_secs(60)),
    };
    let made = accounts.create_share(&desk, start(), order, start()).await;
    let (share, secret) = made.expect("a link");
    let shown = async |secret: &Secret, now| {
        let found = accounts.share_with(&desk, start(), secret, now).await;
        found.map(|share| share.id).map_err(|error| error.code())
    };
    assert_eq!(shown(&secret, after(59)).await, Ok(share.id));
    let expired = shown(&secret, after(60)).await;
    assert_eq!(expired, Err(streamspace_protocol::Code::ShareExpired));
    let forged = shown(&Secret::new("x"), after(1)).await;
    assert_eq!(forged, Err(streamspace_protocol::Code::ShareInvalid));
}
