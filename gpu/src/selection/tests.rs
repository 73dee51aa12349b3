use proptest::prelude::*;

use super::*;
use crate::Trial;

fn works() -> Health {
    Health::Works(Trial::default())
}

fn trial() -> impl Strategy<Value = Trial> {
    // Few values, so that ties are common.
    (0..4_u64, 0..4_u64).prop_map(|(latency, processor)| Trial {
        latency: Duration::from_millis(latency),
        processor: Duration::from_millis(processor),
    })
}

fn health() -> impl Strategy<Value = Health> {
    prop_oneof![
        Just(Health::Absent),
        Just(Health::Broken("no device".into())),
        trial().prop_map(Health::Works),
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
        Just(Policy::LowestLatency),
        Just(Policy::LowestCost),
        proptest::sample::select(&Encoder::ALL[..]).prop_map(Policy::Prefer),
    ]
}

fn codecs() -> impl Strategy<Value = Codecs> {
    proptest::sample::subsequence(&Codec::ALL[..], 0..=Codec::ALL.len()).prop_map(Codecs::from_iter)
}

fn encoder() -> impl Strategy<Value = Encoder> {
    proptest::sample::select(&Encoder::ALL[..])
}

/// What each policy promises, said in another way than the code does: is `one` as good as `other`?
fn is_as_good(capabilities: &Capabilities, policy: Policy, one: Encoder, other: Encoder) -> bool {
    let measured = |encoder| capabilities.trial(encoder).expect("what is chosen works");
    match policy {
        Policy::Automatic | Policy::HardwareRequired => one <= other,
        Policy::Prefer(wanted) => one == wanted || (other != wanted && one <= other),
        Policy::LowestLatency => measured(one).latency <= measured(other).latency,
        Policy::LowestCost => measured(one).processor <= measured(other).processor,
    }
}

proptest! {
    #[test]
    fn only_what_works_is_chosen(capabilities in capabilities(), policy in policy()) {
        let selection = select(&capabilities, policy);
        if let Some(encoder) = selection.chosen {
            prop_assert!(capabilities.trial(encoder).is_some());
            prop_assert!(policy != Policy::HardwareRequired || encoder.is_hardware());
        }
    }

    #[test]
    fn something_is_chosen_if_anything_works(capabilities in capabilities(), policy in policy()) {
        let allowed = |&encoder: &Encoder| {
            policy.considers(encoder) && (policy != Policy::HardwareRequired || encoder.is_hardware())
        };
        let any = Encoder::ALL.into_iter().filter(allowed).any(|e| capabilities.trial(e).is_some());
        prop_assert_eq!(select(&capabilities, policy).chosen.is_some(), any);
    }

    #[test]
    fn nothing_is_chosen_that_a_viewer_does_not_decode(
        capabilities in capabilities(), policy in policy(), codecs in codecs(),
    ) {
        let chosen = select_among(&capabilities, policy, &codecs).chosen;
        prop_assert!(chosen.is_none_or(|encoder| codecs.contains(encoder.codec())));
        // Whatever the viewers, H.264 is there for them if it is for anybody.
        let anybody = select(&capabilities, policy).chosen;
        prop_assert!(chosen.is_some() || anybody.is_none_or(|encoder| encoder.codec() != Codec::H264));
    }

    #[test]
    fn a_policy_is_read_as_it_is_written(policy in policy()) {
        prop_assert_eq!(policy.to_string().parse(), Ok(policy));
    }

    #[test]
    fn the_plan_is_of_the_encoder_that_is_chosen(capabilities in capabilities(), policy in policy()) {
        let selection = select(&capabilities, policy);
        prop_assert_eq!(selection.plan.as_ref().map(|plan| plan.encoder), selection.chosen);
        if let Some(plan) = selection.plan {
            prop_assert_eq!(plan.memory, Memory::System);
            prop_assert_eq!(plan.codec, plan.encoder.codec());
        }
    }

    #[test]
    fn every_encoder_is_either_chosen_or_rejected_with_a_reason(
        capabilities in capabilities(), policy in policy(),
    ) {
        let selection = select(&capabilities, policy);
        prop_assert!(!selection.reason.is_empty());
        prop_assert!(selection.rejected.iter().all(|rejection| !rejection.reason.is_empty()));
        let mut all: Vec<Encoder> = selection.rejected.iter().map(|r| r.encoder).collect();
        all.extend(selection.chosen);
        all.sort();
        prop_assert_eq!(all, Encoder::ALL.to_vec());
    }

    #[test]
    fn another_working_encoder_never_makes_the_choice_worse(
        capabilities in capabilities(), policy in policy(), added in encoder(), trial in trial(),
    ) {
        // One that works already stays as it is: being measured as slower is no addition.
        prop_assume!(capabilities.trial(added).is_none());
        let before = select(&capabilities, policy).chosen;
        let mut more = capabilities;
        more.set(added, Health::Works(trial));
        let after = select(&more, policy).chosen;
        if let Some(before) = before {
            let after = after.expect("the one from before still works");
            prop_assert!(is_as_good(&more, policy, after, before));
        }
    }

    #[test]
    fn losing_an_encoder_that_was_not_chosen_changes_nothing(
        capabilities in capabilities(), policy in policy(), lost in encoder(),
    ) {
        let before = select(&capabilities, policy).chosen;
        prop_assume!(before != Some(lost));
        let mut fewer = capabilities;
        fewer.set(lost, Health::Broken("device lost".into()));
        prop_assert_eq!(select(&fewer, policy).chosen, before);
    }

    #[test]
    fn the_order_is_total_and_stable(
        capabilities in capabilities(), policy in policy(), one in encoder(), other in encoder(),
    ) {
        let rank = |encoder| rank(&capabilities, policy, encoder);
        prop_assert_eq!(one == other, rank(one) == rank(other));
        prop_assert_eq!(select(&capabilities, policy), select(&capabilities.clone(), policy));
    }
}

#[test]
fn an_encoder_asked_for_by_name_gives_way_when_it_fails() {
    let capabilities = Capabilities::from_iter([
        (Encoder::X264, works()),
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

#[test]
fn another_codec_is_taken_by_name_and_only_while_every_viewer_decodes_it() {
    let capabilities = Capabilities::from_iter([(Encoder::X264, works()), (Encoder::Vp8, works())]);
    let wish = Policy::Prefer(Encoder::Vp8);
    assert_eq!(select(&capabilities, wish).chosen, Some(Encoder::Vp8));
    let old = Codecs::from_iter([]);
    let selection = select_among(&capabilities, wish, &old);
    assert_eq!(selection.chosen, Some(Encoder::X264));
    assert_eq!(
        selection.reason,
        "vp8, which was asked for, makes VP8, which not every viewer decodes"
    );
    for policy in [Policy::Automatic, Policy::LowestCost, Policy::LowestLatency] {
        assert_eq!(select(&capabilities, policy).chosen, Some(Encoder::X264));
    }
}

#[test]
fn a_policy_is_found_by_its_name() {
    let policy = |text: &str| text.parse::<Policy>();
    assert_eq!(policy("auto"), Ok(Policy::Automatic));
    assert_eq!(policy("lowest-cost"), Ok(Policy::LowestCost));
    assert_eq!(
        policy("va-low-power"),
        Ok(Policy::Prefer(Encoder::VaLowPower))
    );
    assert!(policy("fastest").is_err());
}
