//! Request bodies.

use std::{fmt, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::ApiError;

/// The largest request body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A body in JSON.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A body in JSON, or none at all, which means the default.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let body = read(request, state).await?;
        // Types whose fields have names would take a list of values, too.
        match body.trim_ascii_start().first() {
            Some(b'[') => Err(ApiError::Malformed {
                what: "a list in place of an object",
                line: 1,
                column: 1,
            }),
            _ => parse(&body).map(Self),
        }
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let typed = is_json(request.headers());
        let body = read(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        if !typed {
            return Err(ApiError::NotJson);
        }
        parse(&body).map(Self)
    }
}

/// The body, whole and in time.
pub(crate) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    timeout(BODY_TIME, Bytes::from_request(request, state))
        .await
        .map_err(|_elapsed| ApiError::Interrupted)?
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
            _ => ApiError::Interrupted,
        })
}

/// Says where the mistake is and never what is there: it may be a token.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let read = serde_json::from_slice(body);
    let read = read.or_else(|error| with_whole_numbers(body).ok_or(error));
    read.map_err(|error| ApiError::Malformed {
        what: match error.classify() {
            serde_json::error::Category::Data => "a value or field that does not belong there",
            serde_json::error::Category::Syntax => "not JSON",
            serde_json::error::Category::Eof | serde_json::error::Category::Io => "an early end",
        },
        line: error.line(),
        column: error.column(),
    })
}

/// JSON knows no integers: 5.0 is as good as 5 (JSON Schema, 6.1.1).
fn with_whole_numbers<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let Whole(value) = serde_json::from_slice(body).ok()?;
    serde_json::from_value(value).ok()
}

/// A value whose floats are integers where they are whole. As with the bodies' own types, no field may
/// come twice.
struct Whole(Value);

/// Beyond this a float does not tell neighbouring integers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Whole, E> {
        let is_whole = value.fract() == 0.0 && value.abs() <= EXACT;
        Ok(Whole(match is_whole {
            true => Value::from(value as i64),
            false => value.into(),
        }))
    }

    fn visit_str<E>(self, value: &str) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Whole, E> {
        Ok(Whole(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Whole, A::Error> {
        let mut values = Vec::new();
        while let Some(Whole(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Whole(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Whole, A::Error> {
        let mut values = Map::new();
        while let Some((name, Whole(value))) = fields.next_entry::<String, _>()? {
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom("a field comes twice"));
            }
        }
        Ok(Whole(values.into()))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    #[test]
    fn whole_numbers_may_be_written_as_floats_and_others_may_not() {
        assert_eq!(parse::<u32>(b"5.0").expect("whole"), 5);
        assert_eq!(
            parse::<Vec<i8>>(b"[-1.0, 2e0, 3]").expect("whole"),
            [-1, 2, 3]
        );
        assert_eq!(parse::<f64>(b"5.5").expect("a float"), 5.5);
        for odd in ["5.5", "-5.0", "1e10", "1e300", "\"5.0\""] {
            assert!(parse::<u32>(odd.as_bytes()).is_err(), "{odd}");
        }
    }

    #[test]
    fn no_field_comes_twice_however_its_numbers_are_written() {
        #[derive(Debug, Deserialize)]
        struct Body {
            number: u8,
        }
        assert_eq!(
            parse::<Body>(br#"{"number":1.0}"#).expect("whole").number,
            1
        );
        for twice in [
            r#"{"number":1,"number":2}"#,
            r#"{"number":1.0,"number":2.0}"#,
        ] {
            assert!(parse::<Body>(twice.as_bytes()).is_err(), "{twice}");
        }
    }

    #[tokio::test]
    async fn a_list_of_values_is_no_object() {
        #[derive(Debug, Deserialize)]
        struct Change {
            number: Option<u8>,
        }
        let read = async |body: &'static str| {
            let request = Request::builder().header(header::CONTENT_TYPE, "application/json");
            let request = request.body(Body::from(body)).expect("a request");
            Json::<Change>::from_request(request, &()).await
        };
        assert_eq!(
            read(r#" {"number":1}"#).await.expect("an object").0.number,
            Some(1)
        );
        assert!(matches!(
            read(" [1]").await,
            Err(ApiError::Malformed { .. })
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_not_waited_for() {
        let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let request = Request::builder().header(header::CONTENT_TYPE, "application/json");
        let request = request.body(endless).expect("a request");
        let reading = Json::<serde_json::Value>::from_request(request, &());
        let outcome = timeout(2 * BODY_TIME, reading).await.expect("in time");
        assert!(matches!(outcome, Err(ApiError::Interrupted)), "{outcome:?}");
    }
}
