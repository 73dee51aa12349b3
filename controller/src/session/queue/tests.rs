use proptest::prelude::*;

use super::*;

fn claim(uid: &str, user: &str, state: State) -> Claim {
    Claim {
        uid: uid.into(),
        user: user.into(),
        groups: vec!["staff".into()],
        priority: 0,
        created: None,
        cpu: 1000,
        memory: 0,
        state,
        is_preemptible: false,
    }
}

fn bounds(of: &[(Scope, u32)]) -> Bounds {
    let mut bounds = Bounds::default();
    for (scope, running) in of {
        let limits = Limits {
            running: Some(*running),
            ..Limits::default()
        };
        bounds.set(scope, &limits);
    }
    bounds
}

fn person(name: &str) -> Scope {
    Scope::Person(name.into())
}

fn staff() -> Scope {
    Scope::Group("staff".into())
}

fn admitted(verdicts: &HashMap<String, Verdict>) -> Vec<&str> {
    let admitted = verdicts
        .iter()
        .filter(|(_, verdict)| **verdict == Verdict::Admitted);
    let mut admitted: Vec<&str> = admitted.map(|(uid, _)| uid.as_str()).collect();
    admitted.sort_unstable();
    admitted
}

fn queue<'a>(verdicts: &'a HashMap<String, Verdict>, uid: &str) -> (u32, &'a str) {
    match &verdicts[uid] {
        Verdict::Waiting(queue) => (queue.position, &queue.unmet),
        other => panic!("{uid}: {other:?}"),
    }
}

use State::{Holding, Leaving, Waiting};

#[test]
fn without_limits_all_are_admitted() {
    let claims = [claim("a", "ada", Waiting), claim("b", "ada", Waiting)];
    assert_eq!(admitted(&admit(&claims, &Bounds::default())), ["a", "b"]);
}

#[test]
fn who_waits_is_told_for_what_and_how_long_the_queue_is() {
    let claims = [
        claim("a", "ada", Holding),
        claim("b", "ada", Waiting),
        claim("c", "ada", Waiting),
        claim("d", "bob", Waiting),
    ];
    let verdicts = admit(&claims, &bounds(&[(person("ada"), 1), (staff(), 9)]));
    assert_eq!(admitted(&verdicts), ["a", "d"]);
    let unmet = "user ada: 1 of 1 running sessions";
    assert_eq!(queue(&verdicts, "b"), (1, unmet));
    assert_eq!(queue(&verdicts, "c"), (2, unmet));
}

#[test]
fn people_take_turns_and_a_higher_priority_goes_first() {
    let mut claims = vec![
        claim("a1", "ada", Waiting),
        claim("a2", "ada", Waiting),
        claim("b1", "bob", Waiting),
        claim("c1", "eve", Waiting),
    ];
    let two = bounds(&[(staff(), 2)]);
    assert_eq!(admitted(&admit(&claims, &two)), ["a1", "b1"]);
    claims[3].priority = 1;
    assert_eq!(admitted(&admit(&claims, &two)), ["a1", "c1"]);
}

#[test]
fn nobody_passes_a_large_one_that_waits_for_the_same() {
    let mut claims = [
        claim("running", "ada", Holding),
        claim("large", "bob", Waiting),
        claim("small", "eve", Waiting),
        claim("other", "joe", Waiting),
    ];
    claims[1].cpu = 2000;
    claims[3].groups = vec![];
    let mut bounds = Bounds::default();
    let limits = |cpu: &str| Limits {
        cpu: Some(cpu.into()),
        ..Limits::default()
    };
    bounds.set(&staff(), &limits("2"));
    let verdicts = admit(&claims, &bounds);
    assert_eq!(admitted(&verdicts), ["other", "running"]);
    let unmet = "group staff: 1.000 of 2.000 cores are taken, and it asks for 2.000";
    assert_eq!(queue(&verdicts, "large"), (1, unmet));
    assert_eq!(queue(&verdicts, "small").0, 2);
    // One that can never be admitted stands in nobody's way.
    claims[1].cpu = 3000;
    assert_eq!(
        admitted(&admit(&claims, &bounds)),
        ["other", "running", "small"]
    );
}

