use super::{Progress, VERSION_LINE, inbox::Inbox, parse_version};

const NO_AUTHENTICATION: u8 = 1;
/// A client waits for each answer, so little more than one part is ever under way.
const MAX_BUFFERED_BYTES: usize = 4096;

/// The server's side of the handshake, up to the client's `ClientInit` (RFC 6143, section 7.1).
///
/// It offers no authentication but "None": the join token has said who the viewer is.
#[derive(Debug)]
pub struct Accepting {
    inbox: Inbox,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Version,
    SecurityType,
    ClientInit,
    Finished,
}

/// How a browser's VNC client broke the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("it does not speak RFB 3.8")]
    Version,
    #[error("it chose security type {0}, which was not offered")]
    SecurityType(u8),
    #[error("it sent more than a handshake holds")]
    TooMuch,
    #[error("it sent a message of unknown type {0}")]
    UnknownMessage(u8),
}

impl Accepting {
    /// The state machine, and the greeting to send first.
    pub fn start() -> (Self, Vec<u8>) {
        let accepting = Self {
            inbox: Inbox::default(),
            state: State::Version,
        };
        (accepting, VERSION_LINE.to_vec())
    }

    /// Takes bytes of the client as they arrive.
    ///
    /// # Errors
    /// A client that speaks something else; the connection is of no use then.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Progress, ClientError> {
        self.inbox.push(bytes);
        let mut progress = Progress::default();
        while self.step(&mut progress)? {}
        if progress.rest.is_none() && self.inbox.unread().len() > MAX_BUFFERED_BYTES {
            return Err(ClientError::TooMuch);
        }
        Ok(progress)
    }

    /// One message; `false` if it has not arrived in full.
    fn step(&mut self, progress: &mut Progress) -> Result<bool, ClientError> {
        let next = match self.state {
            State::Version => self.version(progress)?,
            State::SecurityType => self.security_type(progress)?,
            State::ClientInit => self.inbox.take::<1>().map(|_shared| State::Finished),
            State::Finished => {
                progress.rest = Some(self.inbox.take_rest());
                None
            }
        };
        self.state = next.unwrap_or(self.state);
        Ok(next.is_some())
    }

    fn version(&mut self, progress: &mut Progress) -> Result<Option<State>, ClientError> {
        let Some(line) = self.inbox.take() else {
            return Ok(None);
        };
        if parse_version(line) != Some((3, 8)) {
            return Err(ClientError::Version);
        }
        progress.send.extend([1, NO_AUTHENTICATION]);
        Ok(Some(State::SecurityType))
    }

    fn security_type(&mut self, progress: &mut Progress) -> Result<Option<State>, ClientError> {
        match self.inbox.take() {
            None => Ok(None),
            Some([NO_AUTHENTICATION]) => {
                progress.send.extend(0u32.to_be_bytes());
                Ok(Some(State::ClientInit))
            }
            Some([other]) => Err(ClientError::SecurityType(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_client_is_let_in_without_a_password() {
        let (mut accepting, greeting) = Accepting::start();
        assert_eq!(greeting, b"RFB 003.008\n");
        let offered = accepting.receive(b"RFB 003.008\n").expect("3.8");
        assert_eq!(offered.send, [1, 1]);
        let accepted = accepting.receive(&[1]).expect("an offered type");
        assert_eq!(
            accepted,
            Progress {
                send: vec![0; 4],
                rest: None
            }
        );
        let done = accepting.receive(&[0, 3, 1]).expect("any ClientInit");
        assert_eq!(
            done,
            Progress {
                send: vec![],
                rest: Some(vec![3, 1])
            }
        );
    }

    #[test]
    fn a_client_that_breaks_the_protocol_is_refused() {
        let cases = [
            (&b"RFB 003.003\n"[..], ClientError::Version),
            (b"GET / HTTP/1", ClientError::Version),
            (b"RFB 003.008\n\x02", ClientError::SecurityType(2)),
        ];
        for (bytes, error) in cases {
            assert_eq!(Accepting::start().0.receive(bytes), Err(error));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..20),
            greeted in any::<bool>(),
        ) {
            let (mut accepting, _) = Accepting::start();
            if greeted {
                accepting.receive(b"RFB 003.008\n").expect("3.8");
            }
            for piece in pieces {
                let _ = accepting.receive(&piece);
            }
        }
    }
}
