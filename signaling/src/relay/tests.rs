use proptest::prelude::*;
use streamspace_protocol::{Candidate, Code, DisplaySize, Role};

use super::*;
use crate::{
    DialError,
    ticket::{Nonce, somebody},
};

const HELLO: &str = r#"{"version":1,"token":"t"}"#;
const OFFER: &str = r#"{"type":"offer","sdp":"v=0"}"#;
const BYE: &str = r#"{"type":"bye"}"#;

/// A relay with the clock it is driven by.
struct Bench {
    relay: Relay,
    now: Instant,
}

fn session() -> SessionId {
    "desk".parse().expect("a valid name")
}

fn claims(role: Role) -> Claims {
    Claims {
        session: session(),
        role,
        person: somebody(),
        nonce: Nonce::default(),
        trace: None,
        expires_unix_ms: 0,
    }
}

fn welcome(viewer: u32, role: Role) -> ServerSignal {
    ServerSignal::Welcome {
        session: session(),
        viewer: ViewerId(viewer),
        role,
        display: DisplaySize {
            width: 640,
            height: 480,
        },
        ice_servers: Vec::new(),
        resume: None,
    }
}

fn answer() -> ServerSignal {
    ServerSignal::Answer {
        sdp: Secret::new("v=0"),
    }
}

fn offer() -> ClientSignal {
    ClientSignal::Offer {
        sdp: Secret::new("v=0"),
        screen: streamspace_protocol::Screen::First,
        resume: None,
    }
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let relay = Relay::new(session(), ViewerId(7), now);
        Self { relay, now }
    }

    fn dialing() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.text(HELLO), [Effect::Redeem(Secret::new("t"))]);
        let dial = bench.handle(Input::Redeemed(Ok(claims(Role::View))));
        assert_eq!(dial, [Effect::Dial(Box::new(claims(Role::View)))]);
        bench
    }

    fn linked() -> Self {
        let mut bench = Self::dialing();
        assert_eq!(bench.handle(Input::Dialed(Ok(()))), []);
        bench
    }

    fn joined() -> Self {
        let mut bench = Self::linked();
        let welcome = welcome(7, Role::View);
        assert_eq!(bench.frame(&welcome), [Effect::SendBrowser(welcome)]);
        assert!(bench.relay.is_joined());
        bench
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<Effect> {
        self.relay.handle(input, self.now)
    }

    fn text(&mut self, text: &str) -> Vec<Effect> {
        self.handle(Input::Text(text))
    }

    fn frame(&mut self, signal: &ServerSignal) -> Vec<Effect> {
        self.handle(Input::Frame(signal.encode().as_bytes()))
    }

    fn after(&mut self, time: Duration) -> Vec<Effect> {
        self.now += time;
        self.handle(Input::Tick)
    }
}

/// The code and `retry` of effects that refuse, which are an error and then the close frame.
fn refusal(effects: &[Effect]) -> (Code, bool) {
    // A streamer that has welcomed the viewer, or is about to, is told first.
    let effects = match effects {
        [Effect::SendLink(ClientSignal::Bye), rest @ ..] => rest,
        all => all,
    };
    match effects {
        [
            Effect::SendBrowser(ServerSignal::Error { code, retry, .. }),
            Effect::Close(closing),
        ] => {
            let (code, retry) = (*code, *retry);
            assert_eq!(*closing, Closing::Refused { code, retry });
            (code, retry)
        }
        other => panic!("not a refusal: {other:?}"),
    }
}

#[test]
fn a_viewer_joins_and_signals_pass_both_ways() {
    let mut bench = Bench::joined();
    assert_eq!(bench.text(OFFER), [Effect::SendLink(offer())]);
    assert_eq!(bench.frame(&answer()), [Effect::SendBrowser(answer())]);
    let candidate = ServerSignal::Candidate(Candidate {
        candidate: Secret::new(""),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    });
    assert_eq!(bench.frame(&ServerSignal::Active), [Effect::NoteActivity]);
    let passed = bench.frame(&candidate);
    assert_eq!(passed, [Effect::SendBrowser(candidate)]);
    assert_eq!(bench.relay.deadline(), None);
}

#[test]
fn a_browser_that_leaves_is_announced_to_the_streamer() {
    let announced = [
        Effect::SendLink(ClientSignal::Bye),
        Effect::Close(Closing::Normal),
    ];
    assert_eq!(Bench::joined().text(BYE), announced);
    assert_eq!(Bench::linked().text(BYE), announced);
    assert_eq!(Bench::joined().handle(Input::BrowserLeft), announced);
    let nobody_to_tell = [Effect::Close(Closing::Normal)];
    assert_eq!(Bench::dialing().text(BYE), nobody_to_tell);
    assert_eq!(Bench::new().handle(Input::BrowserLeft), nobody_to_tell);
}

