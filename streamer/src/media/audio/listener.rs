//! What the sound's thread does: hear, and encode what is to be heard.

use std::{convert::Infallible, time::Instant};

use super::{
    AudioError,
    encoder::Encoder,
    recording::{Event, Pace, Recording},
    silence::{Ear, Hearing},
    slices::{Continuity, Slices},
};
use crate::media::MediaSenders;

#[derive(Debug)]
pub(super) struct Listener {
    recording: Recording,
    sound: Sounds,
}

impl Listener {
    pub(super) fn new(recording: Recording, generation: u64, senders: MediaSenders) -> Self {
        Self {
            recording,
            sound: Sounds {
                generation,
                senders,
                slices: Slices::default(),
                ear: Ear::default(),
                encoder: None,
            },
        }
    }

    /// Returns when the recording or the encoder fails.
    pub(super) fn listen(&mut self) -> Result<Infallible, AudioError> {
        loop {
            match self.recording.next()? {
                Event::Recorded(fragment) => {
                    let heard = self.sound.add(fragment, Instant::now())?;
                    self.keep_pace(heard)?;
                }
                Event::Suspended => {
                    self.sound.end();
                    self.recording.set_pace(Pace::Prompt)?;
                }
            }
        }
    }

    fn keep_pace(&mut self, heard: Option<Hearing>) -> Result<(), AudioError> {
        match heard {
            Some(Hearing::Sound) => self.recording.set_pace(Pace::Prompt)?,
            Some(Hearing::Silence) => self.recording.set_pace(Pace::Relaxed)?,
            Some(Hearing::Pause) | None => {}
        }
        Ok(())
    }
}

/// Stretches of sound, one after the other.
#[derive(Debug)]
struct Sounds {
    generation: u64,
    senders: MediaSenders,
    slices: Slices,
    ear: Ear,
    /// Of the present one.
    encoder: Option<Encoder>,
}

impl Sounds {
    /// Returns what was heard last.
    fn add(&mut self, fragment: &[u8], now: Instant) -> Result<Option<Hearing>, AudioError> {
        if self.slices.add(fragment, now) == Continuity::BeginsAnew {
            self.encoder = None;
        }
        let mut heard = None;
        while let Some((played, slice)) = self.slices.next() {
            let hearing = self.ear.hear(&slice);
            self.encode(hearing, played, slice)?;
            heard = Some(hearing);
        }
        Ok(heard)
    }

    fn encode(
        &mut self,
        hearing: Hearing,
        played: Instant,
        slice: Vec<u8>,
    ) -> Result<(), AudioError> {
        if hearing == Hearing::Silence {
            self.encoder = None;
        }
        if hearing == Hearing::Sound && self.encoder.is_none() {
            self.encoder = Some(Encoder::start(played, self.generation, &self.senders)?);
        }
        match &mut self.encoder {
            Some(encoder) => encoder.encode(slice),
            None => Ok(()),
        }
    }

    /// Whatever comes next is another sound, at another time.
    fn end(&mut self) {
        self.encoder = None;
        self.slices = Slices::default();
        self.ear = Ear::default();
    }
}
