//! Numbers that are the same in every run, for made logs and panics.

/// A small generator of numbers (splitmix64), so that every run makes the same logs.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, ceiling: usize) -> usize {
        (self.roll() % ceiling as u64) as usize
    }

    /// Small numbers often, great ones seldom, as templates and users are in real logs.
    pub fn skewed(&mut self, ceiling: usize) -> usize {
        let weights: f64 = (1..=ceiling).map(|rank| 1.0 / rank as f64).sum();
        let mut left = self.roll() as f64 / u64::MAX as f64 * weights;
        for rank in 1..=ceiling {
            left -= 1.0 / rank as f64;
            if left <= 0.0 {
                return rank - 1;
            }
        }
        ceiling - 1
    }

    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.skewed(list.len())]
    }
}
