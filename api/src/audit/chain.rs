//! Events, and the hashes that hold them together.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Code;

pub(super) const HASH_BYTES: usize = 32;
pub(super) type Hash = [u8; HASH_BYTES];
/// Before the first event.
pub(super) const NOTHING: Hash = [0; HASH_BYTES];

/// One thing that somebody did or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvent {
    /// Counts from 1 without a gap.
    pub number: i64,
    pub at: Timestamp,
    /// The user, or the share link of a guest; nobody who could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The address that the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// The method of the request.
    pub method: String,
    /// The path of the request, under `/api/v1`.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// Of an answer that refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// Where the events end: kept elsewhere, it shows later that none was taken away from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub number: i64,
    pub(super) hash: Hash,
}

impl Head {
    pub(super) const START: Self = Self {
        number: 0,
        hash: NOTHING,
    };

    /// With `line`, the next event as it is kept.
    pub(super) fn after(self, line: &str) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&self.hash);
        context.update(line.as_bytes());
        let mut hash = NOTHING;
        hash.copy_from_slice(context.finish().as_ref());
        Self {
            number: self.number + 1,
            hash,
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.number)?;
        self.hash
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What is wrong with the events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    #[error("event {0} is missing")]
    Missing(i64),
    #[error("event {0} was changed, or what came before it")]
    Changed(i64),
    #[error("the events end at {found}, before {expected}")]
    CutOff { found: i64, expected: i64 },
    #[error("event {0} is another one than was noted elsewhere")]
    Rewritten(i64),
}

/// Goes from event to event.
#[derive(Debug)]
pub(super) struct Verifier {
    head: Head,
    expected: Option<String>,
}

impl Verifier {
    /// `expected` is a head as it was noted elsewhere, if one was.
    pub(super) fn new(start: Head, expected: Option<String>) -> Self {
        Self {
            head: start,
            expected,
        }
    }

    /// Takes the next event: its number, line and hash as they are kept.
    pub(super) fn take(&mut self, number: i64, line: &str, hash: &[u8]) -> Result<(), AuditFault> {
        let next = self.head.number + 1;
        if number != next {
            return Err(AuditFault::Missing(next));
        }
        let head = self.head.after(line);
        let told: Option<i64> = serde_json::from_str(line)
            .ok()
            .map(|event: AuditEvent| event.number);
        if head.hash != *hash || told != Some(number) {
            return Err(AuditFault::Changed(number));
        }
        self.head = head;
        match &self.expected {
            Some(expected) if number_of(expected) == Some(number) => {
                if *expected != head.to_string() {
                    return Err(AuditFault::Rewritten(number));
                }
                self.expected = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn end(self) -> Result<Head, AuditFault> {
        match self.expected.as_deref().and_then(number_of) {
            Some(expected) if expected > self.head.number => Err(AuditFault::CutOff {
                found: self.head.number,
                expected,
            }),
            _ => Ok(self.head),
        }
    }
}

/// The number in a head as it is written.
fn number_of(head: &str) -> Option<i64> {
    head.split_once(':')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: i64) -> String {
        let event = AuditEvent {
            number,
            at: Timestamp::UNIX_EPOCH,
            who: Some("ann".into()),
            from: None,
            method: "DELETE".into(),
            path: format!("/api/v1/sessions/s{number}"),
            status: 204,
            code: None,
        };
        serde_json::to_string(&event).expect("JSON")
    }

    type Row = (i64, String, Hash);

    fn rows(count: i64) -> Vec<Row> {
        let mut head = Head::START;
        let row = |number| {
            head = head.after(&line(number));
            (number, line(number), head.hash)
        };
        (1..=count).map(row).collect()
    }

    fn verify(rows: &[Row], expected: Option<String>) -> Result<Head, AuditFault> {
        let mut verifier = Verifier::new(Head::START, expected);
        for (number, line, hash) in rows {
            verifier.take(*number, line, hash)?;
        }
        verifier.end()
    }

    #[test]
    fn what_was_not_touched_is_whole() {
        let rows = rows(5);
        let head = verify(&rows, None).expect("whole");
        assert_eq!(head.number, 5);
        assert_eq!(verify(&rows, Some(head.to_string())), Ok(head));
        assert_eq!(verify(&[], None), Ok(Head::START));
    }

    #[test]
    fn an_event_that_was_changed_or_taken_away_is_named() {
        let mut changed = rows(5);
        changed[2].1 = changed[2].1.replace("ann", "bob");
        assert_eq!(verify(&changed, None), Err(AuditFault::Changed(3)));

        // Its own hash put right does not help: the next one covers it.
        changed[2].2 = Head {
            number: 2,
            hash: rows(2)[1].2,
        }
        .after(&changed[2].1)
        .hash;
        assert_eq!(verify(&changed, None), Err(AuditFault::Changed(4)));

        let mut without = rows(5);
        without.remove(1);
        assert_eq!(verify(&without, None), Err(AuditFault::Missing(2)));

        let mut renumbered = rows(5);
        renumbered[4].0 = 6;
        assert_eq!(verify(&renumbered, None), Err(AuditFault::Missing(5)));
    }

    #[test]
    fn a_head_that_was_noted_elsewhere_shows_a_new_end_and_a_new_past() {
        let noted = verify(&rows(5), None).expect("whole").to_string();
        let cut = verify(&rows(4), Some(noted.clone()));
        assert_eq!(
            cut,
            Err(AuditFault::CutOff {
                found: 4,
                expected: 5
            })
        );

        let mut rewritten = Vec::new();
        let mut head = Head::START;
        for number in 1..=5 {
            let line = line(number).replace("ann", "bob");
            head = head.after(&line);
            rewritten.push((number, line, head.hash));
        }
        assert_eq!(
            verify(&rewritten, Some(noted)),
            Err(AuditFault::Rewritten(5))
        );
    }
}
