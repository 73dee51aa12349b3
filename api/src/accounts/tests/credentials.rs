//! Passwords, second factors and keys, with the time in hand.

use super::*;
use data_encoding::BASE32_NOPAD;

const PASSWORD: &str = "correct horse battery";

async fn set_password(accounts: &Accounts) {
    let new = NewPassword::new(Secret::new(PASSWORD)).expect("long enough");
    let set = accounts.set_password(ADMIN, None, new, None, start()).await;
    set.expect("there was none");
}

fn sign_in(code: Option<&str>) -> PasswordSignIn {
    PasswordSignIn {
        name: ADMIN.into(),
        password: Secret::new(PASSWORD),
        code: code.map(Secret::new),
    }
}

#[tokio::test]
async fn a_file_holds_neither_a_password_nor_the_secret_of_an_app() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    let accounts = Accounts::open(&path).await.expect("a new file");
    set_password(&accounts).await;
    let password = Secret::new(PASSWORD);
    let enrolment = accounts.start_second_factor(ADMIN, &password).await;
    let base32 = enrolment.expect("none is there").secret;
    accounts.pool.close().await;

    let bytes = std::fs::read(&path).expect("the file");
    let secret = BASE32_NOPAD.decode(base32.expose().as_bytes());
    let secret = secret.expect("base 32");
    for needle in [
        PASSWORD.as_bytes(),
        base32.expose().as_bytes(),
        secret.as_slice(),
    ] {
        let found = bytes.windows(needle.len()).any(|part| part == needle);
        assert!(!found);
    }
}

#[tokio::test]
async fn a_second_factor_is_of_no_use_without_the_key_beside_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.db");
    let accounts = Accounts::open(&path).await.expect("a new file");
    set_password(&accounts).await;
    let password = Secret::new(PASSWORD);
    let enrolment = accounts.start_second_factor(ADMIN, &password).await;
    enrolment.expect("none is there");
    accounts.pool.close().await;
    std::fs::remove_file(path.with_extension("key")).expect("the key");

    let copied = Accounts::open(&path).await.expect("the same file");
    let code = Secret::new("123456");
    let outcome = copied.confirm_second_factor(ADMIN, &code, start()).await;
    let unreadable = CredentialError::Accounts(AccountsError::UnreadableSecret);
    assert_eq!(
        outcome.map_err(|error| error.to_string()),
        Err(unreadable.to_string())
    );
}

#[tokio::test]
async fn of_many_sign_ins_with_one_recovery_code_one_succeeds() {
    let accounts = accounts().await;
    set_password(&accounts).await;
    let password = Secret::new(PASSWORD);
    let enrolment = accounts.start_second_factor(ADMIN, &password).await;
    let secret = enrolment.expect("none is there").secret;
    let secret = BASE32_NOPAD.decode(secret.expose().as_bytes());
    let code = totp::tests::code_at(&secret.expect("base 32"), start());
    let codes = accounts
        .confirm_second_factor(ADMIN, &Secret::new(code), start())
        .await
        .expect("the app's code");

    let attempts = (0..4).map(|_| {
        let (accounts, code) = (accounts.clone(), codes[0].clone());
        tokio::spawn(async move {
            let shown = sign_in(Some(code.expose()));
            let signed_in = accounts.sign_in_by_password(&shown, "", start()).await;
            signed_in.is_ok()
        })
    });
    let mut successes = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        successes += usize::from(attempt.await.expect("no panic"));
    }
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn a_sign_in_by_password_ends_after_twelve_hours_too() {
    let accounts = accounts().await;
    set_password(&accounts).await;
    let shown = sign_in(None);
    let cookie = accounts.sign_in_by_password(&shown, "", start()).await;
    let cookie = cookie.expect("the password");
    let lives = async |now| accounts.signed_in(&cookie, now).await.expect("readable");
    assert!(lives(after(12 * 3600 - 1)).await.is_some());
    assert!(lives(after(12 * 3600)).await.is_none());
}

#[tokio::test]
async fn the_last_use_of_a_key_is_kept_to_the_hour() {
    let accounts = accounts().await;
    let key = accounts.create_api_key(ADMIN, "cli", start()).await;
    let key = key.expect("a key");
    let used = async || {
        let keys = accounts.api_keys(ADMIN).await.expect("readable");
        keys[0].used_unix_ms.map(|ms| ms / 1000)
    };
    assert_eq!(used().await, None);
    let hour = start().as_second() / 3600 * 3600;
    for (at, expected) in [
        (hour, hour),
        (hour + 3599, hour),
        (hour + 3600, hour + 3600),
    ] {
        let at = jiff::Timestamp::from_second(at).expect("in range");
        let owner = accounts.key_owner(&key, at).await.expect("readable");
        assert!(owner.is_some());
        assert_eq!(used().await, Some(expected));
    }
}

#[tokio::test]
async fn a_full_disk_keeps_no_key_out() {
    let (accounts, _folder) = accounts_in_a_file().await;
    let key = accounts.create_api_key(ADMIN, "cli", start()).await;
    let key = key.expect("a key");
    fill(&accounts).await;
    let owner = accounts.key_owner(&key, start()).await.expect("readable");
    assert!(owner.is_some());
}
