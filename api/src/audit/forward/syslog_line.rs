//! An event as a message of syslog (RFC 5424).

use std::process;

use super::json;
use crate::AuditEvent;

/// "Log audit" (RFC 5424, section 6.2.1).
const FACILITY: u8 = 13;
const ERROR: u8 = 3;
const WARNING: u8 = 4;
const NOTICE: u8 = 5;
const LONGEST_HOST_NAME: usize = 255;

/// The message says what the event's JSON says. It has no structured data, whose names would need an enterprise's
/// number, and no byte order mark, which readers of JSON refuse.
pub(super) fn line(event: &AuditEvent, host: &str) -> String {
    let priority = FACILITY * 8 + severity(event.status);
    let (at, process, json) = (event.at, process::id(), json(event));
    format!("<{priority}>1 {at:.3} {host} streamspace {process} audit - {json}")
}

fn severity(status: u16) -> u8 {
    match status {
        500.. => ERROR,
        400.. => WARNING,
        _ => NOTICE,
    }
}

/// Octet counting (RFC 6587, section 3.4.1; RFC 5425, section 4.3).
pub(super) fn counted(line: &str) -> String {
    format!("{} {line}", line.len())
}

/// This machine's name, if it can stand in a message.
pub(super) fn host_name() -> String {
    let system = rustix::system::uname();
    printable(&system.nodename().to_string_lossy())
}

fn printable(name: &str) -> String {
    let fits = !name.is_empty() && name.len() <= LONGEST_HOST_NAME;
    match fits && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => name.to_owned(),
        false => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn event(status: u16, path: &str) -> AuditEvent {
        AuditEvent {
            number: 7,
            at: Timestamp::from_millisecond(1_700_000_000_120).expect("a time"),
            who: Some("ann".into()),
            from: None,
            method: "POST".into(),
            path: path.into(),
            status,
            code: None,
        }
    }

    #[test]
    fn a_line_has_the_parts_of_rfc_5424_and_the_events_json() {
        let line = line(&event(201, "/api/v1/sessions"), "desk");
        let head = format!(
            "<109>1 2023-11-14T22:13:20.120Z desk streamspace {} audit - ",
            process::id()
        );
        let json = line.strip_prefix(&head).expect("the head");
        let read: AuditEvent = serde_json::from_str(json).expect("JSON");
        assert_eq!(read, event(201, "/api/v1/sessions"));
        assert_eq!(counted("12345"), "5 12345");
    }

    #[test]
    fn what_is_refused_and_what_fails_is_more_severe() {
        for (status, priority) in [(204, "<109>"), (403, "<108>"), (500, "<107>")] {
            assert!(line(&event(status, "/"), "-").starts_with(priority));
        }
    }

    #[test]
    fn nobody_writes_a_second_message_into_the_first() {
        let line = line(&event(404, "/a\n<0>1 - - - - - - forged"), "desk");
        assert!(!line.contains('\n'), "{line}");
        for name in ["", "two words", "n\u{e4}me", &"x".repeat(256)] {
            assert_eq!(printable(name), "-", "{name}");
        }
    }
}
