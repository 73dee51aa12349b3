use streamspace_protocol::Secret;

use super::{Progress, VERSION_LINE, inbox::Inbox, parse_version, password};

const VNC_AUTHENTICATION: u8 = 2;
/// The longest reason a server may give, in bytes.
const MAX_REASON_BYTES: usize = 1024;
/// More than any part of the handshake takes.
const MAX_BUFFERED_BYTES: usize = 4096;

/// The client's side of the handshake, up to the server's "OK" (RFC 6143, section 7.1).
#[derive(Debug)]
pub struct Dialing {
    password: Secret,
    inbox: Inbox,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Version,
    SecurityTypes,
    Challenge,
    SecurityResult,
    Reason(Refused),
    Finished,
}

/// What the server refused before it gives its reason.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Connection,
    Password,
}

/// Why the VNC server and the gateway do not come together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error("it does not speak the RFB protocol")]
    NotRfb,
    #[error("it speaks RFB {0}.{1}, and 3.8 is needed")]
    Version(u16, u16),
    #[error("it does not offer VNC authentication")]
    NoVncAuthentication,
    #[error("it refuses connections ({0})")]
    Refused(String),
    #[error("it refuses the session's password ({0})")]
    Password(String),
    #[error("it sent more than a handshake holds")]
    TooMuch,
}

impl Dialing {
    /// `password` is used up to its eighth byte.
    pub fn new(password: Secret) -> Self {
        Self {
            password,
            inbox: Inbox::default(),
            state: State::Version,
        }
    }

    /// Takes bytes of the server as they arrive.
    ///
    /// # Errors
    /// A server that refuses, or speaks something else; the connection is of no use then.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Progress, ServerError> {
        self.inbox.push(bytes);
        let mut progress = Progress::default();
        while self.step(&mut progress)? {}
        if progress.rest.is_none() && self.inbox.unread().len() > MAX_BUFFERED_BYTES {
            return Err(ServerError::TooMuch);
        }
        Ok(progress)
    }

    /// One message; `false` if it has not arrived in full.
    fn step(&mut self, progress: &mut Progress) -> Result<bool, ServerError> {
        let next = match self.state {
            State::Version => self.version(progress)?,
            State::SecurityTypes => self.security_types(progress)?,
            State::Challenge => self.challenge(progress),
            State::SecurityResult => self.security_result(),
            State::Reason(refused) => self.reason(refused)?,
            State::Finished => {
                progress.rest = Some(self.inbox.take_rest());
                None
            }
        };
        self.state = next.unwrap_or(self.state);
        Ok(next.is_some())
    }

    fn version(&mut self, progress: &mut Progress) -> Result<Option<State>, ServerError> {
        let Some(line) = self.inbox.take() else {
            return Ok(None);
        };
        let (major, minor) = parse_version(line).ok_or(ServerError::NotRfb)?;
        if (major, minor) < (3, 8) {
            return Err(ServerError::Version(major, minor));
        }
        progress.send.extend(VERSION_LINE);
        Ok(Some(State::SecurityTypes))
    }

    fn security_types(&mut self, progress: &mut Progress) -> Result<Option<State>, ServerError> {
        let Some(types) = self.inbox.take_counted() else {
            return Ok(None);
        };
        if types.is_empty() {
            return Ok(Some(State::Reason(Refused::Connection)));
        }
        if !types.contains(&VNC_AUTHENTICATION) {
            return Err(ServerError::NoVncAuthentication);
        }
        progress.send.push(VNC_AUTHENTICATION);
        Ok(Some(State::Challenge))
    }

    fn challenge(&mut self, progress: &mut Progress) -> Option<State> {
        let challenge = self.inbox.take()?;
        let password = self.password.expose().as_bytes();
        progress.send.extend(password::respond(password, challenge));
        Some(State::SecurityResult)
    }

    fn security_result(&mut self) -> Option<State> {
        match u32::from_be_bytes(self.inbox.take()?) {
            0 => Some(State::Finished),
            _ => Some(State::Reason(Refused::Password)),
        }
    }

    fn reason(&mut self, refused: Refused) -> Result<Option<State>, ServerError> {
        let Some((length, text)) = self.inbox.unread().split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > MAX_REASON_BYTES {
            return Err(ServerError::TooMuch);
        }
        let Some(text) = text.get(..length) else {
            return Ok(None);
        };
        let reason = readable(text);
        Err(match refused {
            Refused::Connection => ServerError::Refused(reason),
            Refused::Password => ServerError::Password(reason),
        })
    }
}

