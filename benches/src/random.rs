//! Random numbers that are the same in every run: Marsaglia's xorshift64.

/// A sequence that its seed determines.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero for ever.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 up to but not including 1.
    pub fn fraction(&mut self) -> f64 {
        const MANTISSA: u64 = 1 << 53;
        #[allow(clippy::cast_precision_loss)] // 53 bits fit exactly
        let (value, whole) = ((self.next() >> 11) as f64, MANTISSA as f64);
        value / whole
    }

    /// From 0 up to but not including `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        #[allow(clippy::cast_possible_truncation)] // the remainder is less than a u32
        let value = (self.next() % u64::from(end.max(1))) as u32;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            [(); 8].map(|()| random.below(1000))
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn fractions_spread_over_their_range() {
        let mut random = Random::new(1);
        let mean = (0..10_000).map(|_| random.fraction()).sum::<f64>() / 10_000.0;
        assert!((0.49..0.51).contains(&mean), "{mean}");
    }
}
