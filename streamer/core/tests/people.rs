//! Several people in one session: who may do what, who is told what.

mod room;

use proptest::prelude::*;
use room::{ALICE, BOB, Room, account, joined, key, pressed, released};
use streamspace_protocol::{
    ChatLine, ClientMessage, Code, MAX_CHAT_CHARS, Person, PersonHere, PersonId, PersonPointer,
    PointerMove, Role, Screen, Secret, ServerMessage, ShareId, ViewerId, ViewerPath,
};
use streamspace_streamer_core::{Expulsion, Input, Output};

const CAROL: ViewerId = ViewerId(3);
const DAVE: ViewerId = ViewerId(4);

/// A guest by link number `link`, who calls herself what the browser numbered `seat` says.
fn guest(link: u8, seat: u8) -> Person {
    Person {
        id: PersonId::new([100 + link, seat, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        share: Some(share(link)),
        ..account(ViewerId(seat.into()))
    }
}

fn share(link: u8) -> ShareId {
    ShareId::new([link; 8])
}

fn comes(viewer: ViewerId, role: Role, person: Person) -> Input {
    Input::Joined {
        viewer,
        role,
        person,
        path: ViewerPath::Webrtc,
        screen: Screen::First,
    }
}

fn comes_by_vnc(viewer: ViewerId, role: Role) -> Input {
    Input::Joined {
        viewer,
        role,
        person: account(viewer),
        path: ViewerPath::Vnc,
        screen: Screen::First,
    }
}

fn set_role(viewer: ViewerId, role: Role) -> ClientMessage {
    ClientMessage::SetRole { viewer, role }
}

fn chat(text: &str) -> ClientMessage {
    ClientMessage::Chat {
        text: Secret::new(text),
    }
}

/// Whether a key press of this viewer's reaches the X server.
fn can_type(room: &mut Room, viewer: ViewerId) -> bool {
    let typed = room.says(viewer, key("KeyA", 0x61, true));
    room.says(viewer, key("KeyA", 0x61, false));
    typed.contains(&pressed(8))
}

/// Who is here, as `viewer` is told once all is told.
fn seen_by(room: &mut Room, viewer: ViewerId) -> Vec<PersonHere> {
    people_in(room.all_after(1000), viewer).pop().expect("news")
}

fn people_in(outputs: Vec<Output>, viewer: ViewerId) -> Vec<Vec<PersonHere>> {
    let people = |output| match output {
        Output::Send {
            viewer: to,
            message: ServerMessage::People { you, people },
        } if to == viewer => {
            assert_eq!(you, viewer);
            Some(people)
        }
        _ => None,
    };
    outputs.into_iter().filter_map(people).collect()
}

fn lines_for(outputs: &[Output], viewer: ViewerId) -> Vec<ChatLine> {
    let lines = |output: &Output| match output {
        Output::Send {
            viewer: to,
            message: ServerMessage::Chat { lines },
        } if *to == viewer => Some(lines.clone()),
        _ => None,
    };
    outputs.iter().filter_map(lines).flatten().collect()
}

fn expelled(outputs: &[Output]) -> Vec<(ViewerId, Expulsion)> {
    let expelled = |output: &Output| match *output {
        Output::Expel { viewer, why } => Some((viewer, why)),
        _ => None,
    };
    outputs.iter().filter_map(expelled).collect()
}

#[test]
fn control_is_asked_for_given_and_taken_back() {
    let mut room = Room::with(&[(ALICE, Role::Own), (BOB, Role::View)]);
    assert!(!can_type(&mut room, BOB));
    room.says(BOB, ClientMessage::AskControl);
    let asking = seen_by(&mut room, ALICE);
    assert_eq!((asking[1].viewer, asking[1].asks), (BOB, true));
    assert!(!asking[1].guest, "Bob has an account");

    room.says(ALICE, set_role(BOB, Role::Control));
    assert!(can_type(&mut room, BOB));
    let given = seen_by(&mut room, BOB);
    assert_eq!((given[1].role, given[1].asks), (Role::Control, false));

    room.says(ALICE, set_role(BOB, Role::View));
    assert!(!can_type(&mut room, BOB));
}

#[test]
fn a_request_is_refused_and_not_repeated_at_once() {
    let mut room = Room::with(&[(ALICE, Role::Own), (BOB, Role::View)]);
    let asks = |room: &mut Room| {
        let message = ClientMessage::AskControl;
        let viewer = BOB;
        let mut outputs = room.all_of(Input::Message { viewer, message });
        outputs.extend(room.all_after(200));
        people_in(outputs, ALICE)
            .pop()
            .is_some_and(|people| people[1].asks)
    };
    room.all_after(1000);
    assert!(asks(&mut room));
    room.says(ALICE, set_role(BOB, Role::View));
    assert!(!asks(&mut room), "too soon");
    room.all_after(3000);
    assert!(asks(&mut room));
}

#[test]
fn what_is_held_is_let_go_when_control_ends() {
    let mut room = Room::with(&[(ALICE, Role::Own), (BOB, Role::Control)]);
    room.says(BOB, key("KeyA", 0x61, true));
    let taken = room.says(ALICE, set_role(BOB, Role::View));
    assert_eq!(taken, [released(8)]);
}

#[test]
fn only_owners_direct_and_not_one_another() {
    let roles = [
        (ALICE, Role::Own),
        (BOB, Role::Control),
        (CAROL, Role::View),
        (DAVE, Role::Own),
    ];
    let mut room = Room::with(&roles);
    for (by, to) in [(BOB, CAROL), (CAROL, CAROL), (CAROL, BOB), (ALICE, DAVE)] {
        for role in [Role::View, Role::Control, Role::Own] {
            room.says(by, set_role(to, role));
        }
        let outputs = room.says(by, ClientMessage::Remove { viewer: to });
        assert_eq!(expelled(&outputs), []);
    }
    let people = seen_by(&mut room, ALICE);
    let now: Vec<_> = people.iter().map(|who| (who.viewer, who.role)).collect();
    assert_eq!(now, roles);
}

#[test]
fn a_session_is_handed_over_and_stays_so_when_either_comes_back() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::View, guest(1, 1)));
    room.says(ALICE, set_role(BOB, Role::Own));
    for viewer in [ALICE, BOB] {
        room.input(Input::Left { viewer });
    }
    room.input(comes(CAROL, Role::Own, account(ALICE)));
    room.input(comes(DAVE, Role::View, guest(1, 1)));
    let people = seen_by(&mut room, CAROL);
    let now: Vec<_> = people.iter().map(|who| (who.viewer, who.role)).collect();
    assert_eq!(now, [(CAROL, Role::Control), (DAVE, Role::Own)]);
    assert!(people[1].guest, "whatever Dave's role");
    room.says(DAVE, set_role(CAROL, Role::View));
    assert!(!can_type(&mut room, CAROL));
}

