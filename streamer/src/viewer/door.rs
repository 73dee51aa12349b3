//! How a viewer comes in: the room says whether, and in which role.

use jiff::Timestamp;
use streamspace_protocol::{
    ClipboardKind, ClipboardPolicy, LinkHello, MAX_COPIED_BYTES, Role, Screen, Secret,
    ServerSignal, ViewerId,
};
use streamspace_streamer_core::{ClipboardContent, Input};
use tokio::sync::{oneshot, watch};

use super::{Ending, ViewerContext, exit::Exit};
use crate::{
    link::{LinkReader, LinkWriter},
    room::{Entering, RoomEvent},
};

/// A viewer that has been let in.
pub(super) struct Door<'a> {
    pub(super) viewer: ViewerId,
    pub(super) hello: &'a LinkHello,
    /// In which it came in.
    pub(super) role: Role,
    pub(super) context: &'a ViewerContext,
}

impl Door<'_> {
    /// With the key by which the connection goes on without this gateway, if there is one.
    pub(super) fn welcome(&self, resume: Option<Secret>) -> ServerSignal {
        ServerSignal::Welcome {
            session: self.context.session.clone(),
            viewer: self.hello.viewer,
            role: self.role,
            display: *self.context.display.borrow(),
            ice_servers: self.context.ice.servers.clone(),
            resume,
        }
    }

    pub(super) fn joined(&self, screen: Screen) -> Input {
        Input::Joined {
            viewer: self.viewer,
            role: self.hello.role,
            person: self.hello.person.clone(),
            path: self.hello.path,
            screen,
        }
    }
}

/// Asks the room whether the viewer may come in, and in which role.
pub(super) async fn enter(
    viewer: ViewerId,
    hello: &LinkHello,
    context: &ViewerContext,
) -> Result<(Role, Exit), Ending> {
    let ticket = hello.ticket;
    if ticket.is_some_and(|ticket| !context.tickets.take(ticket, Timestamp::now())) {
        return Err(Ending::TicketUsed);
    }
    let (exit, expelled) = oneshot::channel();
    let (admitted, admission) = oneshot::channel();
    let entering = Entering {
        viewer,
        person: hello.person.clone(),
        granted: hello.role,
        exit,
        admitted,
    };
    let asked = context.room.send(RoomEvent::Enter(entering)).await;
    asked.map_err(|_| Ending::RoomClosed)?;
    let admission = admission.await.map_err(|_| Ending::RoomClosed)?;
    let role = admission.map_err(Ending::Expelled)?;
    Ok((role, Exit::new(expelled, &hello.person)))
}

/// Keeps the place of a viewer who sees the desktop by VNC, and tells it what programs copy.
pub(super) async fn attend(
    door: &Door<'_>,
    exit: &mut Exit,
    reader: &mut LinkReader,
    writer: &mut LinkWriter,
) -> Ending {
    let (clipboard, contents) = watch::channel(None);
    let room = &door.context.room;
    if let Err(error) = writer.send(&door.welcome(None)).await {
        return error.into();
    }
    let joined = RoomEvent::Input(door.joined(Screen::First));
    for event in [RoomEvent::Attends(door.viewer, clipboard), joined] {
        if room.send(event).await.is_err() {
            return Ending::RoomClosed;
        }
    }
    tokio::select! {
        ending = exit.wait() => ending,
        // Whatever is said on such a link, it says that the viewer is gone.
        signal = reader.next() => signal.map_or_else(Ending::from, |_bye| Ending::Left),
        ending = tell_copied(contents, &door.context.clipboard, writer) => ending,
    }
}

/// Passes on the newest text that a program has copied, as far as the policy lets it out.
async fn tell_copied(
    mut contents: watch::Receiver<Option<ClipboardContent>>,
    policy: &ClipboardPolicy,
    writer: &mut LinkWriter,
) -> Ending {
    while contents.changed().await.is_ok() {
        let content = contents.borrow_and_update().clone().unwrap_or_default();
        let allowed = if policy.to_browser {
            content.allowed(policy)
        } else {
            ClipboardContent::default()
        };
        let Some(text) = allowed.get(ClipboardKind::Text) else {
            continue;
        };
        let text = String::from_utf8_lossy(text);
        for (piece, last) in pieces(&text) {
            let text = Secret::new(piece);
            if let Err(error) = writer.send(&ServerSignal::Copied { text, last }).await {
                return error.into();
            }
        }
    }
    Ending::RoomClosed
}

/// The text in pieces that fit a message each, and whether each is the last.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > MAX_COPIED_BYTES {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_COPIED_BYTES));
        pieces.push((piece, false));
        rest = after;
    }
    pieces.push((rest, true));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_in_pieces_that_cut_no_character() {
        let text = "é".repeat(MAX_COPIED_BYTES + 1);
        let pieces = pieces(&text);
        assert_eq!(pieces.len(), 3);
        assert!(
            pieces
                .iter()
                .all(|(piece, _)| piece.len() <= MAX_COPIED_BYTES)
        );
        let whole: String = pieces.iter().map(|(piece, _)| *piece).collect();
        assert_eq!(whole, text);
        let lasts: Vec<bool> = pieces.iter().map(|&(_, last)| last).collect();
        assert_eq!(lasts, [false, false, true]);
    }
}
