//! Is the canary good enough: a test martingale against the highest failure rate allowed.
//!
//! **Statistic.** Against the null `p_c >= p_max`, `F = Σ_q π_q ∏ (q/p_max)^failed·((1−q)/(1−p_max))^ok`
//! over a grid of rates `q < p_max`. Under the null each unit's factor has a mean of at most 1, so `F` is a
//! nonnegative supermartingale that starts at 1; it ever reaches `1/β` with probability at most `β`, and the
//! canary is certified there. With the grid below and `β = 1 %`, some 565 units without a failure certify
//! 1 %, and some 870 with one.
//!
//! Where stable itself fails more than `p_max` no canary could be certified so, and its being no worse is
//! all that can be asked: [`exceeds`] first shows `p_s > p_max` by the same martingale with rates above
//! `p_max`, and `G`, the e-process of [`super::eprocess`] turned round with ratios below `ρ = 1.5`, then
//! shows `p_c < 1.5·p_s`.
//!
//! **Unit**: see [`super::counts::Counts`]; only units whose end is known count, in the order of their
//! assignment, see [`super::evidence`].
//!
//! **Assumptions**: given the past, a unit of the canary fails with a probability that under the null is at
//! least `p_max`. Unlike `E` this is no comparison: units that fail in clumps which have not come yet are not
//! foreseen by it, which is why a minimum time stands beside it.
//!
//! **Sources**: Howard & Ramdas, arXiv 1906.09712; Waudby-Smith & Ramdas, arXiv 2010.09686 (mixtures of
//! such products); Ville 1939.

use super::counts::Counts;
use super::eprocess::{Question, log_mixture};

/// Rates at which the canary would be good enough, in units of `p_max`; each weighs as much.
pub const GOOD: [f64; 6] = [0.0, 0.1, 0.2, 0.35, 0.55, 0.8];
/// Rates at which stable would be too bad, in units of `p_max`.
const BAD: [f64; 5] = [1.5, 2.0, 3.0, 6.0, 20.0];
/// `G`: the canary is shown to fail less than this many times as often as stable.
pub const NO_WORSE: Question = Question {
    rho: 1.5,
    grid: &[(0.1, 1.0), (0.3, 1.0), (0.5, 1.0), (2.0 / 3.0, 1.0), (0.8, 1.0)],
    most: 1.5,
};

/// The logarithm of `F`.
pub fn log_f(max: f64, canary: Counts) -> f64 {
    log_mixture(GOOD.iter().map(|part| (1.0 / GOOD.len() as f64, gain(max, part * max, canary))))
}

/// The logarithm of the evidence that a slot fails more often than `max`.
pub fn log_exceeds(max: f64, slot: Counts) -> f64 {
    let rates = BAD.iter().map(move |times| (times * max).min(0.5 + max / 2.0));
    log_mixture(rates.map(|rate| (1.0 / BAD.len() as f64, gain(max, rate, slot))))
}

/// Whether a slot is shown to fail more often than `max`.
pub fn exceeds(max: f64, alpha: f64, slot: Counts) -> bool {
    log_exceeds(max, slot) >= -alpha.ln()
}

/// How many more units without a failure would certify.
pub fn clean_units_missing(max: f64, alpha: f64, so_far: Counts) -> u64 {
    let bound = -alpha.ln();
    let certifies = |more: u64| log_f(max, Counts { ok: so_far.ok + more, ..so_far }) >= bound;
    if certifies(0) {
        return 0;
    }
    let mut enough = 1;
    while !certifies(enough) {
        // Some grid rate lies below `max`, so enough clean units always certify.
        enough *= 2;
    }
    let mut short = enough / 2;
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if certifies(middle) { enough = middle } else { short = middle }
    }
    enough
}

/// The logarithm of the likelihood ratio of the rate `q` against `max`.
fn gain(max: f64, q: f64, slot: Counts) -> f64 {
    // ln 0 is minus infinity, and no failure times it is not a number.
    let failed = if slot.failed == 0 { 0.0 } else { slot.failed as f64 * (q / max).ln() };
    failed + slot.ok as f64 * ((1.0 - q) / (1.0 - max)).ln()
}