#[test]
fn a_session_without_an_owner_falls_back_to_who_owned_it_and_to_nobody_else() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::View, guest(1, 1)));
    room.says(ALICE, set_role(BOB, Role::Own));
    room.says(ALICE, set_role(ALICE, Role::Own));
    assert_eq!(seen_by(&mut room, ALICE)[0].role, Role::Control);
    room.input(Input::Left { viewer: BOB });
    room.input(comes(CAROL, Role::Control, guest(2, 1)));
    room.says(CAROL, set_role(CAROL, Role::Own));
    room.says(ALICE, set_role(ALICE, Role::Own));
    let people = seen_by(&mut room, ALICE);
    let roles: Vec<_> = people.iter().map(|who| who.role).collect();
    assert_eq!(roles, [Role::Own, Role::Control]);
}

#[test]
fn who_is_removed_has_to_leave_and_does_not_come_back_by_the_same_link() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::Control, guest(1, 1)));
    room.input(comes(CAROL, Role::Control, guest(1, 2)));
    room.says(BOB, key("KeyA", 0x61, true));
    let outputs = room.says(ALICE, ClientMessage::Remove { viewer: BOB });
    assert_eq!(expelled(&outputs), [(BOB, Expulsion::Removed)]);
    assert!(outputs.contains(&released(8)));
    assert!(!can_type(&mut room, BOB), "his connection may last a while");

    let admitted = |link, seat| room.session.admit(&guest(link, seat), Role::Control);
    assert_eq!(admitted(1, 1), Err(Expulsion::Removed));
    assert_eq!(admitted(1, 9), Err(Expulsion::Removed), "another browser");
    assert_eq!(admitted(1, 2), Ok(Role::Control), "who was here may return");
    assert_eq!(admitted(2, 1), Ok(Role::Control), "another link");
}

