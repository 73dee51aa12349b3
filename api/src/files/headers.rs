//! Headers of requests for parts of files (RFC 9110, section 14), and what a download is called.

use axum::http::{HeaderMap, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use streamspace_protocol::{ByteRange, FilePath, Part};

use crate::ApiError;

/// What `filename*` (RFC 8187) and addresses take as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The range that is asked for. Several at once, other units and nonsense count as none, for which
/// all of the file is the right answer.
pub(crate) fn range_of(headers: &HeaderMap) -> Option<ByteRange> {
    let value = headers.get(header::RANGE)?.to_str().ok()?;
    let (first, last) = value.trim().strip_prefix("bytes=")?.split_once('-')?;
    Some(match (first, last) {
        ("", length) => ByteRange::Last {
            length: number(length)?,
        },
        (first, "") => ByteRange::From {
            first: number(first)?,
        },
        (first, last) => ByteRange::Between {
            first: number(first)?,
            last: number(last).filter(|last| Some(*last) >= number(first))?,
        },
    })
}

/// The tag for which the range holds. One that is none of ours is of no file, so all is sent.
pub(crate) fn tag_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::IF_RANGE)?;
    let text = value.to_str().unwrap_or_default().trim();
    let tag = text.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    Some(
        tag.filter(|tag| tag.len() <= 128)
            .unwrap_or_default()
            .to_owned(),
    )
}

/// Which bytes of a file the body holds: those of `Content-Range`, or else the whole file.
pub(crate) fn part_of(headers: &HeaderMap) -> Result<Part, ApiError> {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str());
    let length = match text(header::CONTENT_LENGTH) {
        Some(Ok(length)) => number(length),
        _ => None,
    };
    let length = length.ok_or(ApiError::FileRequest("an upload says its Content-Length"))?;
    match text(header::CONTENT_RANGE) {
        None => Ok(Part {
            offset: 0,
            length,
            total: length,
        }),
        Some(range) => range
            .ok()
            .and_then(content_range)
            .filter(|part| part.length == length)
            .ok_or(ApiError::FileRequest(
                "Content-Range is `bytes FIRST-LAST/TOTAL` and as long as the body",
            )),
    }
}

fn content_range(value: &str) -> Option<Part> {
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, total) = (number(first)?, number(last)?, number(total)?);
    let length = last.checked_sub(first)?.checked_add(1)?;
    (last < total).then_some(Part {
        offset: first,
        length,
        total,
    })
}

/// Digits only: `u64` itself would also read a plus sign.
fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A download of this name, never shown by the browser itself: what lies in a session's home must not
/// run as a page of ours.
pub(crate) fn attachment(name: &str) -> HeaderValue {
    let name = utf8_percent_encode(name, PLAIN);
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"))
        .expect("percent-encoded text is a header")
}

/// A path as it stands in an address.
pub(crate) fn encoded(path: &FilePath) -> String {
    let names = path.names().iter();
    let names: Vec<_> = names
        .map(|name| utf8_percent_encode(name.as_str(), PLAIN).to_string())
        .collect();
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn one_range_of_bytes_is_understood_and_anything_else_means_all() {
        let range = |value| range_of(&headers(&[("range", value)]));
        assert_eq!(range("bytes=5-"), Some(ByteRange::From { first: 5 }));
        assert_eq!(range("bytes=-5"), Some(ByteRange::Last { length: 5 }));
        let between = ByteRange::Between { first: 2, last: 4 };
        assert_eq!(range("bytes=2-4"), Some(between));
        for none in [
            "bytes=4-2",
            "bytes=1-2,4-5",
            "bytes=",
            "bytes=-",
            "lines=1-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=99999999999999999999-",
            "1-2",
        ] {
            assert_eq!(range(none), None, "{none}");
        }
    }

    #[test]
    fn the_tag_of_another_file_is_still_a_tag() {
        let tag = |value| tag_of(&headers(&[("if-range", value)]));
        assert_eq!(tag("\"1-2-3\"").as_deref(), Some("1-2-3"));
        assert_eq!(tag("W/\"1\"").as_deref(), Some(""));
        assert_eq!(tag("Mon, 23 Nov 2026 08:00:00 GMT").as_deref(), Some(""));
        assert_eq!(tag_of(&headers(&[])), None);
    }

    #[test]
    fn the_parts_of_an_upload_say_where_they_belong() {
        let part = |length: &str, range: &str| {
            part_of(&headers(&[
                ("content-length", length),
                ("content-range", range),
            ]))
            .ok()
        };
        let expected = Part {
            offset: 5,
            length: 5,
            total: 20,
        };
        assert_eq!(part("5", "bytes 5-9/20"), Some(expected));
        for lie in [
            "bytes 5-10/20",
            "bytes 5-9/9",
            "bytes 9-5/20",
            "bytes 5-9/*",
            "bytes */20",
            "5-9/20",
            "bytes 0-18446744073709551615/18446744073709551615",
        ] {
            assert_eq!(part("5", lie), None, "{lie}");
        }
        let whole = part_of(&headers(&[("content-length", "0")])).ok();
        assert_eq!(whole.map(|part| part.completes()), Some(true));
        assert!(part_of(&headers(&[])).is_err());
    }

    #[test]
    fn any_name_makes_a_header() {
        let header = attachment("a \"b\"\r\n;ü.txt");
        assert_eq!(
            header,
            "attachment; filename*=UTF-8''a%20%22b%22%0D%0A%3B%C3%BC.txt"
        );
    }
}
