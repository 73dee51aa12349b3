//! What a session cannot go on after.

use std::io;

use streamspace_protocol::Code;

use crate::order::Event;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the session's folder cannot be prepared: {0}")]
    Folder(#[source] io::Error),
    #[error(
        "the X server Xvnc is not on the server's PATH; install it with: sudo apt install tigervnc-standalone-server"
    )]
    NoDisplayServer,
    #[error("the X server did not start: {reason}{}", said(.output))]
    DisplayNotStarted { reason: String, output: String },
    #[error("the X server ended: {reason}{}", said(.output))]
    DisplayEnded { reason: String, output: String },
    #[error("the program {program} cannot be started: {source}")]
    Program { program: String, source: io::Error },
    #[error("the session's processes cannot be watched: {0}")]
    Watch(#[source] io::Error),
}

impl Failure {
    fn code(&self) -> Code {
        match self {
            Self::Folder(error) if error.kind() == io::ErrorKind::StorageFull => Code::StorageFull,
            Self::Folder(_) => Code::StorageFailed,
            Self::NoDisplayServer | Self::DisplayNotStarted { .. } | Self::DisplayEnded { .. } => {
                Code::DisplayFailed
            }
            Self::Program { .. } => Code::ProgramMissing,
            Self::Watch(_) => Code::Internal,
        }
    }
}

impl From<Failure> for Event {
    fn from(failure: Failure) -> Self {
        Self::Failed {
            code: failure.code(),
            message: failure.to_string(),
        }
    }
}

fn said(output: &str) -> String {
    match output.trim() {
        "" => "; it said nothing".into(),
        output => format!("; its last words: {output}"),
    }
}
