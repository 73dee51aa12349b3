//! The chat: the last lines, and how many more each person may write.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use streamspace_protocol::{ChatLine, PersonName, Secret, ViewerId, chat_text};

use crate::Allowance;

/// Lines that are kept for those who come later.
const KEPT: usize = 100;
/// Lines in one message: with the longest of them it stays within what a data channel carries.
const LINES_EACH: usize = 25;
/// Lines that one viewer may write in a row, and when each may be written again.
const IN_A_ROW: u32 = 5;
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Chat {
    lines: VecDeque<Line>,
    next: u32,
    allowances: BTreeMap<ViewerId, Allowance>,
}

#[derive(Debug)]
struct Line {
    number: u32,
    viewer: ViewerId,
    name: PersonName,
    text: Secret,
    written: Instant,
}

/// Why a line is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwritten {
    TooFast,
    Empty,
}

impl Chat {
    /// As a streamer before this one has left it.
    pub(crate) fn remembering(lines: Vec<ChatLine>, now: Instant) -> Self {
        let line = |line: ChatLine| Line {
            number: line.number,
            viewer: line.viewer,
            name: line.name,
            text: line.text,
            written: now
                .checked_sub(Duration::from_millis(line.age_ms.into()))
                .unwrap_or(now),
        };
        let first = lines.len().saturating_sub(KEPT);
        let lines: VecDeque<Line> = lines.into_iter().skip(first).map(line).collect();
        Self {
            next: lines.back().map_or(0, |last| last.number.wrapping_add(1)),
            lines,
            allowances: BTreeMap::new(),
        }
    }

    pub(crate) fn write(
        &mut self,
        viewer: ViewerId,
        name: PersonName,
        text: &Secret,
        now: Instant,
    ) -> Result<ChatLine, Unwritten> {
        let text = chat_text(text.expose()).ok_or(Unwritten::Empty)?;
        let fresh = || Allowance::new(IN_A_ROW, INTERVAL);
        if !self
            .allowances
            .entry(viewer)
            .or_insert_with(fresh)
            .spend(now)
        {
            return Err(Unwritten::TooFast);
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        let line = Line {
            number: self.next,
            viewer,
            name,
            text,
            written: now,
        };
        self.next = self.next.wrapping_add(1);
        let told = line.told(now);
        self.lines.push_back(line);
        Ok(told)
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.allowances.remove(&viewer);
    }

    /// What has been written so far, in pieces that a message can carry.
    pub(crate) fn history(&self, now: Instant) -> Vec<Vec<ChatLine>> {
        let lines: Vec<ChatLine> = self.lines.iter().map(|line| line.told(now)).collect();
        lines.chunks(LINES_EACH).map(<[_]>::to_vec).collect()
    }
}

impl Line {
    fn told(&self, now: Instant) -> ChatLine {
        let age = now.saturating_duration_since(self.written).as_millis();
        ChatLine {
            number: self.number,
            viewer: self.viewer,
            name: self.name.clone(),
            text: self.text.clone(),
            age_ms: u32::try_from(age).unwrap_or(u32::MAX),
        }
    }
}
