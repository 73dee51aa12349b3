//! Tells sound from silence.

use std::time::Duration;

use super::slices::SLICE;

/// Longer than pauses within sound, so that those are sent as they are.
const PAUSE: Duration = Duration::from_secs(2);

/// What a slice is, with what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    Sound,
    /// Silence that may be a part of the sound before it.
    Pause,
    /// Silence that lasts.
    Silence,
}

/// Hears digital silence only: samples that are all zero, as of a program that plays nothing.
#[derive(Debug, Default)]
pub(super) struct Ear {
    silent: Duration,
}

impl Ear {
    /// `slice` is the next 10 ms.
    pub(super) fn hear(&mut self, slice: &[u8]) -> Hearing {
        if slice.iter().any(|&byte| byte != 0) {
            self.silent = Duration::ZERO;
            return Hearing::Sound;
        }
        self.silent = self.silent.saturating_add(SLICE);
        if self.silent < PAUSE {
            Hearing::Pause
        } else {
            Hearing::Silence
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_lasts_once_it_is_longer_than_a_pause() {
        let mut ear = Ear::default();
        assert_eq!(ear.hear(&[0, 0, 1, 0]), Hearing::Sound);
        let slices = (PAUSE.as_millis() / SLICE.as_millis()) as usize;
        for _ in 1..slices {
            assert_eq!(ear.hear(&[0; 4]), Hearing::Pause);
        }
        assert_eq!(ear.hear(&[0; 4]), Hearing::Silence);
        assert_eq!(ear.hear(&[0; 4]), Hearing::Silence);
    }

    #[test]
    fn any_sample_ends_silence() {
        let mut ear = Ear::default();
        while ear.hear(&[0; 4]) != Hearing::Silence {}
        assert_eq!(ear.hear(&[0, 0, 0, 1]), Hearing::Sound);
        assert_eq!(ear.hear(&[0; 4]), Hearing::Pause);
    }
}