/// Fit for a log and a page, whatever the server sent.
fn readable(reason: &[u8]) -> String {
    let text = String::from_utf8_lossy(reason);
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dialing() -> Dialing {
        Dialing::new(Secret::new("secret"))
    }

    fn greeting() -> Vec<u8> {
        [&b"RFB 003.008\n"[..], &[2, 16, 2], &[7; 16]].concat()
    }

    fn reason(text: &str) -> Vec<u8> {
        [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat()
    }

    #[test]
    fn an_accepted_password_ends_the_handshake() {
        let mut dialing = dialing();
        let answered = dialing.receive(&greeting()).expect("a good greeting");
        let response = password::respond(b"secret", [7; 16]);
        let expected = [&b"RFB 003.008\n"[..], &[2], &response].concat();
        assert_eq!(
            answered,
            Progress {
                send: expected,
                rest: None
            }
        );
        let done = dialing.receive(&[0, 0, 0, 0, 9]).expect("accepted");
        assert_eq!(
            done,
            Progress {
                send: vec![],
                rest: Some(vec![9])
            }
        );
    }

    #[test]
    fn a_refused_password_comes_with_the_servers_reason() {
        let mut dialing = dialing();
        let answer = [&[0, 0, 0, 1][..], &reason("Authentication\r failed")].concat();
        dialing.receive(&greeting()).expect("a good greeting");
        assert_eq!(
            dialing.receive(&answer),
            Err(ServerError::Password("Authentication failed".into()))
        );
    }

    #[test]
    fn a_server_that_will_not_talk_is_an_error_with_its_cause() {
        let refused = [&b"RFB 003.008\n\0"[..], &reason("Too many failures")].concat();
        let long_reason = b"RFB 003.008\n\0\xff\xff\xff\xff".to_vec();
        let cases = [
            (refused, ServerError::Refused("Too many failures".into())),
            (long_reason, ServerError::TooMuch),
            (b"SSH-2.0-Open".to_vec(), ServerError::NotRfb),
            (b"RFB 003.003\n".to_vec(), ServerError::Version(3, 3)),
            (
                b"RFB 003.008\n\x01\x01".to_vec(),
                ServerError::NoVncAuthentication,
            ),
        ];
        for (bytes, error) in cases {
            assert_eq!(dialing().receive(&bytes), Err(error));
        }
    }

    proptest! {
        #[test]
        fn the_stream_may_be_cut_anywhere(step in 1usize..20) {
            let mut dialing = dialing();
            let stream = [greeting(), vec![0; 4]].concat();
            let mut sent = Vec::new();
            let mut rest = None;
            for piece in stream.chunks(step) {
                let progress = dialing.receive(piece).expect("a good server");
                sent.extend(progress.send);
                rest = progress.rest;
            }
            prop_assert_eq!(sent.len(), 12 + 1 + 16);
            prop_assert_eq!(rest, Some(vec![]));
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_never_pile_up(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..40),
            greeted in any::<bool>(),
        ) {
            let mut dialing = dialing();
            if greeted {
                dialing.receive(&greeting()).expect("a good greeting");
            }
            for piece in pieces {
                if dialing.receive(&piece).is_ok() {
                    prop_assert!(dialing.inbox.unread().len() <= MAX_BUFFERED_BYTES);
                }
            }
        }
    }
}
