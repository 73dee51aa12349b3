//! What a machine's encoders turned out to be good for.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Encoder, Machine, NvidiaDriver, VaDevice};

/// What trying one encoder showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "health", content = "detail")]
pub enum Health {
    /// The element is not registered: package or device is missing.
    Absent,
    /// The element is there and failed: at the test encode, or later in a session.
    Broken(String),
    /// Pictures were encoded, and looked right when decoded.
    Works(Trial),
}

/// How a test encode went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// From a frame going in until it came out. The shortest of all: other trials run at the same time.
    pub latency: Duration,
    /// Processor time of one frame.
    pub processor: Duration,
}

/// The encoders of a machine, each one tried, and what else was found, which explains the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    encoders: BTreeMap<Encoder, Health>,
    pub machine: Machine,
    /// `Err` with the reason if it could not be asked.
    pub nvidia: Result<NvidiaDriver, String>,
    /// A device for each render node; `Err` with the reason if none could be asked.
    pub va: Result<Vec<VaDevice>, String>,
}

impl Trial {
    /// In each of its pictures: 640 by 360.
    pub const PIXELS: u32 = 640 * 360;
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            encoders: BTreeMap::new(),
            machine: Machine::default(),
            nvidia: Err("it was not asked".into()),
            va: Err("it was not asked".into()),
        }
    }
}

impl Capabilities {
    /// What is known of one encoder; one that was never tried counts as absent.
    pub fn health(&self, encoder: Encoder) -> &Health {
        self.encoders.get(&encoder).unwrap_or(&Health::Absent)
    }

    pub fn set(&mut self, encoder: Encoder, health: Health) {
        self.encoders.insert(encoder, health);
    }

    /// How its trial went, if it works.
    pub fn trial(&self, encoder: Encoder) -> Option<Trial> {
        match self.health(encoder) {
            Health::Works(trial) => Some(*trial),
            Health::Absent | Health::Broken(_) => None,
        }
    }
}

impl FromIterator<(Encoder, Health)> for Capabilities {
    fn from_iter<I: IntoIterator<Item = (Encoder, Health)>>(encoders: I) -> Self {
        Self {
            encoders: encoders.into_iter().collect(),
            ..Self::default()
        }
    }
}
