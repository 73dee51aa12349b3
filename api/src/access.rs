//! Access tokens: what a browser shows with each request for a few minutes, in place of a look into the database.
//!
//! JWTs (RFC 9068), signed with a key that every server derives from the accounts' own. They say who somebody is
//! and in which role; [`Accounts::is_revoked`] says whether that still holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use crate::{
    AccountRole, Accounts, User,
    accounts::ACCESS_LIFETIME,
    jose::{self, PublicKey, SigningKey, Unverified},
};

const KIND: &str = "at+jwt";

/// Signs access tokens, and knows its own again.
#[derive(Debug)]
pub(crate) struct AccessTokens {
    key: SigningKey,
    public: PublicKey,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    sub: String,
    role: AccountRole,
    /// The name of the sign-in.
    sid: String,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    pub(crate) fn new(key: SigningKey) -> Self {
        let public = key.public();
        Self { key, public }
    }

    /// Of this user's sign-in, for the next minutes.
    pub(crate) fn issue(&self, user: &User, sign_in: &str, now: Timestamp) -> Secret {
        let iat = now.as_second();
        let claims = Claims {
            sub: user.name.clone(),
            role: user.role,
            sid: sign_in.to_owned(),
            iat,
            exp: iat + ACCESS_LIFETIME.as_secs() as i64,
        };
        Secret::new(jose::sign(&self.key, KIND, &claims))
    }

    /// Who shows it; `None` for one that is not ours, has expired, or is revoked.
    pub(crate) async fn user(
        &self,
        token: &Secret,
        accounts: &Accounts,
        now: Timestamp,
    ) -> Option<User> {
        let claims = self.read(token, now)?;
        let Claims {
            sub: name,
            role,
            sid,
            iat,
            ..
        } = claims;
        let is_over = accounts
            .is_revoked(&name, &sid, iat.saturating_mul(1000), now)
            .await;
        (!is_over).then_some(User { name, role })
    }

    fn read(&self, token: &Secret, now: Timestamp) -> Option<Claims> {
        let read = Unverified::read(token.expose()).ok()?;
        if read.kind() != Some(KIND) {
            return None;
        }
        let claims: Claims = read.verified(&self.public).ok()?;
        (claims.exp > now.as_second()).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    fn tokens(seed: u8) -> AccessTokens {
        AccessTokens::new(SigningKey::from_seed(&[seed; 32]))
    }

    fn ada() -> User {
        User {
            name: "ada".into(),
            role: AccountRole::Operator,
        }
    }

    #[test]
    fn a_token_lives_five_minutes_on_every_server_with_the_key() {
        let token = tokens(1).issue(&ada(), "s", at(0));
        for s in [0, 299] {
            let read = tokens(1).read(&token, at(s)).expect("still good");
            assert_eq!(
                (read.sub.as_str(), read.role, read.sid.as_str()),
                ("ada", AccountRole::Operator, "s")
            );
        }
        assert_eq!(tokens(1).read(&token, at(300)), None);
        assert_eq!(tokens(2).read(&token, at(0)), None);
    }

    #[test]
    fn another_kind_of_token_of_the_same_key_is_none() {
        let tokens = tokens(1);
        let claims = Claims {
            sub: "ada".into(),
            role: AccountRole::Admin,
            sid: "s".into(),
            iat: at(0).as_second(),
            exp: at(60).as_second(),
        };
        let other = Secret::new(jose::sign(&tokens.key, "logout+jwt", &claims));
        assert_eq!(tokens.read(&other, at(0)), None);
        let same = Secret::new(jose::sign(&tokens.key, KIND, &claims));
        assert_eq!(tokens.read(&same, at(0)), Some(claims));
    }
}
