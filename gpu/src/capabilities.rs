//! What a machine's encoders turned out to be good for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Encoder;

/// What trying one encoder showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "health", content = "detail")]
pub enum Health {
    /// The element is not registered: package or device is missing.
    Absent,
    /// The element is there and failed: at the test encode, or later in a session.
    Broken(String),
    /// A test encode gave a keyframe.
    Works,
}

/// The encoders of a machine, each one tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    encoders: BTreeMap<Encoder, Health>,
}

impl Capabilities {
    /// What is known of one encoder; one that was never tried counts as absent.
    pub fn health(&self, encoder: Encoder) -> &Health {
        self.encoders.get(&encoder).unwrap_or(&Health::Absent)
    }

    pub fn set(&mut self, encoder: Encoder, health: Health) {
        self.encoders.insert(encoder, health);
    }
}

impl FromIterator<(Encoder, Health)> for Capabilities {
    fn from_iter<I: IntoIterator<Item = (Encoder, Health)>>(encoders: I) -> Self {
        Self {
            encoders: encoders.into_iter().collect(),
        }
    }
}