#[test]
fn what_a_browser_may_not_send_is_refused_with_its_code() {
    let too_large = format!(r#"{{"type":"offer","sdp":"{}"}}"#, "x".repeat(128 * 1024));
    let sdp_too_large = format!(r#"{{"type":"offer","sdp":"{}"}}"#, "x".repeat(65 * 1024));
    let cases = [
        (Bench::new(), "nonsense", Code::MessageMalformed),
        (Bench::new(), OFFER, Code::MessageOutOfOrder),
        (Bench::new(), &too_large, Code::MessageTooLarge),
        (
            Bench::new(),
            r#"{"version":2,"token":"t"}"#,
            Code::VersionUnsupported,
        ),
        (Bench::dialing(), OFFER, Code::MessageOutOfOrder),
        (Bench::linked(), OFFER, Code::MessageOutOfOrder),
        (Bench::joined(), HELLO, Code::MessageOutOfOrder),
        (Bench::joined(), "{}", Code::MessageMalformed),
        (Bench::joined(), &too_large, Code::MessageTooLarge),
        (Bench::joined(), &sdp_too_large, Code::MessageMalformed),
    ];
    for (mut bench, text, code) in cases {
        assert_eq!(
            refusal(&bench.text(text)),
            (code, false),
            "{code} for {:.40}",
            text
        );
        assert_eq!(bench.text(OFFER), [], "nothing comes after the close");
    }
    let binary = Bench::joined().handle(Input::WrongMessage);
    assert_eq!(refusal(&binary), (Code::MessageMalformed, false));
}

#[test]
fn tokens_that_are_no_good_are_refused_with_their_code() {
    let cases = [
        (TicketError::Invalid, Code::TokenInvalid, false),
        (TicketError::Expired, Code::TokenExpired, true),
        (TicketError::Used, Code::TokenUsed, true),
        (TicketError::TooMany, Code::LimitReached, true),
    ];
    for (error, code, retry) in cases {
        let mut bench = Bench::new();
        bench.text(HELLO);
        let effects = bench.handle(Input::Redeemed(Err(error)));
        assert_eq!(refusal(&effects), (code, retry));
    }
}

#[test]
fn a_session_that_cannot_be_reached_is_told_apart_from_one_that_is_not_there() {
    let cases = [
        (
            Refusal::StreamerUnreachable,
            Code::StreamerUnreachable,
            true,
        ),
        (
            DialError::NotFound(session()).into(),
            Code::SessionNotFound,
            false,
        ),
        (
            DialError::NotRunning(session()).into(),
            Code::SessionNotRunning,
            false,
        ),
        (
            Refusal::TooManyViewers { limit: 1 },
            Code::LimitReached,
            true,
        ),
    ];
    for (error, code, retry) in cases {
        let effects = Bench::dialing().handle(Input::Dialed(Err(error)));
        assert_eq!(refusal(&effects), (code, retry));
    }
}

#[test]
fn a_streamer_that_leaves_or_talks_nonsense_is_worth_another_try() {
    let unreachable = (Code::StreamerUnreachable, true);
    assert_eq!(
        refusal(&Bench::linked().handle(Input::LinkClosed)),
        unreachable
    );
    assert_eq!(
        refusal(&Bench::joined().handle(Input::LinkClosed)),
        unreachable
    );
    assert_eq!(
        refusal(&Bench::joined().handle(Input::Frame(b"\xff"))),
        unreachable
    );
    assert_eq!(refusal(&Bench::linked().frame(&answer())), unreachable);
    let twice = Bench::joined().frame(&welcome(7, Role::View));
    assert_eq!(refusal(&twice), unreachable);
}

#[test]
fn a_welcome_for_somebody_else_is_not_passed_on() {
    for stranger in [welcome(8, Role::View), welcome(8, Role::Control)] {
        let effects = Bench::linked().frame(&stranger);
        assert_eq!(refusal(&effects), (Code::StreamerUnreachable, true));
    }
}

#[test]
fn an_error_of_the_streamer_reaches_the_browser_and_ends_the_connection() {
    let error = ServerSignal::Error {
        code: Code::LimitReached,
        message: "full".into(),
        retry: false,
    };
    let effects = Bench::linked().frame(&error);
    assert_eq!(effects[0], Effect::SendBrowser(error));
    assert_eq!(refusal(&effects), (Code::LimitReached, false));
}

#[test]
fn a_silent_browser_and_a_silent_streamer_run_out_of_time() {
    let mut bench = Bench::new();
    assert_eq!(bench.after(HELLO_TIME - Duration::from_millis(1)), []);
    let late = bench.after(Duration::from_millis(1));
    assert_eq!(refusal(&late), (Code::MessageOutOfOrder, true));

    let mut bench = Bench::linked();
    assert_eq!(bench.relay.deadline(), Some(bench.now + WELCOME_TIME));
    let late = bench.after(WELCOME_TIME);
    assert_eq!(refusal(&late), (Code::StreamerUnreachable, true));

    assert_eq!(Bench::joined().after(WELCOME_TIME * 100), []);
}

#[test]
fn a_stopping_server_closes_with_going_away() {
    let stopped = Bench::joined().handle(Input::Stop);
    assert_eq!(stopped, [Effect::Close(Closing::GoingAway)]);
}

#[derive(Debug, Clone)]
enum Event {
    Text(String),
    Binary,
    Left,
    Redeemed(bool),
    Dialed(bool),
    Frame(Vec<u8>),
    LinkClosed,
    Tick(u64),
    Stop,
}

fn event() -> impl Strategy<Value = Event> {
    let text = prop_oneof![Just(HELLO), Just(OFFER), Just(BYE), Just("{}")];
    let frame = prop_oneof![
        Just(welcome(7, Role::View).encode()),
        Just(welcome(7, Role::Control).encode()),
        Just(answer().encode()),
    ];
    prop_oneof![
        8 => text.prop_map(|text| Event::Text(text.into())),
        1 => "\\PC{0,40}".prop_map(Event::Text),
        1 => Just(Event::Binary),
        1 => Just(Event::Left),
        5 => prop::bool::weighted(0.8).prop_map(Event::Redeemed),
        5 => prop::bool::weighted(0.8).prop_map(Event::Dialed),
        5 => frame.prop_map(|frame| Event::Frame(frame.into_bytes())),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Event::Frame),
        1 => Just(Event::LinkClosed),
        2 => (0u64..6).prop_map(Event::Tick),
        1 => Just(Event::Stop),
    ]
}

fn give(bench: &mut Bench, event: &Event) -> Vec<Effect> {
    match event {
        Event::Text(text) => bench.text(text),
        Event::Binary => bench.handle(Input::WrongMessage),
        Event::Left => bench.handle(Input::BrowserLeft),
        Event::Redeemed(true) => bench.handle(Input::Redeemed(Ok(claims(Role::View)))),
        Event::Redeemed(false) => bench.handle(Input::Redeemed(Err(TicketError::Used))),
        Event::Dialed(true) => bench.handle(Input::Dialed(Ok(()))),
        Event::Dialed(false) => bench.handle(Input::Dialed(Err(Refusal::StreamerUnreachable))),
        Event::Frame(frame) => bench.handle(Input::Frame(frame)),
        Event::LinkClosed => bench.handle(Input::LinkClosed),
        Event::Tick(seconds) => bench.after(Duration::from_secs(*seconds)),
        Event::Stop => bench.handle(Input::Stop),
    }
}

proptest! {
    /// Whatever happens in whatever order: no token, no dial; no welcome, no offer; one close, last.
    #[test]
    fn nothing_passes_before_its_time(events in prop::collection::vec(event(), 0..40)) {
        let mut bench = Bench::new();
        let mut redeemed = false;
        let mut welcomed = false;
        let mut closed = false;
        for event in events {
            redeemed |= matches!(event, Event::Redeemed(true));
            for effect in give(&mut bench, &event) {
                prop_assert!(!closed, "{effect:?} after the close");
                match effect {
                    Effect::Dial(_) => prop_assert!(redeemed),
                    Effect::SendBrowser(ServerSignal::Welcome { .. }) => welcomed = true,
                    Effect::SendLink(ClientSignal::Offer { .. } | ClientSignal::Candidate(_))
                    | Effect::SendBrowser(ServerSignal::Answer { .. }) => prop_assert!(welcomed),
                    Effect::Close(_) => closed = true,
                    Effect::NoteActivity => prop_assert!(welcomed),
                    Effect::Redeem(_) | Effect::SendLink(_) | Effect::SendBrowser(_) => (),
                }
            }
            prop_assert_eq!(closed, bench.relay.is_closed());
        }
    }
}
