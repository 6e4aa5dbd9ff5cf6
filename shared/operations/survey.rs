//! Every item of the notes, folded a few notes at a time: what was told of is let go before the next, so
//! that a hundred thousand items take the memory of some hundred.
//!
//! An item whose events all hang in one note, and that no event ties to another, is the fold of that note's
//! lines. The others are folded together, last.

mod index;
mod scan;
mod told;

use anyhow::Result;

use crate::storage::notes;
use crate::storage::repo::Repo;
use crate::types::event::{self, Line};
use crate::types::item::fold::fold;
use crate::types::item::{Item, Items, Place};
pub use index::forget as forget_index;
use scan::Scan;
use told::{Telling, Told};

/// What there is to say of the notes as a whole.
#[derive(Debug, Default)]
pub struct Survey {
    pub items: usize,
    /// Of these, those that wait for the person.
    pub open: usize,
    /// What was done with the index; for `-v`.
    pub remark: Option<String>,
    /// Lines that cannot be read, and events whose id another has with other bytes; with the reason.
    pub oddities: Vec<(Line, String)>,
    /// As [`Items::short_length`].
    pub short_length: usize,
}

/// Show every item of `refs/notes/feedback` to `each`, in no order.
///
/// `settle` decides what the events of items alone do not tell, and says whether its answer stays as long as
/// the notes of releases do; where it may not, nothing is indexed.
///
/// # Errors
/// A repository that cannot be read, or what `settle` returns.
pub fn items(
    repo: &Repo,
    now_ms: u64,
    settle: impl Fn(&mut Items<'_>) -> Result<bool>,
    mut each: impl FnMut(&Item<'_>),
) -> Result<Survey> {
    all(repo, Telling { now_ms, most: None, settle: &settle, each: &mut each })
}

fn all(repo: &Repo, mut telling: Telling<'_>) -> Result<Survey> {
    let before = index::sources(repo)?;
    let notes = notes::all(repo, notes::FEEDBACK)?;
    let mut scan = Scan::default();
    scan.add(&notes, telling.now_ms);
    let (members, missing) = notes::members(repo, &scan.others)?;
    scan.add(&members, telling.now_ms);
    scan.gather();
    let whole = missing.is_empty();
    scan.others.extend(missing);
    let mut told = Told::default();
    told.survey(&scan, &mut telling)?;
    let mut survey = told.summary(&scan);
    if told.passing {
        survey.remark = Some("what is known of a release here may change: nothing is indexed".to_owned());
    } else if whole && scan.placed.len() >= index::FROM_LINES {
        let kept = told.kept(&scan, &survey, telling.now_ms);
        survey.remark = Some(indexed(repo, before, kept));
    }
    Ok(survey)
}

/// Keep an index of what was read after `before`, unless somebody wrote meanwhile; what there is to say.
fn indexed(repo: &Repo, before: Option<Vec<String>>, kept: index::Kept<'_>) -> String {
    let now = index::sources(repo);
    let same = now.as_ref().is_ok_and(|now| *now == before);
    match before.filter(|_| same).map(|sources| index::store(repo, sources, kept)) {
        Some(Ok(true)) => "the first open items are indexed".to_owned(),
        Some(Ok(false)) => "too much is tied together or odd for an index".to_owned(),
        Some(Err(error)) => format!("no index could be written: {error:#}"),
        None => "the notes were written meanwhile: nothing is indexed".to_owned(),
    }
}

/// Show the first `most` open items to `each`, and maybe others: from the index where one fits, else all.
///
/// # Errors
/// As of [`items`].
pub fn first_open(
    repo: &Repo,
    now_ms: u64,
    most: usize,
    settle: impl Fn(&mut Items<'_>) -> Result<bool>,
    mut each: impl FnMut(&Item<'_>),
) -> Result<Survey> {
    let most_told = Some(most.max(index::KEPT)).filter(|_| most > 0);
    let mut telling = Telling { now_ms, most: most_told, settle: &settle, each: &mut each };
    let Some(index::Index { head, lines }) = index::load(repo, now_ms)? else {
        return all(repo, telling);
    };
    let mut found = fold(&lines, now_ms);
    if !settle(&mut found)? {
        return all(repo, telling);
    }
    let open = found.by_id.values().filter(|item| item.status.is_open());
    let mut open: Vec<(Place, &str)> = open.map(|item| (item.place(now_ms), item.id)).collect();
    open.sort_unstable();
    // What is not in the index came behind the last that is, and time moves nothing forward.
    let last = found.by_id.get(&head.last).map(|item| (item.place(head.built_ms), item.id));
    let before = most > 0 && last.zip(open.get(most - 1)).is_some_and(|(last, shown)| *shown <= last);
    if head.open > index::KEPT && !before {
        return all(repo, telling);
    }
    found.by_id.values().for_each(&mut telling.each);
    Ok(Survey {
        items: head.items,
        open: head.open,
        oddities: event::oddities(&lines).into_iter().map(|(line, why)| (line.clone(), why)).collect(),
        short_length: head.short_length,
        remark: Some("read from the index".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::notes::Note;

    const NOW_MS: u64 = 1_790_000_000_000;

    /// Lines of a note from (item, operation, rest), ids counted on from `from`.
    fn note(commit: &str, from: u64, events: &[(&str, &str, &str)]) -> Note {
        let line = |(n, (item, op, rest)): (usize, &(&str, &str, &str))| {
            let id = ulid::Ulid::from_parts(NOW_MS + from + n as u64, 7);
            format!(r#"{{"id":"{id}","v":1,"item":"{item}","op":"{op}","t":"2026-11-22T00:00:00Z"{rest}}}"#)
                + "\n"
        };
        Note::new(commit, events.iter().enumerate().map(line).collect::<String>().into_bytes())
    }

    /// What is told of at most so many, sorted by place, and what there is to say of all.
    fn told(notes: &[Note], most: Option<usize>) -> (Vec<String>, Survey) {
        let mut told: Vec<(Place, String)> = Vec::new();
        let mut scan = Scan::default();
        scan.add(notes, NOW_MS);
        scan.gather();
        let mut all = Told::default();
        let each = &mut |item: &Item<'_>| told.push((item.place(NOW_MS), format!("{item:?}")));
        let mut telling = Telling { now_ms: NOW_MS, most, settle: &|_| Ok(true), each };
        all.survey(&scan, &mut telling).unwrap();
        told.sort();
        (told.into_iter().map(|(_, item)| item).collect(), all.summary(&scan))
    }

    /// What is told in parts is what the fold of all lines tells.
    #[track_caller]
    fn same(notes: &[Note]) -> Survey {
        let lines: Vec<Line> = notes.iter().flat_map(Note::read).collect();
        let whole = fold(&lines, NOW_MS);
        let show = |item: &Item<'_>| (item.place(NOW_MS), format!("{item:?}"));
        let mut wanted: Vec<(Place, String)> = whole.by_id.values().map(show).collect();
        wanted.sort();
        let wanted: Vec<String> = wanted.into_iter().map(|(_, item)| item).collect();
        let open = whole.by_id.values().filter(|item| item.status.is_open()).count();
        let (all, survey) = told(notes, None);
        assert_eq!(all, wanted);
        for most in [1, 2, 3, 50, wanted.len() + 1] {
            let (first, of_first) = told(notes, Some(most));
            // Others may be told as well, behind them or not open.
            let most = most.min(open);
            assert_eq!(first[..most], wanted[..most]);
            for survey in [&survey, &of_first] {
                assert_eq!((survey.items, survey.open), (whole.by_id.len(), open));
                assert_eq!(survey.short_length, whole.short_length());
                assert_eq!(survey.oddities.len(), event::oddities(&lines).len());
            }
        }
        survey
    }

    #[test]
    fn items_in_one_note_in_several_and_tied_to_others_fold_as_all_at_once() {
        let many: Vec<String> = (0..600).map(|n| format!("fb-{n:010}")).collect();
        let all: Vec<(&str, &str, &str)> =
            many.iter().map(|id| (id.as_str(), "add", r#","title":"a""#)).collect();
        same(&[
            note("c0", 0, &all[..300]),
            note("c1", 1000, &all[300..]),
            note("c2", 2000, &[("fb-0000000003", "seen", ""), ("fb-0000000500", "close", "")]),
            note("c3", 3000, &[("fb-0000000004", "link", r#","to":"fb-0000000005""#)]),
            note("c6", 3500, &[("fb-0000000500", "split", r#","into":"fb-new","release":"r1""#)]),
            note("c7", 3600, &[("fb-0000000500", "seen", r#","release":"r1""#)]),
            note("c8", 3700, &[("fb-0000000400", "link", r#","to":"fb-0000000020","proposed":true"#)]),
            note("c9", 3800, &[("fb-0000000410", "link", r#","to":"fb-0000000400""#)]),
            note("ca", 3900, &[("fb-0000000410", "unlink", r#","to":"fb-0000000400""#)]),
            note("c4", 4000, &[("fb-0000000006", "dance", r#","with":[{"a":"fb-0000000007"}]"#)]),
            Note::new("c5", b"by hand\n\n{\"half\": \n".to_vec()),
        ]);
        same(&[]);
    }

    #[test]
    fn a_line_that_says_otherwise_further_on_is_read_whole() {
        same(&[
            note("c0", 0, &[("fb-a", "add", ""), ("fb-b", "add", r#","item":"fb-a""#)]),
            note("c1", 9, &[("fb-b", "seen", ""), ("fb-a", "seen", r#","\u006fp":"link","to":"fb-b""#)]),
        ]);
    }

    #[test]
    fn a_name_that_could_act_on_a_terminal_is_odd() {
        let link = r#","to":"fb-\u001b]0;pwn""#;
        let survey =
            same(&[note("c0", 0, &[("fb-a b", "add", ""), ("fb-a", "add", ""), ("fb-a", "link", link)])]);
        assert_eq!((survey.items, survey.oddities.len()), (1, 1));
    }

    #[test]
    fn an_id_twice_with_other_bytes_is_odd_and_with_the_same_bytes_it_is_not() {
        let one = note("c0", 0, &[("fb-a", "add", "")]);
        let copied = Note::new("c1", one.bytes.to_vec());
        assert!(same(&[one.clone(), copied]).oddities.is_empty());
        assert_eq!(same(&[one, note("c1", 0, &[("fb-b", "add", "")])]).oddities.len(), 1);
    }
}
