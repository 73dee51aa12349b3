//! Which encoder to use: pure and total.

use std::{cmp::Reverse, fmt, str::FromStr, time::Duration};

use crate::{
    Capabilities, Codec, Codecs, Encoder, Health, Memory, Plan, UnknownEncoder, absence::why_absent,
};

/// What the person who made the session wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// The best that works: hardware before software, in the order of [`Encoder::ALL`].
    #[default]
    Automatic,
    /// This one if it works, else the best that does.
    Prefer(Encoder),
    /// Hardware or nothing.
    HardwareRequired,
    /// The one that gave frames back soonest when it was tried.
    LowestLatency,
    /// The one that took the least processor time when it was tried.
    LowestCost,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither a policy (auto, hardware, lowest-latency, lowest-cost) nor an encoder: {0}")]
pub struct UnknownPolicy(#[from] UnknownEncoder);

/// The encoder to use, and why not each of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub chosen: Option<Encoder>,
    /// All that is known of the chosen one.
    pub plan: Option<Plan>,
    /// Why `chosen`, or why none, in words for a person.
    pub reason: String,
    /// In the order of [`Encoder::ALL`].
    pub rejected: Vec<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub encoder: Encoder,
    pub reason: String,
}

impl fmt::Display for Policy {
    /// As [`from_str`](Self::from_str) reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Automatic => f.write_str("auto"),
            Self::HardwareRequired => f.write_str("hardware"),
            Self::LowestLatency => f.write_str("lowest-latency"),
            Self::LowestCost => f.write_str("lowest-cost"),
            Self::Prefer(encoder) => encoder.fmt(f),
        }
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    /// `auto`, `hardware`, `lowest-latency`, `lowest-cost`, or an encoder's name.
    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        Ok(match text {
            "auto" => Self::Automatic,
            "hardware" => Self::HardwareRequired,
            "lowest-latency" => Self::LowestLatency,
            "lowest-cost" => Self::LowestCost,
            name => Self::Prefer(name.parse()?),
        })
    }
}

impl Policy {
    /// Whether it ever picks this encoder, if it works: one of another codec than H.264 only by its name.
    pub fn considers(self, encoder: Encoder) -> bool {
        encoder.codec() == Codec::H264 || self == Self::Prefer(encoder)
    }
}

/// Where desktops are captured.
const CAPTURED_IN: &[Memory] = &[Memory::System];

/// Picks the encoder for a session whose viewers decode anything.
pub fn select(capabilities: &Capabilities, policy: Policy) -> Selection {
    select_among(capabilities, policy, &Codecs::all())
}

/// Picks the encoder for a session whose viewers decode these codecs.
pub fn select_among(capabilities: &Capabilities, policy: Policy, codecs: &Codecs) -> Selection {
    let mut rejected = Vec::new();
    let mut usable = Vec::new();
    for encoder in Encoder::ALL {
        match unusable(capabilities, policy, codecs, encoder) {
            Some(reason) => rejected.push(Rejection { encoder, reason }),
            None => usable.push(encoder),
        }
    }
    let rank = |&encoder: &Encoder| rank(capabilities, policy, encoder);
    let chosen = usable.iter().copied().min_by_key(rank);
    let others = usable.into_iter().filter(|&other| Some(other) != chosen);
    rejected.extend(others.map(|encoder| Rejection {
        encoder,
        reason: "works, but another is preferred".into(),
    }));
    rejected.sort_by_key(|rejection| rejection.encoder);
    Selection {
        chosen,
        plan: chosen.map(|encoder| Plan::new(capabilities, encoder, CAPTURED_IN)),
        reason: explain(chosen, policy, &rejected),
        rejected,
    }
}

/// A total order for each policy, least first: the encoder itself decides between equals.
fn rank(
    capabilities: &Capabilities,
    policy: Policy,
    encoder: Encoder,
) -> (Reverse<bool>, Duration, Encoder) {
    let trial = capabilities.trial(encoder).unwrap_or_default();
    let (preferred, measure) = match policy {
        Policy::Automatic | Policy::HardwareRequired => (false, Duration::ZERO),
        Policy::Prefer(wanted) => (encoder == wanted, Duration::ZERO),
        Policy::LowestLatency => (false, trial.latency),
        Policy::LowestCost => (false, trial.processor),
    };
    (Reverse(preferred), measure, encoder)
}

fn unusable(
    capabilities: &Capabilities,
    policy: Policy,
    codecs: &Codecs,
    encoder: Encoder,
) -> Option<String> {
    let codec = encoder.codec();
    if !policy.considers(encoder) {
        return Some(format!(
            "makes {codec}, which is taken only if asked for by name"
        ));
    }
    if !codecs.contains(codec) {
        return Some(format!("makes {codec}, which not every viewer decodes"));
    }
    match capabilities.health(encoder) {
        Health::Absent => Some(why_absent(capabilities, encoder)),
        Health::Broken(error) => Some(format!("failed: {error}")),
        Health::Works(_) if policy == Policy::HardwareRequired && !encoder.is_hardware() => {
            Some("software, but hardware is required".into())
        }
        Health::Works(_) => None,
    }
}

fn explain(chosen: Option<Encoder>, policy: Policy, rejected: &[Rejection]) -> String {
    let Some(chosen) = chosen else {
        return format!("no encoder is usable ({})", why_not(rejected, |_| true));
    };
    match policy {
        Policy::Prefer(wanted) if chosen == wanted => "asked for by name".into(),
        Policy::Prefer(wanted) => format!(
            "{wanted}, which was asked for, {}",
            why_not(rejected, |encoder| encoder == wanted)
        ),
        Policy::LowestLatency => "the fastest when it was tried".into(),
        Policy::LowestCost => "took the least processor time when it was tried".into(),
        Policy::Automatic | Policy::HardwareRequired if chosen.is_hardware() => {
            "the best hardware encoder that works".into()
        }
        Policy::Automatic | Policy::HardwareRequired => format!(
            "no hardware encoder works ({})",
            why_not(rejected, Encoder::is_hardware)
        ),
    }
}

/// The reasons of these, each said once for the encoders that share it.
fn why_not(rejected: &[Rejection], wanted: impl Fn(Encoder) -> bool) -> String {
    let wanted: Vec<&Rejection> = rejected.iter().filter(|r| wanted(r.encoder)).collect();
    if let [only] = wanted[..] {
        return only.reason.clone();
    }
    let groups = wanted.chunk_by(|one, next| one.reason == next.reason);
    let said = groups.map(|group| {
        let names: Vec<String> = group.iter().map(|r| r.encoder.to_string()).collect();
        format!("{}: {}", names.join(", "), group[0].reason)
    });
    said.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
