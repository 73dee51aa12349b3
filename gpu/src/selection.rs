//! Which encoder to use: pure and total.

use std::str::FromStr;

use crate::{Capabilities, Encoder, Health, UnknownEncoder};

/// What the person who made the session wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// The best that works.
    #[default]
    Automatic,
    /// This one if it works, else the best that does.
    Prefer(Encoder),
    /// Hardware or nothing.
    HardwareRequired,
}

/// The encoder to use, and why not each of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub chosen: Option<Encoder>,
    /// Why `chosen`, or why none, in words for a person.
    pub reason: String,
    pub rejected: Vec<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub encoder: Encoder,
    pub reason: String,
}

impl FromStr for Policy {
    type Err = UnknownEncoder;

    /// `auto`, `hardware`, or an encoder's name.
    fn from_str(text: &str) -> Result<Self, UnknownEncoder> {
        match text {
            "auto" => Ok(Self::Automatic),
            "hardware" => Ok(Self::HardwareRequired),
            name => name.parse().map(Self::Prefer),
        }
    }
}

/// Picks the encoder for a session.
pub fn select(capabilities: &Capabilities, policy: Policy) -> Selection {
    let mut rejected = Vec::new();
    let mut usable = Vec::new();
    for encoder in Encoder::ALL {
        match unusable(capabilities, policy, encoder) {
            Some(reason) => rejected.push(Rejection { encoder, reason }),
            None => usable.push(encoder),
        }
    }
    let preferred = match policy {
        Policy::Prefer(encoder) if usable.contains(&encoder) => Some(encoder),
        Policy::Prefer(_) | Policy::Automatic | Policy::HardwareRequired => usable.first().copied(),
    };
    for encoder in usable
        .into_iter()
        .filter(|&encoder| Some(encoder) != preferred)
    {
        rejected.push(Rejection {
            encoder,
            reason: "works, but another is preferred".into(),
        });
    }
    rejected.sort_by_key(|rejection| rejection.encoder);
    Selection {
        chosen: preferred,
        reason: explain(preferred, policy, &rejected),
        rejected,
    }
}

fn unusable(capabilities: &Capabilities, policy: Policy, encoder: Encoder) -> Option<String> {
    match capabilities.health(encoder) {
        Health::Absent => Some(format!("no element {} on this machine", encoder.element())),
        Health::Broken(error) => Some(format!("failed: {error}")),
        Health::Works if policy == Policy::HardwareRequired && !encoder.is_hardware() => {
            Some("software, but hardware is required".into())
        }
        Health::Works => None,
    }
}

fn explain(chosen: Option<Encoder>, policy: Policy, rejected: &[Rejection]) -> String {
    let why_not = |wanted: fn(Encoder) -> bool| {
        let reasons: Vec<String> = rejected
            .iter()
            .filter(|rejection| wanted(rejection.encoder))
            .map(|rejection| format!("{}: {}", rejection.encoder, rejection.reason))
            .collect();
        reasons.join("; ")
    };
    match (chosen, policy) {
        (None, _) => format!("no encoder is usable ({})", why_not(|_| true)),
        (Some(encoder), Policy::Prefer(wanted)) if encoder == wanted => "asked for by name".into(),
        (Some(_), Policy::Prefer(wanted)) => match rejected.iter().find(|r| r.encoder == wanted) {
            Some(rejection) => format!("{wanted}, which was asked for, {}", rejection.reason),
            None => unreachable!("an encoder that is not chosen is rejected"),
        },
        (Some(encoder), _) if encoder.is_hardware() => {
            "the best hardware encoder that works".into()
        }
        (Some(_), _) => format!(
            "no hardware encoder works ({})",
            why_not(Encoder::is_hardware)
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn health() -> impl Strategy<Value = Health> {
        prop_oneof![
            Just(Health::Absent),
            Just(Health::Broken("no device".into())),
            Just(Health::Works)
        ]
    }

    fn capabilities() -> impl Strategy<Value = Capabilities> {
        proptest::collection::vec(health(), Encoder::ALL.len())
            .prop_map(|healths| Encoder::ALL.into_iter().zip(healths).collect())
    }

    fn policy() -> impl Strategy<Value = Policy> {
        prop_oneof![
            Just(Policy::Automatic),
            Just(Policy::HardwareRequired),
            proptest::sample::select(&Encoder::ALL[..]).prop_map(Policy::Prefer),
        ]
    }

    fn rank(chosen: Option<Encoder>, policy: Policy) -> usize {
        match chosen {
            None => usize::MAX,
            Some(encoder) if policy == Policy::Prefer(encoder) => 0,
            Some(encoder) => 1 + encoder as usize,
        }
    }

    proptest! {
        #[test]
        fn only_what_works_is_chosen(capabilities in capabilities(), policy in policy()) {
            let selection = select(&capabilities, policy);
            if let Some(encoder) = selection.chosen {
                prop_assert_eq!(capabilities.health(encoder), &Health::Works);
                prop_assert!(policy != Policy::HardwareRequired || encoder.is_hardware());
            }
        }

        #[test]
        fn every_encoder_is_either_chosen_or_rejected(
            capabilities in capabilities(), policy in policy(),
        ) {
            let selection = select(&capabilities, policy);
            let mut all: Vec<Encoder> = selection.rejected.iter().map(|r| r.encoder).collect();
            all.extend(selection.chosen);
            all.sort();
            prop_assert_eq!(all, Encoder::ALL.to_vec());
        }

        #[test]
        fn another_working_encoder_never_makes_the_choice_worse(
            capabilities in capabilities(), policy in policy(),
            added in proptest::sample::select(&Encoder::ALL[..]),
        ) {
            let before = select(&capabilities, policy).chosen;
            let mut more = capabilities;
            more.set(added, Health::Works);
            let after = select(&more, policy).chosen;
            prop_assert!(rank(after, policy) <= rank(before, policy));
        }
    }

    #[test]
    fn a_machine_without_a_gpu_encodes_in_software_and_says_why() {
        let capabilities = Capabilities::from_iter([
            (
                Encoder::Nvenc,
                Health::Broken("no NVENC on this device".into()),
            ),
            (Encoder::X264, Health::Works),
            (Encoder::OpenH264, Health::Works),
        ]);
        let selection = select(&capabilities, Policy::Automatic);
        assert_eq!(selection.chosen, Some(Encoder::X264));
        assert!(
            selection
                .reason
                .contains("nvenc: failed: no NVENC on this device")
        );
    }

    #[test]
    fn an_encoder_asked_for_by_name_gives_way_when_it_fails() {
        let capabilities = Capabilities::from_iter([
            (Encoder::X264, Health::Works),
            (Encoder::OpenH264, Health::Broken("out of memory".into())),
        ]);
        let selection = select(&capabilities, Policy::Prefer(Encoder::OpenH264));
        assert_eq!(selection.chosen, Some(Encoder::X264));
        assert_eq!(
            selection.reason,
            "openh264, which was asked for, failed: out of memory"
        );
        let nothing = select(&Capabilities::default(), Policy::HardwareRequired);
        assert_eq!(nothing.chosen, None);
    }
}
