//! From wheel movement to the wheel buttons of X.

/// X buttons 4 to 7 are one notch up, down, left and right.
const UP: u8 = 4;
const DOWN: u8 = 5;
const LEFT: u8 = 6;
const RIGHT: u8 = 7;
/// Wheel units in a notch.
const NOTCH: i32 = 120;
/// The most notches one message can turn, so that an absurd one cannot flood the X server.
const MAX_NOTCHES: i32 = 32;

/// Collects movement until it is a whole notch.
#[derive(Debug, Default)]
pub(crate) struct Wheel {
    x: i32,
    y: i32,
}

impl Wheel {
    /// Takes a movement in 120ths of a notch; gives the buttons to click, and how often.
    pub(crate) fn turn(&mut self, dx: i32, dy: i32) -> [(u8, u32); 2] {
        let horizontal = notches(&mut self.x, dx);
        let vertical = notches(&mut self.y, dy);
        [
            (
                if horizontal < 0 { LEFT } else { RIGHT },
                horizontal.unsigned_abs(),
            ),
            (
                if vertical < 0 { UP } else { DOWN },
                vertical.unsigned_abs(),
            ),
        ]
    }
}

fn notches(sum: &mut i32, delta: i32) -> i32 {
    // Turning back starts afresh, or the first notch back would come late.
    if *sum != 0 && (delta < 0) != (*sum < 0) && delta != 0 {
        *sum = 0;
    }
    let total = sum
        .saturating_add(delta)
        .clamp(-MAX_NOTCHES * NOTCH, MAX_NOTCHES * NOTCH);
    *sum = total % NOTCH;
    total / NOTCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_movements_add_up_to_a_notch() {
        let mut wheel = Wheel::default();
        let clicks: Vec<u32> = (0..6).map(|_| wheel.turn(0, 40)[1].1).collect();
        assert_eq!(clicks, [0, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn turning_back_counts_at_once() {
        let mut wheel = Wheel::default();
        assert_eq!(wheel.turn(0, 100)[1], (DOWN, 0));
        assert_eq!(wheel.turn(0, -120)[1], (UP, 1));
    }

    #[test]
    fn absurd_movements_are_bounded() {
        let mut wheel = Wheel::default();
        assert_eq!(wheel.turn(i32::MIN, i32::MAX), [(LEFT, 32), (DOWN, 32)]);
        assert_eq!(wheel.turn(i32::MAX, i32::MIN), [(RIGHT, 32), (UP, 32)]);
    }
}
