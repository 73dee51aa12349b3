//! How many requests an address and a user may send (GCRA), and what they are told of it
//! (draft-ietf-httpapi-ratelimit-headers).

use std::{
    collections::HashMap,
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

use crate::{Api, ApiError, User, guesses::PeerAddress};

/// Who are remembered. When there are more, those that have long been quiet give way, and then any.
const REMEMBERED: usize = 16_384;
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

/// What one has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    requests: u32,
    /// Until there is one more.
    next: Duration,
}

/// When each has its whole allowance again; each request puts that off.
#[derive(Debug)]
struct Allowances<Key> {
    rate: RequestRate,
    whole_at: Mutex<HashMap<Key, Instant>>,
}

impl<Key: Hash + Eq> Allowances<Key> {
    fn new(rate: RequestRate) -> Self {
        Self {
            rate,
            whole_at: Mutex::default(),
        }
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1) / self.rate.per_second.max(1)
    }

    /// How long to wait where there is nothing left.
    fn take(&self, key: Key, now: Instant) -> Result<Left, Duration> {
        let interval = self.interval();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= REMEMBERED && !whole_at.contains_key(&key) {
            whole_at.retain(|_, at| *at > now);
            if whole_at.len() >= REMEMBERED {
                whole_at.clear();
            }
        }
        let at = whole_at.entry(key).or_insert(now);
        let next = (*at).max(now) + interval;
        let most = interval * self.rate.at_once.max(1);
        let used = next - now;
        if used > most {
            return Err(used - most);
        }
        *at = next;
        let left = (most - used).as_nanos() / interval.as_nanos().max(1);
        Ok(Left {
            requests: u32::try_from(left).unwrap_or(u32::MAX),
            next: interval,
        })
    }
}

/// Of one server.
#[derive(Debug)]
pub(crate) struct RateLimits {
    rate: RequestRate,
    by_address: Allowances<IpAddr>,
    by_user: Allowances<String>,
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
            by_address: Allowances::new(shared),
            by_user: Allowances::new(rate),
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
    match limits.by_address.take(from.network(), Instant::now()) {
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
    let taken = limits.by_user.take(user.name, Instant::now());
    let (mut response, state) = match taken {
        Ok(Left {
            requests,
            next: more,
        }) => {
            let response = next.run(request).await;
            (
                response,
                format!("\"requests\";r={requests};t={}", seconds(more)),
            )
        }
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

    const RATE: RequestRate = RequestRate {
        per_second: 10,
        at_once: 5,
    };

    #[test]
    fn what_is_used_up_comes_back_with_time_and_others_have_their_own() {
        let (allowances, now) = (Allowances::new(RATE), Instant::now());
        let left: Vec<_> = (0..5)
            .map(|_| allowances.take("ann", now).map(|left| left.requests))
            .collect();
        assert_eq!(left, [Ok(4), Ok(3), Ok(2), Ok(1), Ok(0)]);
        assert_eq!(allowances.take("ann", now), Err(Duration::from_millis(100)));
        assert!(allowances.take("bob", now).is_ok());
        let later = now + Duration::from_millis(250);
        assert!(allowances.take("ann", later).is_ok());
        assert!(allowances.take("ann", later).is_ok());
        assert_eq!(
            allowances.take("ann", later),
            Err(Duration::from_millis(50))
        );
        let much_later = now + Duration::from_secs(60);
        assert_eq!(
            allowances.take("ann", much_later).map(|left| left.requests),
            Ok(4)
        );
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (allowances, now) = (Allowances::new(RATE), Instant::now());
        for number in 0..40_000 {
            assert!(allowances.take(number, now).is_ok());
        }
        let remembered = allowances.whole_at.lock().expect("no panic").len();
        assert!(remembered <= REMEMBERED);
    }

    #[test]
    fn part_of_a_second_is_a_whole_one() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
    }
}
