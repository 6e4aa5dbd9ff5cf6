//! Safe requests of stable's traffic, kept in memory alone, a few of which go into each round of probes.

use std::collections::VecDeque;

use super::probing::{Ask, Verdict, Verdicts};
use crate::edge::link::Sample;

/// Requests kept, the newest of different addresses.
const KEPT: usize = 64;
/// Requests asked again in a round, so that a round adds little to the load.
const IN_A_ROUND: usize = 3;
/// Differences kept to be shown.
const SHOWN: usize = 5;

#[derive(Default)]
pub struct Replay {
    kept: VecDeque<Sample>,
    /// Differences that are no errors.
    pub differs: Vec<String>,
    /// What kept the last round from being green.
    pub trouble: Option<String>,
}

impl Replay {
    pub fn keep(&mut self, samples: Vec<Sample>) {
        for sample in samples {
            self.kept.retain(|known| known.path != sample.path || known.method != sample.method);
            self.kept.push_back(sample);
        }
        while self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Those whose turn it is.
    pub fn due(&mut self) -> Vec<Ask> {
        let many = self.kept.len().min(IN_A_ROUND);
        let due: Vec<Sample> = self.kept.iter().take(many).cloned().collect();
        self.kept.rotate_left(many);
        due.into_iter().map(Ask::Replay).collect()
    }

    /// Note what differs, without what was noted before.
    pub fn note(&mut self, verdicts: &Verdicts) {
        self.trouble =
            verdicts.iter().find_map(|(check, verdict)| Some(format!("{check}: {}", verdict.trouble()?)));
        for (_, verdict) in verdicts {
            let Verdict::Differs(words) = verdict else { continue };
            let address = |words: &str| words.split(": ").next().unwrap_or_default().to_owned();
            self.differs.retain(|known| address(known) != address(words));
            self.differs.push(words.clone());
        }
        let beyond = self.differs.len().saturating_sub(SHOWN);
        self.differs.drain(..beyond);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_kept_once_and_all_get_their_turn() {
        let mut replay = Replay::default();
        let sample = |path: &str| Sample { method: "GET".into(), path: path.into(), headers: Vec::new() };
        replay.keep(["/a", "/b", "/a", "/c", "/d"].map(sample).into());
        let mut asked: Vec<String> = Vec::new();
        for _ in 0..2 {
            asked.extend(replay.due().into_iter().filter_map(|ask| match ask {
                Ask::Replay(sample) => Some(sample.path),
                _ => None,
            }));
        }
        assert_eq!(asked, ["/b", "/a", "/c", "/d", "/b", "/a"]);
        for number in 0..20 {
            replay.note(&vec![("replay".into(), Verdict::Differs(format!("GET /{}: x", number % 7)))]);
        }
        assert_eq!(replay.differs.len(), SHOWN);
    }
}
