//! How a link changes over time.

use std::{str::FromStr, time::Duration};

/// Rates from a time on: `0:5000,20:500,40:5000` is 5 Mbit/s, after 20 seconds 0.5, after 40 again 5.
#[derive(Debug, Clone, PartialEq)]
pub struct RateSteps(Vec<(Duration, f64)>);

/// Why a text is no list of rates.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidSteps(String);

impl std::fmt::Display for InvalidSteps {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "'{}' is not SECONDS:KBIT_PER_SECOND, in order and from 0 on",
            self.0
        )
    }
}

impl std::error::Error for InvalidSteps {}

impl RateSteps {
    /// Bits a second at this time.
    #[must_use]
    pub fn rate_bps(&self, elapsed: Duration) -> f64 {
        let step = self.0.iter().rev().find(|(from, _)| *from <= elapsed);
        step.map_or(self.0[0].1, |(_, rate)| *rate)
    }
}

impl FromStr for RateSteps {
    type Err = InvalidSteps;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidSteps(text.to_owned());
        let steps: Option<Vec<_>> = text.split(',').map(step).collect();
        let steps = steps.ok_or_else(invalid)?;
        let in_order = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if steps[0].0 != Duration::ZERO || !in_order {
            return Err(invalid());
        }
        Ok(Self(steps))
    }
}

fn step(text: &str) -> Option<(Duration, f64)> {
    let (seconds, kilobits) = text.split_once(':')?;
    let kilobits: u32 = kilobits.parse().ok().filter(|&rate| rate > 0)?;
    let from = Duration::from_secs(seconds.parse().ok()?);
    Some((from, f64::from(kilobits) * 1000.0))
}

#[cfg(test)]
mod tests {
    use super::RateSteps;
    use std::time::Duration;

    #[test]
    fn a_rate_holds_until_the_next_step() {
        let steps: RateSteps = "0:5000,20:500,40:5000".parse().expect("three steps");
        for (second, rate) in [
            (0, 5e6),
            (19, 5e6),
            (20, 5e5),
            (39, 5e5),
            (40, 5e6),
            (99, 5e6),
        ] {
            assert_eq!(steps.rate_bps(Duration::from_secs(second)), rate);
        }
    }

    #[test]
    fn what_is_no_list_of_rates_is_refused() {
        for text in [
            "",
            "5000",
            "0:0",
            "5:100",
            "0:100,0:200",
            "0:100,20:x",
            "0:-1",
        ] {
            assert!(text.parse::<RateSteps>().is_err(), "{text}");
        }
    }
}
