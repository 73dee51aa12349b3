//! Sessions with a real X server and a real sound server, from their start to their end.

mod support;

use std::{fs, os::unix::net::UnixStream, path::Path, process::Command};

use streamspace_api::Backend;
use streamspace_protocol::{Code, SessionId};
use streamspace_resources::{Display, NewSession, Phase};
use streamspace_runtime::{EXIT_STATUS_LABEL, LocalRuntime};
use streamspace_signaling::{DialError, Directory};

use support::{
    Machine, Traces, command, condition, exists, id, kill, marked, phase, processes,
    program_environment, started, until, until_session, vnc,
};

#[tokio::test]
async fn a_session_has_a_display_and_sound_and_leaves_nothing() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let request = NewSession {
        display: Some(Display {
            width: 800,
            height: 600,
            ..Display::default()
        }),
        ..command(&["sleep", "1000"])
    };
    let session = started(&runtime, request).await;
    assert_eq!(
        session.status.as_ref().expect("a status").url,
        Some(format!("/session/{}", id(&session)))
    );
    let variables = program_environment(&session);
    let shown = Command::new("xdpyinfo")
        .env_clear()
        .envs(&variables)
        .output()
        .expect("xdpyinfo runs");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("800x600 pixels"), "{shown}");
    let sinks = Command::new("pactl")
        .env_clear()
        .envs(&variables)
        .args(["list", "short", "sinks"])
        .output();
    let sinks = String::from_utf8_lossy(&sinks.expect("pactl runs").stdout).into_owned();
    assert!(sinks.contains("session"), "{sinks}");
    let endpoint = runtime.endpoint(&id(&session)).await.expect("it runs");
    assert!(UnixStream::connect(vnc::socket(&endpoint)).is_ok());
    assert_eq!(endpoint.vnc_password.expose().len(), 8);
    assert_ne!(
        endpoint.vnc_password.expose(),
        endpoint.vnc_view_password.expose()
    );

    let traces = Traces::of(&session);
    runtime.end(&id(&session)).await.expect("ended");
    assert_eq!(traces.left(), [""; 0]);
    assert!(runtime.sessions().await.expect("a list").is_empty());
    assert_eq!(
        runtime.endpoint(&id(&session)).await.err(),
        Some(DialError::NotFound(id(&session)))
    );
}

#[tokio::test]
async fn a_client_with_the_view_password_cannot_move_the_pointer() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let endpoint = runtime.endpoint(&id(&session)).await.expect("it runs");
    let variables = program_environment(&session);
    let pointer = || {
        let output = Command::new("xdotool")
            .env_clear()
            .envs(&variables)
            .args(["getmouselocation", "--shell"])
            .output();
        String::from_utf8_lossy(&output.expect("xdotool runs").stdout).into_owned()
    };
    vnc::point(vnc::socket(&endpoint), endpoint.vnc_password.expose(), 11).expect("let in");
    until("the pointer moves", || pointer().contains("X=11\n")).await;
    vnc::point(
        vnc::socket(&endpoint),
        endpoint.vnc_view_password.expose(),
        22,
    )
    .expect("let in");
    assert!(pointer().contains("X=11\n"));
    assert!(vnc::point(vnc::socket(&endpoint), "neither", 33).is_err());
    runtime.shutdown().await;
}

#[tokio::test]
async fn programs_that_leave_the_group_or_ignore_the_request_to_end_are_ended_too() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let script = "trap '' TERM; env -i setsid sh -c 'sleep 4242 & sleep 4243 & wait' & while :; do sleep 1; done";
    let session = started(&runtime, command(&["sh", "-c", script])).await;
    let sleeping = || {
        let list = Command::new("ps")
            .args(["-eo", "pid,args"])
            .output()
            .expect("ps runs");
        String::from_utf8_lossy(&list.stdout)
            .lines()
            .filter(|line| line.contains("sleep 424") && !line.contains("sh -c"))
            .count()
    };
    until("the programs run", || sleeping() == 2).await;
    let traces = Traces::of(&session);
    runtime.end(&id(&session)).await.expect("ended");
    assert_eq!(traces.left(), [""; 0]);
    assert_eq!(sleeping(), 0);
}

#[tokio::test]
async fn a_display_number_is_given_back_even_if_the_sessions_folder_was_removed() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let traces = Traces::of(&session);
    // As systemd does with a user's runtime folder when the user logs out.
    let authority = program_environment(&session)["XAUTHORITY"].clone();
    let folder = Path::new(&authority).parent().expect("a folder");
    fs::remove_dir_all(folder).expect("removed");
    runtime.end(&id(&session)).await.expect("ended");
    assert_eq!(traces.left(), [""; 0]);
}

