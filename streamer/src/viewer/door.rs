//! How a viewer comes in: the room says whether, and in which role.

use streamspace_protocol::{LinkHello, Role, Screen, ServerSignal, ViewerId};
use streamspace_streamer_core::Input;
use tokio::sync::oneshot;

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
    pub(super) fn welcome(&self) -> ServerSignal {
        ServerSignal::Welcome {
            session: self.context.session.clone(),
            viewer: self.hello.viewer,
            role: self.role,
            display: *self.context.display.borrow(),
            ice_servers: self.context.ice.servers.clone(),
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

/// Keeps the place of a viewer who sees the desktop by VNC.
pub(super) async fn attend(
    door: &Door<'_>,
    exit: &mut Exit,
    reader: &mut LinkReader,
    writer: &mut LinkWriter,
) -> Ending {
    let joined = RoomEvent::Input(door.joined(Screen::First));
    if let Err(error) = writer.send(&door.welcome()).await {
        return error.into();
    }
    if door.context.room.send(joined).await.is_err() {
        return Ending::RoomClosed;
    }
    tokio::select! {
        ending = exit.wait() => ending,
        // Whatever is said on such a link, it says that the viewer is gone.
        signal = reader.next() => signal.map_or_else(Ending::from, |_bye| Ending::Left),
    }
}