#[test]
fn a_higher_priority_stops_what_may_be_stopped_and_no_more_than_it_needs() {
    let mut claims = [
        claim("old", "ada", Holding),
        claim("new", "ada", Holding),
        claim("boss", "eve", Waiting),
    ];
    for (claim, second) in claims.iter_mut().zip([1, 2, 3]) {
        claim.created = Timestamp::from_second(second).ok();
    }
    let two = bounds(&[(staff(), 2)]);
    claims[2].priority = 5;
    assert_eq!(admitted(&admit(&claims, &two)), ["new", "old"]);
    claims[0].is_preemptible = true;
    claims[1].is_preemptible = true;
    let verdicts = admit(&claims, &two);
    assert_eq!(verdicts["new"], Verdict::Preempted);
    assert_eq!(verdicts["old"], Verdict::Admitted);
    assert_eq!(queue(&verdicts, "boss").0, 1);
    // While that one leaves nobody else is stopped.
    claims[1].state = Leaving;
    assert_eq!(admitted(&admit(&claims, &two)), ["old"]);
    claims[2].priority = 0;
    claims[1].state = Holding;
    assert_eq!(admitted(&admit(&claims, &two)), ["new", "old"]);
}

#[test]
fn positions_are_exact_near_the_front_only() {
    let rounded: Vec<u32> = [1, 10, 11, 99, 101, 1234].map(rounded).into();
    assert_eq!(rounded, [1, 10, 20, 100, 110, 1300]);
}

prop_compose! {
    fn any_claim()(
        user in 0..4u8,
        in_group in any::<bool>(),
        priority in -1..2i32,
        cpu in 0..4u64,
        state in prop_oneof![Just(Waiting), Just(Holding), Just(Leaving)],
        is_preemptible in any::<bool>(),
        second in 0..9i64,
    ) -> Claim {
        Claim {
            uid: String::new(),
            user: format!("u{user}"),
            groups: if in_group { vec!["staff".into()] } else { vec![] },
            priority,
            created: Timestamp::from_second(second).ok(),
            cpu: cpu * 1000,
            memory: 0,
            state,
            is_preemptible,
        }
    }
}

proptest! {
    /// Independent of the order in which the queue is gone through: what is admitted fits, and if anything was
    /// admitted anew nobody of its scope was over.
    #[test]
    fn no_limit_is_ever_exceeded_by_what_is_admitted(
        mut claims in proptest::collection::vec(any_claim(), 0..24),
        most in 0..8u32,
        cores in 0..12u32,
    ) {
        for (number, claim) in claims.iter_mut().enumerate() {
            claim.uid = format!("{number:02}");
        }
        let mut bounds = bounds(&[(person("u0"), most), (Scope::Cluster, most + 4)]);
        let limits = Limits { cpu: Some(cores.to_string()), ..Limits::default() };
        bounds.set(&staff(), &limits);
        let verdicts = admit(&claims, &bounds);
        let takes = |claim: &Claim| claim.state != Waiting || verdicts[&claim.uid] == Verdict::Admitted;
        let is_new = |claim: &Claim| claim.state == Waiting && verdicts[&claim.uid] == Verdict::Admitted;
        let count = |filter: &dyn Fn(&Claim) -> bool| claims.iter().filter(|c| filter(c) && takes(c)).count();
        let is_staff = |c: &Claim| !c.groups.is_empty();
        let is_u0 = |c: &Claim| c.user == "u0";
        if claims.iter().any(is_new) {
            prop_assert!(count(&|_| true) <= most as usize + 4);
        }
        if claims.iter().any(|c| is_new(c) && is_u0(c)) {
            prop_assert!(count(&is_u0) <= most as usize);
        }
        if claims.iter().any(|c| is_new(c) && is_staff(c) && c.cpu > 0) {
            let cpu: u64 = claims.iter().filter(|c| is_staff(c) && takes(c)).map(|c| c.cpu).sum();
            prop_assert!(cpu <= u64::from(cores) * 1000);
        }
        // Who holds is only stopped for somebody of a higher priority.
        for claim in &claims {
            match (claim.state, verdicts.get(&claim.uid)) {
                (Holding, Some(Verdict::Preempted)) => {
                    prop_assert!(claim.is_preemptible);
                    let higher = claims.iter().any(|c| c.state == Waiting && c.priority > claim.priority);
                    prop_assert!(higher);
                }
                (Holding, verdict) => prop_assert_eq!(verdict, Some(&Verdict::Admitted)),
                (Leaving, verdict) => prop_assert_eq!(verdict, None),
                (Waiting, verdict) => prop_assert!(verdict.is_some()),
            }
        }
    }

    #[test]
    fn where_there_is_room_for_all_nobody_waits(claims in proptest::collection::vec(any_claim(), 0..24)) {
        let plenty = bounds(&[(Scope::Cluster, 24), (staff(), 24)]);
        let verdicts = admit(&claims, &plenty);
        prop_assert!(verdicts.values().all(|verdict| *verdict == Verdict::Admitted));
    }
}
