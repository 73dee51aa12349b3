//! Spans of time as objects spell them: `"30m"`, `"8h"`, `"1h30m"`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// What a schema says of it: each unit once, and no span of nothing.
#[cfg(feature = "schema")]
pub(crate) const PATTERN: &str =
    r"^([1-9][0-9]{0,7}d)?([1-9][0-9]{0,7}h)?([1-9][0-9]{0,7}m)?([1-9][0-9]{0,7}s)?$";

/// A span of whole seconds, written with units `d`, `h`, `m` and `s`, largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = PATTERN, "minLength" = 2)))]
#[serde(try_from = "String", into = "String")]
pub struct TimeSpan(Duration);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a span of time is written like \"30m\", \"8h\" or \"1h30m\"")]
pub struct InvalidTimeSpan;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl TimeSpan {
    pub fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;

    fn from_str(text: &str) -> Result<Self, InvalidTimeSpan> {
        let mut units = UNITS.iter();
        let mut seconds = 0u64;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .ok_or(InvalidTimeSpan)?;
            let (number, tail) = rest.split_at(digits);
            let number: u64 = number.parse().map_err(|_| InvalidTimeSpan)?;
            let unit = tail.chars().next().ok_or(InvalidTimeSpan)?;
            let &(_, factor) = units
                .find(|&&(name, _)| name == unit)
                .ok_or(InvalidTimeSpan)?;
            seconds = number
                .checked_mul(factor)
                .and_then(|part| seconds.checked_add(part))
                .ok_or(InvalidTimeSpan)?;
            rest = &tail[1..];
        }
        if text.is_empty() {
            Err(InvalidTimeSpan)
        } else {
            Ok(Self::from_secs(seconds))
        }
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0.as_secs();
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, factor) in UNITS {
            if left >= factor {
                write!(f, "{}{unit}", left / factor)?;
                left %= factor;
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = InvalidTimeSpan;

    fn try_from(text: String) -> Result<Self, InvalidTimeSpan> {
        text.parse()
    }
}

impl From<TimeSpan> for String {
    fn from(span: TimeSpan) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0u64..100_000_000) {
            let span = TimeSpan::from_secs(seconds);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}") {
            let _ = text.parse::<TimeSpan>();
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "m",
            "5",
            "5x",
            "5m5h",
            "1h1h",
            "-1h",
            "1.5h",
            "99999999999999999999h",
        ] {
            assert_eq!(text.parse::<TimeSpan>(), Err(InvalidTimeSpan), "{text}");
        }
    }
}