#[test]
fn control_that_was_taken_back_is_not_had_again_with_a_second_browser() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::Control, guest(1, 1)));
    room.says(ALICE, set_role(BOB, Role::View));
    for (viewer, seat) in [(CAROL, 2), (DAVE, 1)] {
        room.input(comes(viewer, Role::Control, guest(1, seat)));
        assert!(!can_type(&mut room, viewer));
        room.input(Input::Left { viewer });
        room.input(comes(viewer, Role::Control, guest(1, seat)));
        assert!(!can_type(&mut room, viewer), "after a reconnect");
    }
    room.says(ALICE, set_role(CAROL, Role::Control));
    assert!(can_type(&mut room, CAROL));
}

#[test]
fn a_link_that_is_withdrawn_ends_its_guests_and_nobody_else() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::View, guest(1, 1)));
    room.input(comes(CAROL, Role::View, guest(2, 1)));
    let outputs = room.input(Input::ShareRevoked(share(1)));
    assert_eq!(expelled(&outputs), [(BOB, Expulsion::ShareRevoked)]);
    let late = room.input(comes(DAVE, Role::View, guest(1, 2)));
    assert_eq!(expelled(&late), [(DAVE, Expulsion::ShareRevoked)]);
    assert_eq!(seen_by(&mut room, ALICE).len(), 2);
}

#[test]
fn people_in_two_windows_direct_themselves_in_one() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(comes(BOB, Role::View, account(ALICE)));
    room.says(ALICE, set_role(BOB, Role::Control));
    assert!(can_type(&mut room, BOB));
    assert_eq!(seen_by(&mut room, ALICE)[0].role, Role::Own);
    let outputs = room.says(ALICE, ClientMessage::Remove { viewer: BOB });
    assert_eq!(expelled(&outputs), [(BOB, Expulsion::Removed)]);
    assert_eq!(
        room.session.admit(&account(ALICE), Role::Own),
        Ok(Role::Own)
    );
}

#[test]
fn who_comes_by_vnc_is_seen_and_takes_up_a_new_role_with_a_new_connection() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    assert_eq!(room.input(comes_by_vnc(BOB, Role::Control)), []);
    let people = seen_by(&mut room, ALICE);
    assert_eq!(people[1].path, ViewerPath::Vnc);
    let outputs = room.says(ALICE, set_role(BOB, Role::View));
    assert_eq!(expelled(&outputs), [(BOB, Expulsion::RoleChanged)]);
    let back = room.session.admit(&account(BOB), Role::Control);
    assert_eq!(back, Ok(Role::View));
}

#[test]
fn comings_and_goings_are_told_together() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.all_after(1000);
    let mut told = 0;
    for n in 10..60 {
        let outputs = room.all_of(joined(ViewerId(n), Role::View));
        told += people_in(outputs, ALICE).len();
        told += people_in(room.all_after(4), ALICE).len();
    }
    told += people_in(room.all_after(100), ALICE).len();
    assert!((2..=4).contains(&told), "{told} messages in 200 ms");
    assert_eq!(people_in(room.all_after(5000), ALICE).len(), 0);
}

#[test]
fn the_chat_reaches_everyone_and_those_who_come_later() {
    let mut room = Room::with(&[(ALICE, Role::Own), (BOB, Role::View)]);
    let outputs = room.says(BOB, chat(" hello\u{202e}\nthere\u{7} "));
    for viewer in [ALICE, BOB] {
        let lines = lines_for(&outputs, viewer);
        assert_eq!(lines[0].text.expose(), "hello\nthere");
        assert_eq!(lines[0].name.as_str(), "Person 2");
    }
    assert!(!format!("{outputs:?} {:?}", room.session).contains("hello"));
    room.all_after(2500);
    let outputs = room.input(joined(CAROL, Role::View));
    assert_eq!(lines_for(&outputs, CAROL)[0].age_ms, 2500);
}

#[test]
fn the_chat_keeps_its_last_hundred_lines_in_messages_that_a_channel_carries() {
    let mut room = Room::with(&[(ALICE, Role::View)]);
    let longest = "😀".repeat(MAX_CHAT_CHARS);
    for _ in 0..130 {
        room.says(ALICE, chat(&longest));
        room.all_after(1000);
    }
    let outputs = room.input(joined(BOB, Role::View));
    let lines = lines_for(&outputs, BOB);
    let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (30..130).collect::<Vec<_>>());
    for output in outputs {
        if let Output::Send { message, .. } = output {
            use streamspace_protocol::Wire;
            assert!(message.encode().len() < 64 * 1024);
        }
    }
}

