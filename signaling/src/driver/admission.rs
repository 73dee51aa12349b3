//! In which role a viewer by VNC comes in, and when it has to leave: the streamer knows the people.

use std::time::Duration;

use streamspace_protocol::{Code, Role, ServerSignal, ViewerPath, Wire};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{gateway::Connection, link::Link};
use crate::{Endpoint, Refusal, ticket::Claims};

/// How long the streamer may take to say in which role a viewer comes in. One that does not answer is
/// what VNC is there for.
const ADMISSION_TIME: Duration = Duration::from_secs(2);
/// How long after that it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// How long a browser may take to take a piece of what was copied.
const TAKING_TIME: Duration = Duration::from_secs(5);

/// A viewer that has been let in, by the streamer or in its absence.
pub(super) struct Admission<'a> {
    connection: &'a Connection,
    endpoint: Endpoint,
    claims: Claims,
    pub(super) role: Role,
    /// On which the streamer says when the viewer has to leave.
    link: Option<Link>,
}

impl<'a> Admission<'a> {
    /// Asks the streamer. One that does not answer lets everybody in, in the role of their token.
    ///
    /// # Errors
    /// The streamer does not let the viewer in.
    pub(super) async fn ask(
        connection: &'a Connection,
        endpoint: Endpoint,
        claims: Claims,
    ) -> Result<Self, Refusal> {
        let mut admission = Self {
            role: claims.role,
            connection,
            endpoint,
            claims,
            link: None,
        };
        match admission.attend().await {
            Ok(role) => admission.role = role,
            Err(refusal @ Refusal::NotLetIn { .. }) => return Err(refusal),
            Err(_) => tracing::info!("the streamer does not answer; the role is the token's"),
        }
        // Whoever asks again for the same connection has come in already.
        let Claims {
            session,
            role,
            person,
            ..
        } = admission.claims;
        admission.claims = Claims::without_token(session, role, person);
        Ok(admission)
    }

    /// Waits until the viewer has to leave. While there is no streamer VNC goes on; one that comes
    /// back is asked again.
    ///
    /// What programs copy meanwhile goes into `copied`, as messages for the browser.
    pub(super) async fn sent_away(&mut self, copied: &mpsc::Sender<String>) -> Refusal {
        loop {
            if let Some(refusal) = self.word(copied).await {
                return refusal;
            }
            self.link = None;
            sleep(ASK_AGAIN).await;
            match self.attend().await {
                Ok(role) if role == self.role => {}
                Ok(_) => return role_changed(),
                Err(refusal @ Refusal::NotLetIn { .. }) => return refusal,
                Err(_) => tracing::debug!("there is still no streamer"),
            }
        }
    }

    /// What the streamer says before the link is over. A browser that does not take what was copied
    /// keeps the streamer's word from nobody: then the link is given up and asked for anew.
    async fn word(&mut self, copied: &mpsc::Sender<String>) -> Option<Refusal> {
        let link = self.link.as_mut()?;
        while let Some(frame) = link.next_frame().await {
            match ServerSignal::decode(&frame) {
                Ok(signal @ ServerSignal::Copied { .. }) => {
                    copied
                        .send_timeout(signal.encode(), TAKING_TIME)
                        .await
                        .ok()?;
                }
                Ok(signal) => {
                    if let Some(refusal) = not_let_in(signal) {
                        return Some(refusal);
                    }
                }
                Err(error) => tracing::debug!(%error, "the streamer is not understood"),
            }
        }
        None
    }

    async fn attend(&mut self) -> Result<Role, Refusal> {
        let (role, link) = timeout(ADMISSION_TIME, self.dial())
            .await
            .map_err(|_elapsed| Refusal::StreamerUnreachable)??;
        self.link = Some(link);
        Ok(role)
    }

    async fn dial(&self) -> Result<(Role, Link), Refusal> {
        let viewer = self.connection.viewer;
        let mut link =
            Link::open(&self.endpoint, viewer, &self.claims, ViewerPath::Vnc, None).await?;
        let frame = link.next_frame().await.ok_or(Refusal::StreamerLeft)?;
        match ServerSignal::decode(&frame) {
            Ok(ServerSignal::Welcome { role, .. }) => Ok((role, link)),
            Ok(signal) => Err(not_let_in(signal).unwrap_or(Refusal::StreamerMalformed)),
            Err(_) => Err(Refusal::StreamerMalformed),
        }
    }
}

fn not_let_in(signal: ServerSignal) -> Option<Refusal> {
    match signal {
        ServerSignal::Error {
            code,
            message,
            retry,
        } => Some(Refusal::NotLetIn {
            code,
            message,
            retry,
        }),
        ServerSignal::Welcome { .. }
        | ServerSignal::Answer { .. }
        | ServerSignal::Candidate(_)
        | ServerSignal::Copied { .. }
        | ServerSignal::Active => None,
    }
}

fn role_changed() -> Refusal {
    Refusal::NotLetIn {
        code: Code::RoleChanged,
        message: "the viewer's role in the session is another one now".into(),
        retry: true,
    }
}
