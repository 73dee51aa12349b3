use streamspace_protocol::Code;

use super::claims::ClaimFault;
use crate::{OutboundError, jose::JoseError};

/// Nobody is signed in by the provider, and why.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("this server has no identity provider to sign in by")]
    NotConfigured,
    #[error("the identity provider cannot be reached; the server's log says why")]
    Unreachable(#[from] OutboundError),
    #[error("the identity provider answers with status {0}")]
    Status(u16),
    #[error("what the identity provider says of itself cannot be used: {0}")]
    Discovery(&'static str),
    #[error("the identity provider's answer holds no tokens")]
    Answer,
    /// The provider says no: to the person, to the code, or to the refresh token.
    #[error("the identity provider refuses ({0})")]
    Refused(Refusal),
    #[error("the identity provider's token is not believed: {0}")]
    Token(#[from] TokenFault),
    #[error("this sign-in was not begun in this browser, has ended, or took too long; begin again")]
    Stale,
    #[error("the identity provider has signed you in, but your groups there give you no role here")]
    NoRole,
    #[error("the identity provider has signed you in, but you have no account here")]
    NoAccount,
}

/// Why a token of the provider is not believed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TokenFault(TokenFaultKind);

#[derive(Debug, thiserror::Error)]
enum TokenFaultKind {
    #[error(transparent)]
    Jose(JoseError),
    #[error(transparent)]
    Claims(ClaimFault),
}

/// Its code for why (RFC 6749), as far as it is one: the provider chose what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(String);

impl Refusal {
    const MAX_CHARS: usize = 64;

    pub(crate) fn new(code: &str) -> Self {
        let plain = code
            .chars()
            .filter(|it| it.is_ascii_alphanumeric() || *it == '_');
        Self(plain.take(Self::MAX_CHARS).collect())
    }

    /// Whether it is about what was shown, and not about us or the moment.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.0.as_str(), "invalid_grant" | "access_denied")
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl OidcError {
    pub fn code(&self) -> Code {
        match self {
            Self::NotConfigured => Code::NotFound,
            Self::Unreachable(_) | Self::Status(_) => Code::ProviderUnreachable,
            Self::Discovery(_) | Self::Answer | Self::Token(_) => Code::ProviderAnswerInvalid,
            Self::Refused(_) => Code::ProviderRefused,
            Self::Stale => Code::SignInStale,
            Self::NoRole | Self::NoAccount => Code::NotAdmitted,
        }
    }

    /// Whether the provider wants somebody signed out, in contrast to not saying anything that counts.
    pub(crate) fn ends_sign_in(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_final(),
            Self::NoRole => true,
            Self::NotConfigured
            | Self::Unreachable(_)
            | Self::Status(_)
            | Self::Discovery(_)
            | Self::Answer
            | Self::Token(_)
            | Self::Stale
            | Self::NoAccount => false,
        }
    }
}

impl From<JoseError> for OidcError {
    fn from(error: JoseError) -> Self {
        Self::Token(TokenFault(TokenFaultKind::Jose(error)))
    }
}

impl From<ClaimFault> for OidcError {
    fn from(error: ClaimFault) -> Self {
        Self::Token(TokenFault(TokenFaultKind::Claims(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_a_code_and_nothing_else_that_may_be_sent() {
        assert_eq!(Refusal::new("invalid_grant").to_string(), "invalid_grant");
        let odd = Refusal::new("<b>x</b>\r\nSet-Cookie: y");
        assert_eq!(odd.to_string(), "bxbSetCookiey");
        assert_eq!(Refusal::new(&"x".repeat(500)).to_string().len(), 64);
    }

    #[test]
    fn only_what_the_provider_says_of_the_person_signs_them_out() {
        assert!(OidcError::Refused(Refusal::new("invalid_grant")).ends_sign_in());
        assert!(OidcError::NoRole.ends_sign_in());
        assert!(!OidcError::Refused(Refusal::new("invalid_client")).ends_sign_in());
        assert!(!OidcError::Status(503).ends_sign_in());
    }
}
