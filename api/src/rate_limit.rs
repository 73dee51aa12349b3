//! How many requests an address and a user may send (GCRA), and what they are told of it
//! (draft-ietf-httpapi-ratelimit-headers).

use std::{
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    Api, ApiError, User,
    guesses::{PeerAddress, credit::Credit},
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// So many at once, and so many a second on and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestRate {
    pub per_second: u32,
    pub at_once: u32,
}

impl Default for RequestRate {
    /// A page asks every two seconds; programs may be quicker.
    fn default() -> Self {
        Self {
            per_second: 50,
            at_once: 500,
        }
    }
}

impl RequestRate {
    fn credit<Key: Eq + Hash + Clone>(self) -> Credit<Key> {
        let interval = Duration::from_secs(1) / self.per_second.max(1);
        Credit::new(self.at_once.max(1), interval)
    }
}

/// How many requests are left, or how long to wait where none is.
fn take<Key: Eq + Hash + Clone>(
    credit: &Mutex<Credit<Key>>,
    key: Key,
    now: Instant,
) -> Result<u32, Duration> {
    // Each change is one step, so it stays true even if a task panics with the lock held.
    let mut credit = credit.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(wait) = credit.wait(&key, now) {
        return Err(wait);
    }
    credit.take(key.clone(), now);
    Ok(credit.left(&key, now))
}

/// Of one server.
#[derive(Debug)]
pub(crate) struct RateLimits {
    rate: RequestRate,
    by_address: Mutex<Credit<IpAddr>>,
    by_user: Mutex<Credit<String>>,
}

impl RateLimits {
    pub(crate) fn new(rate: RequestRate) -> Self {
        // Several people may come from one address.
        let shared = RequestRate {
            per_second: rate.per_second.saturating_mul(4),
            at_once: rate.at_once.saturating_mul(4),
        };
        Self {
            rate,
            by_address: Mutex::new(shared.credit()),
            by_user: Mutex::new(rate.credit()),
        }
    }

    fn policy(&self) -> HeaderValue {
        let RequestRate {
            per_second,
            at_once,
        } = self.rate;
        let window = at_once.div_ceil(per_second.max(1));
        text(&format!("\"requests\";q={at_once};w={window}"))
    }
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and names are a header")
}

/// Before anything else is done for a request.
pub(crate) async fn by_address(
    State(api): State<Api>,
    from: Option<Extension<PeerAddress>>,
    request: Request,
    next: Next,
) -> Response {
    let from = from.map_or(PeerAddress::NONE, |Extension(from)| from);
    let limits = api.rate_limits();
    match take(&limits.by_address, from.network(), Instant::now()) {
        Ok(_) => next.run(request).await,
        Err(wait) => ApiError::TooManyRequests { wait }.into_response(),
    }
}

/// Once it is known who asks.
pub(crate) async fn by_user(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    request: Request,
    next: Next,
) -> Response {
    let limits = api.rate_limits();
    let taken = take(&limits.by_user, user.name, Instant::now());
    let (mut response, state) = match taken {
        // There is one more within the second.
        Ok(left) => (
            next.run(request).await,
            format!("\"requests\";r={left};t=1"),
        ),
        Err(wait) => {
            let response = ApiError::TooManyRequests { wait }.into_response();
            (response, format!("\"requests\";r=0;t={}", seconds(wait)))
        }
    };
    response.headers_mut().insert(POLICY, limits.policy());
    response.headers_mut().insert(STATE, text(&state));
    response
}

/// Whole ones, and never none.
pub(crate) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_comes_back_with_time_and_others_have_their_own() {
        let rate = RequestRate {
            per_second: 10,
            at_once: 5,
        };
        let (credit, now) = (Mutex::new(rate.credit()), Instant::now());
        let left: Vec<_> = (0..5).map(|_| take(&credit, "ann", now)).collect();
        assert_eq!(left, [Ok(4), Ok(3), Ok(2), Ok(1), Ok(0)]);
        assert_eq!(take(&credit, "ann", now), Err(Duration::from_millis(100)));
        assert_eq!(take(&credit, "bob", now), Ok(4));
        let later = now + Duration::from_millis(250);
        assert_eq!(take(&credit, "ann", later), Ok(1));
        assert_eq!(take(&credit, "ann", later), Ok(0));
        assert_eq!(take(&credit, "ann", later), Err(Duration::from_millis(50)));
        assert_eq!(take(&credit, "ann", now + Duration::from_secs(60)), Ok(4));
    }

    #[test]
    fn part_of_a_second_is_a_whole_one() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
    }
}
