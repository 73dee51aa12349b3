//! A viewer's link to its gateway, which may break and come again while the connection stands.

use std::future::pending;

use streamspace_protocol::{ClientSignal, PersonId, Screen, ServerSignal};
use tokio::sync::mpsc;

use super::resumption::{Place, Resumption};
use crate::link::{LinkError, LinkReader, LinkWriter};

#[derive(Debug)]
pub(super) struct Line {
    link: Option<(LinkReader, LinkWriter)>,
    /// By which a new link comes, once the connection stands.
    standing: Option<(mpsc::Receiver<Resumption>, Place)>,
    screen: Screen,
}

impl Line {
    pub(super) fn new(reader: LinkReader, writer: LinkWriter) -> Self {
        Self {
            link: Some((reader, writer)),
            standing: None,
            screen: Screen::First,
        }
    }

    /// From now on media and input need no gateway: its end is none of the viewer's.
    pub(super) fn stands(&mut self, place: Place, owner: PersonId, screen: Screen) {
        self.screen = screen;
        self.standing = Some((place.open(owner), place));
    }

    /// Gives the link away.
    pub(super) fn take(&mut self) -> Option<(LinkReader, LinkWriter)> {
        self.link.take()
    }

    pub(super) fn halves(&mut self) -> Option<(&mut LinkReader, &mut LinkWriter)> {
        self.link.as_mut().map(|(reader, writer)| (reader, writer))
    }

    /// The browser's next message. Safe to cancel.
    pub(super) async fn next(&mut self) -> Result<ClientSignal, LinkError> {
        loop {
            tokio::select! {
                signal = heard(&mut self.link) => match signal {
                    Err(error) => self.broken(error)?,
                    signal => return signal,
                },
                resumption = resumed(&mut self.standing) => {
                    tracing::info!("has a gateway again");
                    let Resumption { reader, writer, offer } = resumption;
                    self.link = Some((reader, writer));
                    let (sdp, screen) = (offer, self.screen);
                    return Ok(ClientSignal::Offer { sdp, screen, resume: None });
                }
            }
        }
    }

    /// What finds no gateway is for nobody: the next one gets an offer first.
    pub(super) async fn send(&mut self, signal: &ServerSignal) -> Result<(), LinkError> {
        let Some((_, writer)) = &mut self.link else {
            return Ok(());
        };
        match writer.send(signal).await {
            Err(error) => self.broken(error),
            Ok(()) => Ok(()),
        }
    }

    fn broken(&mut self, error: LinkError) -> Result<(), LinkError> {
        let is_gone = matches!(
            error,
            LinkError::Closed | LinkError::Io(_) | LinkError::Unread
        );
        if self.standing.is_none() || !is_gone {
            return Err(error);
        }
        tracing::info!(%error, "goes on without a gateway");
        self.link = None;
        Ok(())
    }
}

async fn heard(link: &mut Option<(LinkReader, LinkWriter)>) -> Result<ClientSignal, LinkError> {
    match link {
        Some((reader, _)) => reader.next().await,
        None => pending().await,
    }
}

async fn resumed(standing: &mut Option<(mpsc::Receiver<Resumption>, Place)>) -> Resumption {
    if let Some((resumptions, _)) = standing
        && let Some(resumption) = resumptions.recv().await
    {
        return resumption;
    }
    pending().await
}
