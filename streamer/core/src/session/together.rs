//! What a session does because several people are in it.

use std::time::Instant;

use streamspace_protocol::{Code, Role, Secret, ServerMessage, ShareId, ViewerId, ViewerPath};

use super::Session;
use crate::{
    chat::Unwritten,
    io::{Expulsion, Output},
    memory::Memory,
};

impl Session {
    /// What the next streamer is to know, should this one crash.
    pub fn memory(&self, now: Instant) -> Memory {
        Memory {
            decisions: self.people.decisions().clone(),
            chat: self.chat.history(now).concat(),
        }
    }

    /// Whoever loses control lets go of what they hold.
    pub(super) fn set_role(&mut self, by: ViewerId, to: ViewerId, role: Role) {
        for viewer in self.people.set_role(by, to, role) {
            if !self.has_control(viewer) {
                self.let_go(viewer);
            }
            if self.people.path(viewer) == Some(ViewerPath::Vnc) {
                self.expel(vec![viewer], Expulsion::RoleChanged);
            }
        }
        self.close_second();
    }

    pub(super) fn revoked(&mut self, share: ShareId) {
        let guests = self.people.revoke(share);
        self.expel(guests, Expulsion::ShareRevoked);
        self.outputs.push_back(Output::Remember);
    }

    /// From this moment on they do nothing more, however long their connections take to end.
    pub(super) fn expel(&mut self, viewers: Vec<ViewerId>, why: Expulsion) {
        for viewer in viewers {
            self.left(viewer);
            self.outputs.push_back(Output::Expel { viewer, why });
        }
    }

    pub(super) fn chat(&mut self, viewer: ViewerId, text: &Secret, now: Instant) {
        let Some(person) = self.people.get(viewer) else {
            return;
        };
        match self.chat.write(viewer, person.name.clone(), text, now) {
            Ok(line) => {
                self.send_all(&ServerMessage::Chat { lines: vec![line] });
                self.outputs.push_back(Output::Remember);
            }
            Err(Unwritten::Empty) => {}
            Err(Unwritten::TooFast) => self.send(
                viewer,
                ServerMessage::Notice {
                    code: Code::LimitReached,
                    message: "That line was not sent: you write faster than others can read. \
                        Wait a moment."
                        .into(),
                },
            ),
        }
    }

    /// Tells everyone who is here, if that has changed.
    pub(super) fn tell_people(&mut self, now: Instant) {
        let Some(people) = self.people.take(now) else {
            return;
        };
        self.outputs.push_back(Output::Remember);
        let viewers: Vec<ViewerId> = self.viewers.keys().copied().collect();
        for you in viewers {
            let people = people.clone();
            self.send(you, ServerMessage::People { you, people });
        }
    }
}
