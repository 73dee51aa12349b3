//! What a server that comes later has to know: of each kind of event the last one.

use crate::order::Event;

#[derive(Debug, Default)]
pub(super) struct History {
    started: Option<Event>,
    sound: Option<Event>,
    /// That it could be seen, and how.
    shown: Option<Event>,
    /// That the streamer went down since.
    down: Option<Event>,
}

impl History {
    pub(super) fn note(&mut self, event: &Event) {
        let place = match event {
            Event::Started { .. } => &mut self.started,
            Event::SoundFailed { .. } => &mut self.sound,
            Event::Ready { .. } | Event::StreamerLate { .. } => {
                self.down = None;
                &mut self.shown
            }
            Event::StreamerRestarted { .. } => &mut self.down,
            // Nothing comes after them.
            Event::Failed { .. } | Event::Ended { .. } => return,
        };
        *place = Some(event.clone());
    }

    /// In an order in which they may have happened.
    pub(super) fn events(&self) -> Vec<Event> {
        [&self.started, &self.sound, &self.shown, &self.down]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind_the_last_is_told_and_a_streamer_that_is_up_again_is_not_down() {
        let ready = |encoder: &str| Event::Ready {
            encoder: encoder.into(),
            reason: String::new(),
        };
        let down = Event::StreamerRestarted {
            reason: "signal 9".into(),
        };
        let sound = Event::SoundFailed {
            message: "no device".into(),
        };
        let mut history = History::default();
        for event in [&ready("a"), &down, &sound] {
            history.note(event);
        }
        assert_eq!(history.events(), [sound.clone(), ready("a"), down]);
        history.note(&ready("b"));
        assert_eq!(history.events(), [sound, ready("b")]);
    }
}
