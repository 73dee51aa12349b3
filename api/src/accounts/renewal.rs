//! A browser's cookie is good once: each use makes the next one.
//!
//! The next one follows from the one before and a key of ours, so that requests which are under way at the same
//! time get the same, and one whose answer is lost asks again. After that moment a cookie that has been used
//! before is in two hands, and ends the sign-in of both (RFC 9700, 4.14.2). A seal says
//! that a cookie was once good, so that who only guesses one, with the name of a sign-in, ends nothing.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use ring::hmac;
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, User, token, user};

/// How long a used cookie is taken once more.
const GRACE: Duration = Duration::from_secs(60);

/// What a cookie is worth.
#[derive(Debug)]
pub(crate) enum Shown {
    Good(Renewed),
    /// It was used before by somebody else than who shows it now, or the other way around.
    Stolen {
        name: String,
    },
    /// It was never one of ours, or its sign-in is over.
    Unknown,
}

/// A sign-in that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Renewed {
    pub(crate) user: User,
    /// Its name in the open.
    pub(crate) sign_in: String,
    /// What the browser shows next; nothing where it could not be noted, so that the old one stays good.
    pub(crate) cookie: Option<Secret>,
    pub(crate) expires_unix_ms: i64,
}

type Row = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, i64, i64, String, String);

impl Accounts {
    /// Takes a browser's cookie and gives the next one.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn renew(
        &self,
        cookie: &Secret,
        now: Timestamp,
    ) -> Result<Shown, AccountsError> {
        let Some(id) = sign_in_of(cookie) else {
            return Ok(Shown::Unknown);
        };
        let row: Option<Row> = sqlx::query_as(
            "SELECT token_hash, cookie_hash, previous_hash, rotated_ms, expires_ms, name, role
             FROM sign_ins JOIN users ON name = user_name
             WHERE substr(token_hash, 1, 8) = $1 AND cookie_hash IS NOT NULL AND expires_ms > $2",
        )
        .bind(token::start_of(id))
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        let Some((token_hash, current, previous, rotated_ms, expires_unix_ms, name, role)) = row
        else {
            return Ok(Shown::Unknown);
        };
        let shown = token::hash(cookie.expose());
        let next = self.next_cookie(id, cookie);
        let is_graced = now.as_millisecond() < rotated_ms.saturating_add(GRACE.as_millis() as i64);
        let next = if shown == current {
            self.rotate(&token_hash, &shown, &next, now)
                .await
                .then_some(next)
        } else if previous.is_some_and(|previous| previous == shown) && is_graced {
            Some(next)
        } else if !self.is_sealed(cookie) {
            return Ok(Shown::Unknown);
        } else {
            self.end_sign_in(&name, id, now).await?;
            return Ok(Shown::Stolen { name });
        };
        Ok(Shown::Good(Renewed {
            user: user((name, role))?,
            sign_in: id.to_owned(),
            cookie: next,
            expires_unix_ms,
        }))
    }

    /// Whether the next cookie holds from now on. Of several requests at once one notes it, for all of them.
    /// Where the disk is full the old one goes on: nobody is signed out for that.
    async fn rotate(&self, token_hash: &[u8], shown: &[u8], next: &Secret, now: Timestamp) -> bool {
        let noted = sqlx::query(
            "UPDATE sign_ins SET cookie_hash = $1, previous_hash = $2, rotated_ms = $3
             WHERE token_hash = $4 AND cookie_hash = $2",
        )
        .bind(token::hash(next.expose()))
        .bind(shown)
        .bind(now.as_millisecond())
        .bind(token_hash)
        .execute(&self.pool)
        .await;
        if let Err(error) = &noted {
            tracing::warn!(%error, "a cookie could not be renewed, and stays good");
        }
        noted.is_ok()
    }

    fn next_cookie(&self, id: &str, cookie: &Secret) -> Secret {
        let tag = hmac::sign(&self.cookie_key("cookies"), cookie.expose().as_bytes());
        self.sealed_cookie(id, &BASE64.encode(tag))
    }

    /// A new cookie of the sign-in with this hash, and its own hash.
    pub(super) fn first_cookie(
        &self,
        token_hash: &[u8],
    ) -> Result<(Secret, token::Hash), AccountsError> {
        let (random, _hash) = token::new()?;
        let cookie = self.sealed_cookie(&token::id_of(token_hash), random.expose());
        let hash = token::hash(cookie.expose());
        Ok((cookie, hash))
    }

    fn sealed_cookie(&self, id: &str, random: &str) -> Secret {
        let open = format!("{id}.{random}");
        let seal = hmac::sign(&self.cookie_key("cookie seals"), open.as_bytes());
        Secret::new(format!("{open}.{}", BASE64.encode(seal)))
    }

    /// Whether we have made this cookie, however long ago.
    fn is_sealed(&self, cookie: &Secret) -> bool {
        let key = self.cookie_key("cookie seals");
        let parts = cookie.expose().rsplit_once('.');
        parts.is_some_and(|(open, seal)| {
            BASE64
                .decode(seal)
                .is_ok_and(|seal| hmac::verify(&key, open.as_bytes(), &seal).is_ok())
        })
    }

    fn cookie_key(&self, purpose: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.sealer.derived(purpose))
    }
}

