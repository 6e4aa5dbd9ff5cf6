//! A request of stable's traffic asked again, of both slots: whether the canary fails where stable does not.
//!
//! Only an error of the canary's (500 or above, or no whole answer) that comes again and again while stable
//! answers counts against it. Any other difference is shown to people: a release is made to differ. What
//! differs between two answers of stable itself is no difference, nor are dates, times, and ids.

use std::sync::OnceLock;
use std::time::Duration;

use factory::storage::http::{Answer, ask};
use factory::types::intent::Http;
use regex::Regex;

use super::{Ask, HEADER, PAUSE, REPETITIONS, Round, Seen, Verdict};
use crate::edge::link::Sample;

const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a difference is shown.
const SHOWN: usize = 60;

pub fn judge(round: &Round, sample: &Sample) -> Verdict {
    let Some(stable) = round.stable else { return Verdict::Right };
    let Ok(expected) = answer(stable, sample) else { return Verdict::Right };
    let seen = match answer(round.canary, sample) {
        Ok(seen) => return difference(sample, &expected, &seen, stable),
        Err(seen) => seen,
    };
    let reason = seen.wrong.clone().unwrap_or_default();
    let right = Seen { wrong: None, answer: Some(expected) };
    let failure = round.failure(&Ask::Replay(sample.clone()), &seen, reason, Some(&right));
    for _ in 0..REPETITIONS {
        std::thread::sleep(PAUSE);
        if answer(round.canary, sample).is_ok() {
            return Verdict::Unsteady(failure);
        }
        if answer(stable, sample).is_err() {
            return Verdict::BothWrong(failure);
        }
    }
    Verdict::Wrong(failure)
}

/// An answer below 500, or what was wrong.
fn answer(port: u16, sample: &Sample) -> Result<Answer, Seen> {
    let mut headers: std::collections::BTreeMap<String, String> = sample.headers.iter().cloned().collect();
    headers.insert(HEADER.into(), "replay".into());
    let http = Http {
        method: sample.method.clone(),
        path: sample.path.clone(),
        status: 200,
        headers,
        body: None,
        contains: None,
        schema: None,
    };
    match ask(&format!("http://127.0.0.1:{port}"), &http, None, PATIENCE) {
        Ok(answer) if answer.status < 500 => Ok(answer),
        Ok(answer) => Err(Seen { wrong: Some(format!("status {}", answer.status)), answer: Some(answer) }),
        Err(error) => Err(Seen::bare(Err(format!("{error:#}")))),
    }
}

fn difference(sample: &Sample, expected: &Answer, seen: &Answer, stable: u16) -> Verdict {
    let Some(words) = differs(expected, seen) else { return Verdict::Right };
    // Asked once more, stable may differ from itself as much.
    match answer(stable, sample) {
        Ok(again) if differs(expected, &again).is_none() => {
            Verdict::Differs(format!("{} {}: {words}", sample.method, sample.path))
        }
        _ => Verdict::Right,
    }
}

fn differs(stable: &Answer, canary: &Answer) -> Option<String> {
    if stable.status != canary.status {
        return Some(format!("status {} with stable, {} with the canary", stable.status, canary.status));
    }
    if stable.body == canary.body {
        return None;
    }
    let (stable, canary) = (masked(&stable.body), masked(&canary.body));
    let at = stable.chars().zip(canary.chars()).take_while(|(a, b)| a == b).count();
    let from = at.saturating_sub(12);
    let part = |text: &str| text.chars().skip(from).take(SHOWN).collect::<String>();
    (stable != canary).then(|| {
        format!("character {}: {:?} with stable, {:?} with the canary", at + 1, part(&stable), part(&canary))
    })
}

/// The text with what changes from one answer to the next taken out: dates and times, UUIDs, long
/// hexadecimal words, and numbers as long as a time since 1970.
fn masked(body: &[u8]) -> String {
    static CHANGING: OnceLock<Regex> = OnceLock::new();
    let changing = CHANGING.get_or_init(|| {
        let date = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?";
        let mail = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? \w{3} \d{4} \d\d:\d\d:\d\d(?: GMT| [+-]\d{4})?";
        let uuid = r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b";
        let clock = r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b";
        let ids = r"\b[0-9a-fA-F]{16,}\b|\b1\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?\b";
        // The pattern is a constant, and a test compiles it.
        Regex::new(&format!("{mail}|{uuid}|{date}|{clock}|{ids}")).expect("the pattern is well formed")
    });
    changing.replace_all(&String::from_utf8_lossy(body), "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.into(), took: Duration::ZERO }
    }

    #[test]
    fn dates_and_ids_are_no_difference_and_words_are() {
        let same = [
            ("at 2026-11-22T10:00:01.5Z", "at 2026-11-22T10:00:02Z"),
            ("id 6f1c2b3a-0000-4000-8000-00000000abcd", "id 00000000-0000-4000-8000-00000000abcd"),
            ("etag 0123456789abcdef0", "etag fedcba9876543210"),
            ("{\"t\":1795338567597}", "{\"t\":1795338567}"),
            ("Sun, 22 Nov 2026 10:00:00 GMT", "Mon, 23 Nov 2026 10:00:07 GMT"),
        ];
        for (a, b) in same {
            assert_eq!(differs(&answer(200, a), &answer(200, b)), None, "{a} {b}");
        }
        let words = differs(&answer(200, "total 12 euros"), &answer(200, "total 13 euros")).unwrap();
        assert!(words.starts_with("character 8: ") && words.contains("13 euros"), "{words}");
        assert!(differs(&answer(200, "x"), &answer(404, "x")).unwrap().contains("404 with the canary"));
    }
}
