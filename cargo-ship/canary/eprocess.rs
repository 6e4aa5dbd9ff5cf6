//! Does one slot fail more often than the other: an e-process on failures only.
//!
//! **Statistic.** If the canary fails `r = p_c/p_s` times as often as stable, a failure is the canary's with
//! probability `w·r / (1 + w(r−1))`, where `w` is the weight units were assigned by, whatever the rates are
//! and however they move. So the likelihood ratio of `r` against `ρ` is, in logarithms and summed over
//! ticks with `k_c` and `k_s` failed units, `L_r += k_c·ln(r/ρ) − (k_c+k_s)·ln[(1+w(r−1)) / (1+w(ρ−1))]`,
//! and `E` is the weighted mean of `exp(L_r)` over a grid of ratios, with weights fixed before any data. A tick without failures changes nothing.
//!
//! **Why it may be looked at whenever one likes.** A unit that does not fail has the factor 1. One that fails
//! has a factor whose mean, given the past and that it fails, is exactly 1 at `p_c/p_s = ρ`, and less below
//! where the grid's ratios are above `ρ`. A product of such factors is a nonnegative supermartingale that
//! starts at 1, and so is a mean of them; by Ville's inequality it ever reaches `1/α` with probability at
//! most `α`. With ratios below `ρ` the same holds for the null `p_c/p_s >= ρ`.
//!
//! `w` is the weight that was drawn with, not the share `n_c/(n_c+n_s)` a tick happened to get: that share
//! is as valid for many units in a tick, but with few it is 0 or 1 most of the time, and says nothing then.
//!
//! **Unit**: what was randomised, see [`super::counts::Counts`].
//!
//! **Assumptions**: a unit's slot is drawn by the weight alone, independently of the unit and of the past;
//! whether it fails does not depend on which slot other units went to. Failures may clump, and an outage of
//! both slots cancels. A failure is booked in the tick of its assignment when it becomes known; where those
//! of one slot become known later than the other's, `E` is off by what is in flight, and catches up.
//!
//! **Sources**: Lindon & Malek, arXiv 2011.03567; Lindon et al., KDD 2022, arXiv 2205.14762; Turner, Ly &
//! Grünwald, arXiv 2106.02693; Howard & Ramdas, arXiv 1906.09712.

/// What is asked of the ratio of the two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// The null is that the canary fails at most `rho` times as often (at least, for grids below 1).
    pub rho: f64,
    /// Ratios of the alternative, in units of `rho`, and how much each weighs in the mean.
    pub grid: &'static [(f64, f64)],
    /// No ratio of rates can be more than this, in units of 1.
    pub most: f64,
}

impl Question {
    /// Possible ratios and their weights.
    fn ratios(self) -> impl Iterator<Item = (f64, f64)> {
        self.grid
            .iter()
            .map(move |(step, weight)| (self.rho * step, *weight))
            .filter(move |(ratio, _)| *ratio <= self.most)
    }
}

/// Failed units of one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tick {
    /// The weight they were assigned by, between 0 and 1.
    pub weight: f64,
    pub canary: u64,
    pub stable: u64,
}

/// A ratio of the grid, its share of the mean, and its running sum.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    ratio: f64,
    share: f64,
    sum: f64,
}

/// The running sums, one for each ratio of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct EProcess {
    rho: f64,
    parts: Vec<Part>,
}

impl EProcess {
    pub fn new(question: Question) -> Self {
        let whole: f64 = question.ratios().map(|(_, weight)| weight).sum();
        let part = |(ratio, weight)| Part { ratio, share: weight / whole, sum: 0.0 };
        Self { rho: question.rho, parts: question.ratios().map(part).collect() }
    }

    /// Take in a tick.
    pub fn add(&mut self, tick: Tick) {
        self.revise(Tick::default(), tick);
    }

    /// Put what is known of a tick now in the place of what was known before.
    pub fn revise(&mut self, before: Tick, now: Tick) {
        let silent = |tick: Tick| tick.canary + tick.stable == 0;
        if before == now || (silent(before) && silent(now)) {
            return;
        }
        for part in &mut self.parts {
            part.sum += gain(self.rho, part.ratio, now) - gain(self.rho, part.ratio, before);
        }
    }

    /// The logarithm of `E`.
    pub fn log(&self) -> f64 {
        log_mixture(self.parts.iter().map(|part| (part.share, part.sum)))
    }
}

/// The logarithm of the likelihood ratio of `ratio` against `rho`, given which failures there were.
fn gain(rho: f64, ratio: f64, tick: Tick) -> f64 {
    let failed = tick.canary + tick.stable;
    let decides = tick.weight > 0.0 && tick.weight < 1.0;
    if failed == 0 || !decides {
        return 0.0;
    }
    let expected = (1.0 + tick.weight * (ratio - 1.0)) / (1.0 + tick.weight * (rho - 1.0));
    tick.canary as f64 * (ratio / rho).ln() - failed as f64 * expected.ln()
}

/// `ln Σ weight·exp(log)`, computed so that nothing overflows; minus infinity of nothing.
pub fn log_mixture(parts: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let top = parts.clone().map(|(_, log)| log).fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + parts.map(|(weight, log)| weight * (log - top).exp()).sum::<f64>().ln()
}

/// `exp`, at most the greatest number, so that it can be written down.
pub fn number(log: f64) -> f64 {
    log.exp().min(f64::MAX)
}