#[tokio::test]
async fn shared_memory_that_a_killed_program_left_is_removed() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    // A private segment of an unusual size, which nobody is attached to.
    let script = "$SIG{TERM} = 'IGNORE'; shmget(0, 54321, 01600); sleep 1000";
    let segments = || {
        fs::read_to_string("/proc/sysvipc/shm")
            .expect("a table")
            .matches(" 54321 ")
            .count()
    };
    let session = started(&runtime, command(&["perl", "-e", script])).await;
    until("the segment is there", || segments() == 1).await;
    runtime.end(&id(&session)).await.expect("ended");
    assert_eq!(segments(), 0);
}

#[tokio::test]
async fn a_program_that_ends_ends_its_session_and_its_status_is_known() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = runtime
        .create("ann", command(&["sh", "-c", "echo so long; exit 3"]))
        .await
        .expect("accepted");
    let session = until_session(&runtime, &id(&session), |session| {
        phase(session) == Phase::Terminated
    })
    .await;
    assert_eq!(session.metadata.labels[EXIT_STATUS_LABEL], "3");
    assert!(marked(&id(&session)).is_empty());
    assert_eq!(
        runtime.endpoint(&id(&session)).await.err(),
        Some(DialError::NotRunning(id(&session)))
    );
    let log = machine
        .config
        .data
        .join(format!("logs/{}.log", id(&session)));
    assert!(fs::read_to_string(log).expect("a log").contains("so long"));
}

#[tokio::test]
async fn a_template_runs_in_a_home_that_goes_with_it() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let request = NewSession {
        template: Some("xterm".into()),
        ..NewSession::default()
    };
    let session = started(&runtime, request).await;
    let home = program_environment(&session)["HOME"].clone();
    assert!(fs::exists(&home).expect("readable"));
    assert!(home.starts_with(&machine.config.data.display().to_string()));
    runtime.end(&id(&session)).await.expect("ended");
    assert!(!fs::exists(&home).expect("readable"));
}

/// Programs that are missing here are named, and the rest is tested.
#[tokio::test]
async fn every_template_shows_a_window_and_leaves_nothing() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    for template in runtime.catalog().await.expect("a catalog").items {
        let name = template.metadata.name;
        let request = NewSession {
            template: Some(name.clone()),
            ..NewSession::default()
        };
        match runtime.create("ann", request).await {
            Ok(session) => shows_a_window(&runtime, &name, &id(&session)).await,
            Err(error) => eprintln!("not tested: {name}: {error}"),
        }
    }
}

async fn shows_a_window(runtime: &LocalRuntime, name: &str, session: &SessionId) {
    let running = until_session(runtime, session, |session| phase(session) == Phase::Running).await;
    let variables = program_environment(&running);
    until(&format!("{name} shows a large window"), || {
        let list = [
            "search",
            "--onlyvisible",
            "--name",
            ".",
            "getwindowgeometry",
            "--shell",
            "%@",
        ];
        let output = Command::new("xdotool")
            .env_clear()
            .envs(&variables)
            .args(list)
            .output();
        let text = String::from_utf8_lossy(&output.expect("xdotool runs").stdout).into_owned();
        let widths = text
            .lines()
            .filter_map(|line| line.strip_prefix("WIDTH=")?.parse().ok());
        widths.max().is_some_and(|width: u32| width >= 1280)
    })
    .await;
    let traces = Traces::of(&running);
    runtime.end(session).await.expect("ended");
    assert_eq!(traces.left(), [""; 0], "{name}");
}

#[tokio::test]
async fn two_sessions_share_nothing() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let (first, second) = tokio::join!(
        started(&runtime, command(&["sleep", "1000"])),
        started(&runtime, command(&["sleep", "1000"]))
    );
    for name in ["DISPLAY", "XAUTHORITY", "PULSE_SERVER", "XDG_RUNTIME_DIR"] {
        assert_ne!(
            program_environment(&first)[name],
            program_environment(&second)[name],
            "{name}"
        );
    }
    let traces = Traces::of(&second);
    runtime.end(&id(&first)).await.expect("ended");
    assert!(processes(&second).program.is_some_and(exists));
    assert_eq!(runtime.sessions().await.expect("a list").len(), 1);
    runtime.shutdown().await;
    assert_eq!(traces.left(), [""; 0]);
}

#[tokio::test]
async fn a_streamer_that_is_killed_is_started_again() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let first = processes(&session).streamer.expect("a streamer");
    kill(first, "KILL");
    let again = until_session(&runtime, &id(&session), |session| {
        let streamer = session
            .status
            .as_ref()
            .and_then(|status| status.processes.as_ref()?.streamer);
        let ready = condition(session, "StreamerReady") == Some(("True".into(), "Encoding".into()));
        ready && streamer.is_some_and(|pid| pid != first)
    })
    .await;
    assert_eq!(phase(&again), Phase::Running);
    assert_eq!(processes(&again).program, processes(&session).program);
    runtime.shutdown().await;
}

