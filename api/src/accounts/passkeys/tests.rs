use super::*;
use crate::{
    accounts::{ADMIN, Role, tests::accounts},
    passkey::tests::{TestDevice, site},
};

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + s).expect("a time")
}

async fn add(
    accounts: &Accounts,
    name: &str,
    device: &TestDevice,
) -> Result<Passkey, CredentialError> {
    let challenge = accounts
        .challenge(Purpose::Add(name), at(0))
        .expect("randomness");
    let registration = device.register(&site(), &challenge);
    accounts
        .add_passkey(name, "a key", &registration, &site(), at(0))
        .await
}

fn answer(accounts: &Accounts, device: &TestDevice, s: i64) -> Signature {
    let challenge = accounts
        .challenge(Purpose::SignIn, at(s))
        .expect("randomness");
    device.answer(&site(), &challenge)
}

async fn sign_in(accounts: &Accounts, shown: &Signature, s: i64) -> Result<String, PasskeyFault> {
    match accounts.sign_in_by_passkey(shown, &site(), "", at(s)).await {
        Ok(cookie) => {
            let user = accounts.signed_in(&cookie, at(s)).await.expect("readable");
            Ok(user.expect("signed in").name)
        }
        Err(CredentialError::Passkey(fault)) => Err(fault),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_passkey_signs_its_owner_in_until_it_is_removed() {
    let accounts = accounts().await;
    accounts.add_user("ada", Role::User).await.expect("a user");
    let (mine, hers) = (TestDevice::new(b"mine"), TestDevice::new(b"hers"));
    add(&accounts, ADMIN, &mine).await.expect("added");
    let added = add(&accounts, "ada", &hers).await.expect("added");
    let shown = answer(&accounts, &mine, 1);
    assert_eq!(sign_in(&accounts, &shown, 2).await.as_deref(), Ok(ADMIN));
    let shown = answer(&accounts, &hers, 1);
    assert_eq!(sign_in(&accounts, &shown, 2).await.as_deref(), Ok("ada"));
    let listed = accounts.passkeys("ada").await.expect("readable");
    assert_eq!(listed[0].used_unix_ms, Some(at(2).as_millisecond()));

    assert!(
        !accounts
            .remove_passkey(ADMIN, &added.id)
            .await
            .expect("writable"),
        "another's"
    );
    assert!(
        accounts
            .remove_passkey("ada", &added.id)
            .await
            .expect("writable")
    );
    let shown = answer(&accounts, &hers, 3);
    assert_eq!(
        sign_in(&accounts, &shown, 3).await,
        Err(PasskeyFault::Unknown)
    );
}

#[tokio::test]
async fn an_answer_is_taken_once_and_in_time() {
    let accounts = accounts().await;
    let device = TestDevice::new(b"key");
    add(&accounts, ADMIN, &device).await.expect("added");
    let shown = answer(&accounts, &device, 0);
    assert!(sign_in(&accounts, &shown, 1).await.is_ok());
    assert_eq!(
        sign_in(&accounts, &shown, 1).await,
        Err(PasskeyFault::Challenge)
    );
    let late = answer(&accounts, &device, 0);
    assert_eq!(
        sign_in(&accounts, &late, 300).await,
        Err(PasskeyFault::Challenge)
    );
    let own = device.answer(&site(), "a challenge of one's own");
    assert_eq!(
        sign_in(&accounts, &own, 1).await,
        Err(PasskeyFault::Challenge)
    );
    let challenge = accounts
        .challenge(Purpose::Add(ADMIN), at(0))
        .expect("randomness");
    let other = device.answer(&site(), &challenge);
    assert_eq!(
        sign_in(&accounts, &other, 1).await,
        Err(PasskeyFault::Challenge)
    );
}

#[tokio::test]
async fn of_many_with_the_same_answer_one_signs_in() {
    let accounts = accounts().await;
    let device = TestDevice::new(b"key");
    add(&accounts, ADMIN, &device).await.expect("added");
    let shown = answer(&accounts, &device, 0);
    let at_once = (0..8).map(|_| {
        let (accounts, shown) = (accounts.clone(), shown.clone());
        tokio::spawn(async move { sign_in(&accounts, &shown, 1).await.is_ok() })
    });
    let mut successes = 0;
    for outcome in at_once.collect::<Vec<_>>() {
        successes += usize::from(outcome.await.expect("no panic"));
    }
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn a_copy_that_is_behind_is_refused_and_the_one_that_counts_on_is_not() {
    let accounts = accounts().await;
    let mut device = TestDevice::new(b"key");
    device.signatures = 5;
    add(&accounts, ADMIN, &device).await.expect("added");
    for (signatures, expected) in [
        (6, Ok(ADMIN.to_owned())),
        (6, Err(PasskeyFault::Copied)),
        (2, Err(PasskeyFault::Copied)),
        (0, Err(PasskeyFault::Copied)),
        (9, Ok(ADMIN.to_owned())),
    ] {
        device.signatures = signatures;
        let shown = answer(&accounts, &device, 1);
        assert_eq!(
            sign_in(&accounts, &shown, 1).await,
            expected,
            "{signatures}"
        );
    }
}

#[tokio::test]
async fn nobody_adds_a_key_of_somebody_else_or_for_somebody_else() {
    let accounts = accounts().await;
    accounts.add_user("eve", Role::User).await.expect("a user");
    let device = TestDevice::new(b"key");
    add(&accounts, ADMIN, &device).await.expect("added");
    let again = add(&accounts, "eve", &TestDevice::new(b"key")).await;
    assert!(
        matches!(again, Err(CredentialError::Passkey(PasskeyFault::Foreign))),
        "{again:?}"
    );

    let challenge = accounts
        .challenge(Purpose::Add("eve"), at(0))
        .expect("randomness");
    let registration = TestDevice::new(b"eves").register(&site(), &challenge);
    let added = accounts
        .add_passkey(ADMIN, "x", &registration, &site(), at(0))
        .await;
    assert!(
        matches!(
            added,
            Err(CredentialError::Passkey(PasskeyFault::Challenge))
        ),
        "{added:?}"
    );
}

#[tokio::test]
async fn users_have_a_bounded_number_of_passkeys_with_a_name_each() {
    let accounts = accounts().await;
    for count in 0..MOST {
        let device = TestDevice::new(format!("key {count}").as_bytes());
        add(&accounts, ADMIN, &device).await.expect("added");
    }
    let more = add(&accounts, ADMIN, &TestDevice::new(b"one more")).await;
    assert!(
        matches!(more, Err(CredentialError::TooManyPasskeys)),
        "{more:?}"
    );
    let device = TestDevice::new(b"x");
    for label in ["", "  ", &"x".repeat(81)] {
        let registration = device.register(&site(), "c");
        let added = accounts
            .add_passkey("eve", label, &registration, &site(), at(0))
            .await;
        assert!(matches!(added, Err(CredentialError::Label)), "{added:?}");
    }
}