/// The sign-in that a cookie says it belongs to.
pub(super) fn sign_in_of(cookie: &Secret) -> Option<&str> {
    let (id, _random) = cookie.expose().split_once('.')?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{ADMIN, tests::accounts};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    async fn signed_in() -> (Accounts, Secret) {
        let accounts = accounts().await;
        let token = accounts.create_sign_in_token(ADMIN, at(0)).await;
        let cookie = accounts
            .sign_in(&token.expect("the admin"), "", at(0))
            .await;
        (accounts, cookie.expect("signed in"))
    }

    async fn next(accounts: &Accounts, cookie: &Secret, s: i64) -> Option<Secret> {
        match accounts.renew(cookie, at(s)).await.expect("readable") {
            Shown::Good(renewed) => renewed.cookie,
            Shown::Stolen { .. } | Shown::Unknown => None,
        }
    }

    #[tokio::test]
    async fn each_use_makes_the_next_cookie_and_the_sign_in_ends_when_it_would_have() {
        let (accounts, mut cookie) = signed_in().await;
        let mut seen = vec![cookie.clone()];
        for s in (300..12 * 3600).step_by(3000) {
            cookie = next(&accounts, &cookie, s).await.expect("still good");
            assert!(!seen.contains(&cookie));
            seen.push(cookie.clone());
        }
        let late = accounts.renew(&cookie, at(12 * 3600)).await;
        assert!(matches!(late, Ok(Shown::Unknown)), "{late:?}");
    }

    #[tokio::test]
    async fn requests_at_once_get_the_same_next_cookie() {
        let (accounts, cookie) = signed_in().await;
        let at_once = (0..8).map(|_| {
            let (accounts, cookie) = (accounts.clone(), cookie.clone());
            tokio::spawn(async move { next(&accounts, &cookie, 300).await })
        });
        let mut given = Vec::new();
        for outcome in at_once.collect::<Vec<_>>() {
            given.push(outcome.await.expect("no panic").expect("good"));
        }
        given.push(
            next(&accounts, &cookie, 359)
                .await
                .expect("the answer was lost"),
        );
        given.dedup();
        assert_eq!(given.len(), 1);
        assert!(next(&accounts, &given[0], 360).await.is_some());
    }

    #[tokio::test]
    async fn a_used_cookie_that_comes_again_ends_the_sign_in_of_both() {
        for wait in [60, 3600] {
            let (accounts, stolen) = signed_in().await;
            let mine = next(&accounts, &stolen, 300).await.expect("good");
            let thief = accounts.renew(&stolen, at(300 + wait)).await;
            assert!(matches!(thief, Ok(Shown::Stolen { .. })), "{thief:?}");
            let mine = accounts.renew(&mine, at(301 + wait)).await;
            assert!(matches!(mine, Ok(Shown::Unknown)), "{mine:?}");
        }
    }

    #[tokio::test]
    async fn the_owner_of_a_cookie_that_a_thief_used_ends_it_too() {
        let (accounts, cookie) = signed_in().await;
        let thief = next(&accounts, &cookie, 300).await.expect("good for now");
        let thief = next(&accounts, &thief, 301).await.expect("good for now");
        // At once, although it was the newest a moment ago.
        let owner = accounts.renew(&cookie, at(302)).await;
        assert!(matches!(owner, Ok(Shown::Stolen { .. })), "{owner:?}");
        assert_eq!(next(&accounts, &thief, 303).await, None);
    }

    #[tokio::test]
    async fn a_guess_at_a_cookie_ends_nothing_and_an_old_one_does() {
        let (accounts, cookie) = signed_in().await;
        let id = sign_in_of(&cookie).expect("a cookie").to_owned();
        let (open, _seal) = cookie.expose().rsplit_once('.').expect("a seal");
        let foreign = signed_in().await.1;
        let (_, foreign) = foreign.expose().split_once('.').expect("a cookie");
        let guesses = [
            format!("{id}."),
            format!("{id}.x"),
            format!("{open}.x"),
            format!("{id}.{foreign}"),
            format!("{}x", cookie.expose()),
        ];
        for guess in guesses {
            let outcome = accounts.renew(&Secret::new(&guess), at(1)).await;
            assert!(
                matches!(outcome, Ok(Shown::Unknown)),
                "{guess}: {outcome:?}"
            );
        }
        let second = next(&accounts, &cookie, 2).await.expect("still good");
        let third = next(&accounts, &second, 200).await.expect("good");
        let old = accounts.renew(&cookie, at(201)).await;
        assert!(matches!(old, Ok(Shown::Stolen { .. })), "{old:?}");
        assert_eq!(next(&accounts, &third, 202).await, None);
    }

    #[tokio::test]
    async fn what_was_never_a_cookie_ends_nothing_that_is_not_its_own() {
        let (accounts, cookie) = signed_in().await;
        for odd in ["", ".", "x", "zz.x", "0000000000000000.x", "\u{e4}.\u{e4}"] {
            let outcome = accounts.renew(&Secret::new(odd), at(1)).await;
            assert!(matches!(outcome, Ok(Shown::Unknown)), "{odd}: {outcome:?}");
        }
        assert!(next(&accounts, &cookie, 2).await.is_some());
    }
}