#[tokio::test]
async fn what_viewers_tell_of_their_frames_is_known_until_they_leave() {
    let mut machine = Machine::new();
    let streamer = machine.path().join("telling");
    let script = r#"#!/bin/sh
echo '{"event":"ready","encoder":"stand-in","reason":"a test needs no pictures"}'
for viewer in 7 8; do
    echo '{"event":"latency","viewer":'$viewer',"latency":{"frames":60,"stages":[{"stage":"total","p50Us":9000,"p95Us":12000,"p99Us":15000}]}}'
done
echo '{"event":"left","viewer":8}'
exec cat > /dev/null
"#;
    support::write_script(&streamer, script);
    machine.config.streamer = streamer;
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let id = id(&session);
    let viewers = support::until_viewers(&runtime, &id, &[7]).await;
    let latency = &viewers[0].latency;
    assert_eq!((latency.frames, latency.stages[0].p50_us), (60, 9000));
    runtime.end(&id).await.expect("ended");
    assert!(runtime.stats(&id).await.is_err());
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_session_whose_streamer_never_starts_can_still_be_seen_over_vnc() {
    let mut machine = Machine::new();
    machine.config.streamer = "/bin/false".into();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    assert_eq!(
        condition(&session, "StreamerReady").expect("a condition").0,
        "False"
    );
    let endpoint = runtime.endpoint(&id(&session)).await.expect("it runs");
    assert!(UnixStream::connect(vnc::socket(&endpoint)).is_ok());
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_session_without_sound_says_so_and_runs() {
    let mut machine = Machine::new();
    machine.replace_program("pulseaudio", "#!/bin/sh\necho no sound card >&2\nexit 1\n");
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    assert_eq!(
        condition(&session, "SoundReady"),
        Some(("False".into(), "SoundFailed".into()))
    );
    assert!(!program_environment(&session).contains_key("PULSE_SERVER"));
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_display_that_cannot_start_fails_the_session_with_its_last_words() {
    let mut machine = Machine::new();
    machine.replace_program("Xvnc", "#!/bin/sh\necho no fonts today >&2\nexit 1\n");
    let runtime = machine.runtime().await;
    let session = runtime
        .create("ann", command(&["sleep", "1000"]))
        .await
        .expect("accepted");
    let session = until_session(&runtime, &id(&session), |session| {
        phase(session) == Phase::Failed
    })
    .await;
    let ready = &session.status.as_ref().expect("a status").conditions[0];
    assert_eq!(ready.code, Some(Code::DisplayFailed));
    assert!(
        ready.message.contains("no fonts today"),
        "{}",
        ready.message
    );
    assert!(marked(&id(&session)).is_empty());
    assert_eq!(runtime.sessions().await.expect("a list").len(), 1);
    runtime.end(&id(&session)).await.expect("forgotten");
    assert!(runtime.sessions().await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_display_that_dies_fails_the_session() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let traces = Traces::of(&session);
    kill(processes(&session).display.expect("a display"), "KILL");
    let session = until_session(&runtime, &id(&session), |session| {
        phase(session) == Phase::Failed
    })
    .await;
    let ready = &session.status.as_ref().expect("a status").conditions[0];
    assert_eq!(ready.code, Some(Code::DisplayFailed));
    // Its supervisor has told so with its last words, and may still have to exit.
    traces.until_gone().await;
}

#[tokio::test]
async fn what_cannot_run_is_refused_and_leaves_no_session() {
    let mut machine = Machine::new();
    machine.config.max_sessions = 1;
    let runtime = machine.runtime().await;
    let refused = async |request| {
        runtime
            .create("ann", request)
            .await
            .expect_err("refused")
            .code()
    };
    assert_eq!(
        refused(command(&["no-such-program"])).await,
        Code::ProgramMissing
    );
    let template = NewSession {
        template: Some("no-such-template".into()),
        ..NewSession::default()
    };
    assert_eq!(refused(template).await, Code::TemplateNotFound);
    assert!(runtime.sessions().await.expect("a list").is_empty());
    started(&runtime, command(&["sleep", "1000"])).await;
    assert_eq!(
        refused(command(&["sleep", "1000"])).await,
        Code::LimitReached
    );
    runtime.shutdown().await;
    assert_eq!(
        refused(command(&["sleep", "1000"])).await,
        Code::RequestInvalid
    );
}