#[test]
fn nobody_floods_the_chat() {
    let mut room = Room::with(&[(ALICE, Role::View), (BOB, Role::View)]);
    let mut heard = 0;
    for _ in 0..1000 {
        let outputs = room.says(ALICE, chat("again"));
        heard += lines_for(&outputs, BOB).len();
        if lines_for(&outputs, ALICE).is_empty() {
            let told = |output: &Output| {
                matches!(output, Output::Send { viewer: ALICE, message: ServerMessage::Notice { code, .. } }
                    if *code == Code::LimitReached)
            };
            assert!(outputs.iter().all(told), "{outputs:?}");
        }
    }
    assert_eq!(heard, 5);
    room.all_after(2000);
    let outputs = room.says(ALICE, chat("again"));
    assert_eq!(lines_for(&outputs, BOB).len(), 1);
}

/// What is told of pointers by this and in the next second.
fn pointers(room: &mut Room, viewer: ViewerId, seq: u32, x: u16) -> Vec<PersonPointer> {
    let movement = PointerMove::To { seq, x, y: 20_000 };
    let mut outputs = room.all_of(Input::Pointer { viewer, movement });
    outputs.extend(room.all_after(1000));
    let told = |output| match output {
        Output::TellPointers(_, told) => Some(told.pointers),
        _ => None,
    };
    outputs.into_iter().filter_map(told).flatten().collect()
}

#[test]
fn everyone_sees_where_others_point_also_those_who_only_watch() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    assert_eq!(
        pointers(&mut room, ALICE, 1, 5),
        [],
        "nobody is there to see"
    );
    room.input(joined(BOB, Role::View));
    let pointer = |viewer, x| PersonPointer { viewer, x, y: 719 };
    assert_eq!(pointers(&mut room, BOB, 1, 7), [pointer(BOB, 7)]);
    assert_eq!(pointers(&mut room, BOB, 1, 9), [], "an older one");
    assert_eq!(pointers(&mut room, ALICE, 2, 5), [pointer(ALICE, 5)]);
}

#[test]
fn pointers_are_told_some_twenty_times_a_second_at_most() {
    let mut room = Room::with(&[(ALICE, Role::Own), (BOB, Role::View), (CAROL, Role::View)]);
    let mut told = 0;
    for seq in 1..=1000 {
        for viewer in [ALICE, BOB, CAROL] {
            let movement = PointerMove::To { seq, x: 1, y: 1 };
            let outputs = room.all_of(Input::Pointer { viewer, movement });
            let is_news = |output: &&Output| matches!(output, Output::TellPointers(..));
            told += outputs.iter().filter(is_news).count();
        }
        room.now += std::time::Duration::from_millis(1);
    }
    assert!((18..=21).contains(&told), "{told} in a second");
}

fn any_deed() -> impl Strategy<Value = ClientMessage> {
    let viewer = (1u32..6).prop_map(ViewerId);
    let role = prop_oneof![Just(Role::View), Just(Role::Control), Just(Role::Own)];
    prop_oneof![
        3 => Just(ClientMessage::AskControl),
        6 => (viewer.clone(), role).prop_map(|(viewer, role)| set_role(viewer, role)),
        1 => viewer.prop_map(|viewer| ClientMessage::Remove { viewer }),
        3 => Just(key("KeyA", 0x61, true)),
    ]
}

proptest! {
    /// Whatever people do: nobody who never had a way to it owns the session, and no key is stuck.
    #[test]
    fn nobody_becomes_an_owner_unless_an_owner_says_so(
        deeds in proptest::collection::vec((2u32..6, any_deed()), 0..60),
    ) {
        let viewers = [2, 3, 4, 5].map(ViewerId);
        let mut room = Room::with(&[(ALICE, Role::Own)]);
        for viewer in viewers {
            room.input(joined(viewer, Role::Control));
        }
        let mut held = 0i32;
        for (viewer, deed) in deeds {
            for output in room.says(ViewerId(viewer), deed) {
                match output {
                    Output::Key { down, .. } => held += if down { 1 } else { -1 },
                    Output::Expel { .. } => prop_assert!(false, "nobody but Alice may"),
                    _ => {}
                }
            }
        }
        for viewer in viewers {
            room.says(ALICE, set_role(viewer, Role::View)).into_iter().for_each(|output| {
                if matches!(output, Output::Key { down: false, .. }) {
                    held -= 1;
                }
            });
        }
        prop_assert_eq!(held, 0);
        room.input(joined(ViewerId(9), Role::View));
        let people = seen_by(&mut room, ALICE);
        let owners = people.iter().filter(|who| who.role == Role::Own).count();
        prop_assert_eq!(owners, 1);
    }
}
