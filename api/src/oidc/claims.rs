//! What the provider's tokens say, and whether that is about us, now.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::OidcConfig;

/// Clocks differ.
const LEEWAY_S: i64 = 60;
/// A longer one identifies nobody (OpenID Connect Core, 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// A logout is told at once, so that an old one is no longer one.
const LOGOUT_AGE_S: i64 = 5 * 60;
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const MAX_GROUPS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimFault {
    #[error("another provider has issued it")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it has expired, or is of another time")]
    Time,
    #[error("it is not the answer to this sign-in")]
    Nonce,
    #[error("it is about nobody, or about somebody else")]
    Subject,
    #[error("it is a token of another kind")]
    Kind,
}

/// What every token of a provider says.
#[derive(Debug, Clone, Deserialize)]
struct Common {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    /// Seconds since 1970, maybe with a fraction.
    iat: f64,
    nonce: Option<String>,
    sid: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Who somebody is (OpenID Connect Core, 2).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct IdToken {
    #[serde(flatten)]
    common: Common,
    pub(super) sub: String,
    exp: f64,
    /// All of it, with groups and names among it.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// Somebody has signed out elsewhere (OpenID Connect Back-Channel Logout, 2.4).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LogoutToken {
    #[serde(flatten)]
    common: Common,
    sub: Option<String>,
    exp: f64,
    events: Map<String, Value>,
}

/// Whose sign-ins are over: of one sign-in at the provider, or all that this person had begun until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggedOut {
    pub(crate) subject: Option<String>,
    pub(crate) provider_session: Option<String>,
    pub(crate) until_unix_ms: i64,
}

impl Common {
    fn check(&self, config: &OidcConfig, now_s: i64) -> Result<(), ClaimFault> {
        if self.iss != config.issuer {
            return Err(ClaimFault::Issuer);
        }
        let (is_ours, is_shared) = match &self.aud {
            Audience::One(one) => (*one == config.client_id, false),
            Audience::Several(all) => (all.contains(&config.client_id), all.len() > 1),
        };
        let party = self.azp.as_ref();
        let is_other_party = party.map_or(is_shared, |party| *party != config.client_id);
        if !is_ours || is_other_party {
            return Err(ClaimFault::Audience);
        }
        match self.iat <= (now_s + LEEWAY_S) as f64 {
            true => Ok(()),
            false => Err(ClaimFault::Time),
        }
    }
}

fn has_expired(exp: f64, now_s: i64) -> bool {
    exp + LEEWAY_S as f64 <= now_s as f64
}

impl IdToken {
    /// Of the sign-in with this nonce.
    pub(super) fn check(
        &self,
        config: &OidcConfig,
        nonce: &str,
        now_s: i64,
    ) -> Result<(), ClaimFault> {
        self.check_renewed(config, now_s)?;
        match self.common.nonce.as_deref() == Some(nonce) {
            true => Ok(()),
            false => Err(ClaimFault::Nonce),
        }
    }

    /// One that came for a refresh token, without a nonce.
    pub(super) fn check_renewed(&self, config: &OidcConfig, now_s: i64) -> Result<(), ClaimFault> {
        self.common.check(config, now_s)?;
        if has_expired(self.exp, now_s) {
            return Err(ClaimFault::Time);
        }
        match (1..=MAX_SUBJECT_BYTES).contains(&self.sub.len()) {
            true => Ok(()),
            false => Err(ClaimFault::Subject),
        }
    }

    /// The name of the sign-in at the provider.
    pub(super) fn provider_session(&self) -> Option<String> {
        self.common.sid.clone()
    }
}

impl LogoutToken {
    /// `kind` is what its header calls it.
    pub(super) fn read(
        self,
        config: &OidcConfig,
        kind: Option<&str>,
        now_s: i64,
    ) -> Result<LoggedOut, ClaimFault> {
        self.common.check(config, now_s)?;
        if has_expired(self.exp, now_s) || self.common.iat < (now_s - LOGOUT_AGE_S) as f64 {
            return Err(ClaimFault::Time);
        }
        // An ID token that somebody got hold of must not pass for one.
        let is_logout = self.events.get(LOGOUT_EVENT).is_some_and(Value::is_object);
        let is_named = kind.is_none_or(|kind| ["logout+jwt", "JWT"].contains(&kind));
        if !is_logout || !is_named || self.common.nonce.is_some() {
            return Err(ClaimFault::Kind);
        }
        if self.sub.is_none() && self.common.sid.is_none() {
            return Err(ClaimFault::Subject);
        }
        Ok(LoggedOut {
            subject: self.sub,
            provider_session: self.common.sid,
            // To the end of that second.
            until_unix_ms: (self.common.iat as i64)
                .saturating_mul(1000)
                .saturating_add(999),
        })
    }
}

/// The groups that the claim lists: several, or one.
pub(super) fn groups(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    match claims.get(claim) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let names = all.iter().filter_map(Value::as_str);
            names.map(str::to_owned).take(MAX_GROUPS).collect()
        }
        Some(_) | None => vec![],
    }
}

/// What somebody may be called here, the best first. Names and mail addresses identify nobody: they are asked of
/// the provider only to make up a name that is free.
pub(super) fn names(claims: &Map<String, Value>) -> Vec<String> {
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
    let mailbox = text("email").and_then(|mail| mail.split('@').next());
    [text("preferred_username"), mailbox, text("nickname")]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
