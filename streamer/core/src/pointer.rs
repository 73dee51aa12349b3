//! One viewer's pointer moves, which come unordered and with gaps.

#[derive(Debug, Default)]
pub(crate) struct Pointer {
    newest: Option<u32>,
    /// The sums of the distances that were carried out.
    right: i32,
    down: i32,
}

impl Pointer {
    /// Whether the move is newer than all before.
    pub(crate) fn is_new(&mut self, seq: u32) -> bool {
        // The number wraps, so "newer" is "less than half the range ahead".
        let is_new = self
            .newest
            .is_none_or(|newest| seq.wrapping_sub(newest).wrapping_sub(1) < u32::MAX / 2);
        if is_new {
            self.newest = Some(seq);
        }
        is_new
    }

    /// How far to go to these sums. What is too far for one move is lost: no hand is as quick.
    pub(crate) fn distance(&mut self, right: i32, down: i32) -> (i16, i16) {
        let distance = (
            nearest(right.wrapping_sub(self.right)),
            nearest(down.wrapping_sub(self.down)),
        );
        (self.right, self.down) = (right, down);
        distance
    }
}

fn nearest(distance: i32) -> i16 {
    let most = i32::from(i16::MAX);
    i16::try_from(distance.clamp(-most, most)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_move_is_made_up_for_by_the_next() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.distance(5, -3), (5, -3));
        assert_eq!(pointer.distance(25, -3), (20, 0));
        assert_eq!(pointer.distance(20, 0), (-5, 3));
    }

    #[test]
    fn sums_wrap_and_jumps_are_bounded() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.distance(i32::MAX, i32::MIN + 1), (32767, -32767));
        assert_eq!(pointer.distance(i32::MIN, i32::MIN + 1), (1, 0));
    }

    #[test]
    fn a_move_that_was_overtaken_is_old_even_where_the_numbers_wrap() {
        let mut pointer = Pointer::default();
        assert!(pointer.is_new(u32::MAX - 1));
        assert!(pointer.is_new(1));
        assert!(!pointer.is_new(u32::MAX));
        assert!(!pointer.is_new(1));
        assert!(pointer.is_new(2));
    }
}
