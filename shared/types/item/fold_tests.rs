//! Events into items, in order and out of it.

use super::*;
use proptest::prelude::*;

const NOW_MS: u64 = 1_790_000_000_000;

fn line(ms: u64, tail: u8, what: &str, rest: &str) -> Line {
    let id = ulid::Ulid::from_parts(ms, u128::from(tail));
    let text = format!(
        r#"{{"id":"{id}","v":1,"item":"fb-0000000001","op":"{what}","t":"2026-11-22T00:00:00Z"{rest}}}"#
    );
    Line::new("c0", text.as_bytes())
}

fn only<'e>(items: &'e Items<'e>) -> &'e Item<'e> {
    items.by_id.values().next().unwrap()
}

#[test]
fn the_last_writer_wins_a_field_and_counts_add_up() {
    let lines = [
        line(NOW_MS + 2, 0, "set", r#","title":"b""#),
        line(NOW_MS, 0, "add", r#","title":"a","kind":"error""#),
        line(NOW_MS + 3, 0, "seen", r#","count":4"#),
    ];
    let items = fold(&lines, NOW_MS);
    let item = only(&items);
    assert_eq!((item.title(), item.kind(), item.occurrences), ("b", "error", 5));
}

#[test]
fn of_a_source_and_hour_the_greatest_count_counts() {
    let hour = |n: u64, count| {
        line(NOW_MS + n, 0, "seen", &format!(r#","source":"s","hour":"2026-11-22T01","count":{count}"#))
    };
    let lines = [hour(1, 7), hour(2, 9), hour(3, 9), line(NOW_MS + 4, 0, "seen", "")];
    assert_eq!(only(&fold(&lines, NOW_MS)).occurrences, 10);
}

#[test]
fn seen_after_a_close_is_regressed_and_seen_before_it_is_resolved() {
    let add = line(NOW_MS, 0, "add", "");
    let close = line(NOW_MS + 2, 0, "close", r#","release":"r1""#);
    let before = [add.clone(), line(NOW_MS + 1, 0, "seen", ""), close.clone()];
    assert_eq!(only(&fold(&before, NOW_MS)).status, Status::Resolved);
    let after = [add.clone(), line(NOW_MS + 3, 0, "seen", ""), close.clone()];
    assert_eq!(only(&fold(&after, NOW_MS)).status, Status::Regressed);
    let reopened = [add, close, line(NOW_MS + 4, 0, "reopen", "")];
    assert_eq!(only(&fold(&reopened, NOW_MS)).status, Status::Open);
}

#[test]
fn a_clock_far_ahead_pins_nothing() {
    let lines = [
        line(NOW_MS, 0, "add", r#","title":"a""#),
        line(NOW_MS * 3, 0, "set", r#","title":"wild","severity":"fatal""#),
        line(NOW_MS + 5, 0, "set", r#","title":"mended""#),
    ];
    let items = fold(&lines, NOW_MS);
    let item = only(&items);
    assert_eq!((item.title(), item.severity(), item.ahead), ("mended", "fatal", 1));
    assert_eq!(item.newest.and_then(id::time_ms), Some(NOW_MS + 5));
    assert_eq!(only(&fold(&lines, NOW_MS * 3)).title(), "wild", "its time has come");
}

#[test]
fn an_item_that_a_fast_clock_closed_is_closed() {
    let lines = [line(NOW_MS, 0, "add", ""), line(NOW_MS * 3, 0, "close", "")];
    assert_eq!(only(&fold(&lines, NOW_MS)).status, Status::Resolved);
}

/// A line about another item than the first.
fn of(item: u8, ms: u64, what: &str, rest: &str) -> Line {
    let about = line(NOW_MS + ms, item, what, rest);
    let text = String::from_utf8(about.raw.to_vec()).unwrap();
    let text = text.replacen(FIRST, &format!("fb-000000000{item}"), 1);
    Line::new("c0", text.as_bytes())
}

const FIRST: &str = "fb-0000000001";
const SECOND: &str = "fb-0000000002";

#[test]
fn a_release_that_does_not_contain_the_fix_brings_nothing_back() {
    let lines = [
        of(1, 0, "add", ""),
        of(1, 1, "close", r#","release":"r2""#),
        of(1, 2, "seen", r#","release":"r1""#),
        of(1, 3, "seen", r#","release":"r3""#),
    ];
    let settled = |lines: &[Line], knows: &dyn Fn(&str) -> Option<bool>| {
        let mut items = fold(lines, NOW_MS);
        let item = items.by_id.get_mut(FIRST).unwrap();
        item.settle(knows);
        (item.status, item.back_in.map(str::to_owned))
    };
    let newer = |release: &str| Some(release == "r3");
    assert_eq!(settled(&lines[..3], &newer), (Status::Resolved, None));
    assert_eq!(settled(&lines, &newer), (Status::Regressed, Some("r3".into())));
    assert_eq!(settled(&lines, &|_| None), (Status::Regressed, Some("r1".into())), "then time decides");
    let unsaid = [lines[0].clone(), lines[1].clone(), of(1, 2, "seen", "")];
    assert_eq!(settled(&unsaid, &|_| Some(false)), (Status::Regressed, None), "no release was said");
}

#[test]
fn two_that_are_linked_are_one_and_apart_again_when_it_is_taken_back() {
    let mut lines = vec![
        of(1, 0, "add", r#","title":"a","count":2"#),
        of(2, 1, "add", r#","title":"b","severity":"fatal","count":3"#),
        of(2, 2, "close", ""),
        of(2, 3, "link", &format!(r#","to":"{FIRST}""#)),
        of(2, 4, "seen", ""),
    ];
    let items = fold(&lines, NOW_MS);
    assert_eq!(items.by_id.keys().copied().collect::<Vec<_>>(), [FIRST]);
    let item = items.get(SECOND).unwrap();
    assert_eq!((item.id, item.title(), item.severity(), item.occurrences), (FIRST, "a", "fatal", 6));
    assert_eq!((item.status, item.parts.as_slice()), (Status::Open, &[SECOND][..]));
    assert_eq!(item.story.len(), 5);
    assert_eq!(items.matching("0000000002").len(), 1);
    lines.push(of(1, 5, "unlink", &format!(r#","to":"{SECOND}""#)));
    let items = fold(&lines, NOW_MS);
    assert_eq!(items.get(SECOND).unwrap().status, Status::Regressed);
    assert_eq!(items.get(FIRST).unwrap().occurrences, 2);
}

#[test]
fn links_in_a_circle_to_nobody_and_to_itself_have_one_answer() {
    let to = |item: &str| format!(r#","to":"{item}""#);
    let circle = [
        of(1, 0, "add", ""),
        of(2, 1, "add", ""),
        of(1, 2, "link", &to(SECOND)),
        of(2, 3, "link", &to(FIRST)),
    ];
    let items = fold(&circle, NOW_MS);
    assert_eq!(items.by_id.keys().copied().collect::<Vec<_>>(), [FIRST]);
    let odd = [
        of(2, 0, "add", ""),
        of(2, 1, "link", &to("fb-0")),
        of(2, 2, "link", &to(SECOND)),
        of(2, 3, "link", ""),
    ];
    let items = fold(&odd, NOW_MS);
    assert_eq!(items.by_id.keys().copied().collect::<Vec<_>>(), [SECOND], "nobody is no whole");
    assert_eq!(items.get("fb-0").unwrap().id, SECOND);
}

#[test]
fn a_proposal_joins_nothing_and_yields_to_what_a_person_said() {
    let proposed = format!(r#","to":"{FIRST}","proposed":true"#);
    let said = format!(r#","to":"{FIRST}""#);
    let two = [of(1, 0, "add", ""), of(2, 1, "add", "")];
    let fold_with = |more: &[Line]| {
        let lines: Vec<Line> = two.iter().chain(more).cloned().collect();
        let items = fold(&lines, NOW_MS);
        let proposed = items.by_id.values().map(|item| item.proposed.len()).sum::<usize>();
        (items.by_id.len(), proposed)
    };
    assert_eq!(fold_with(&[of(2, 2, "link", &proposed)]), (2, 2));
    assert_eq!(fold_with(&[of(2, 2, "link", &said), of(2, 3, "link", &proposed)]), (1, 0));
    assert_eq!(fold_with(&[of(2, 2, "unlink", &said), of(2, 3, "link", &proposed)]), (2, 0));
    let found = format!(r#","to":"{FIRST}","by":"import""#);
    assert_eq!(fold_with(&[of(2, 2, "link", &found)]), (1, 0));
    assert_eq!(fold_with(&[of(2, 2, "link", &found), of(2, 3, "unlink", &found)]), (2, 0));
    assert_eq!(fold_with(&[of(2, 2, "unlink", &said), of(2, 3, "link", &found)]), (2, 0));
    assert_eq!(fold_with(&[of(2, 2, "link", &said), of(2, 3, "unlink", &found)]), (1, 0));
    assert_eq!(fold_with(&[of(2, 2, "link", &found), of(2, 3, "unlink", &said)]), (2, 0));
}

#[test]
fn a_split_takes_what_matches_now_and_later() {
    let from = |source: &str, count: u8| format!(r#","source":"{source}","hour":"h","count":{count}"#);
    let split = |into: &str| format!(r#","into":"{into}","source":"b.log""#);
    let lines = [
        of(1, 0, "add", &format!(r#","title":"a"{}"#, from("b.log", 5))),
        of(1, 1, "seen", &from("a.log", 2)),
        of(1, 3, "split", &split(SECOND)),
        of(2, 3, "set", r#","title":"b""#),
        of(1, 4, "seen", &from("b.log", 7)),
    ];
    let items = fold(&lines, NOW_MS);
    let (first, second) = (items.get(FIRST).unwrap(), items.get(SECOND).unwrap());
    assert_eq!((first.title(), first.occurrences), ("a", 2));
    assert_eq!((second.title(), second.occurrences), ("b", 7), "of an hour the greatest counts, also there");
    assert_eq!(first.split_into, [SECOND]);
    let told = items.written_about(FIRST).filter(|event| event.text("source") == Some("b.log"));
    assert_eq!(told.map(|event| event.count("count")).max(), Some(Some(7)));
    let circle: Vec<Line> = lines.iter().cloned().chain([of(2, 9, "split", &split(FIRST))]).collect();
    let all: u64 = fold(&circle, NOW_MS).by_id.values().map(|item| item.occurrences).sum();
    assert_eq!(all, 9, "in a circle nothing is lost");
    let named = format!(r#","into":"{SECOND}","events":["{}"]"#, lines[1].read.as_ref().unwrap().id);
    let one =
        [lines[0].clone(), lines[1].clone(), of(1, 5, "split", &named), of(1, 6, "seen", &from("a.log", 9))];
    let items = fold(&one, NOW_MS);
    assert_eq!((items.get(FIRST).unwrap().occurrences, items.get(SECOND).unwrap().occurrences), (14, 2));
}

#[test]
fn operations_of_a_later_version_are_kept() {
    let lines = [line(NOW_MS, 0, "dance", r#","title":"x""#)];
    let items = fold(&lines, NOW_MS);
    assert_eq!(only(&items).story.len(), 1);
    assert_eq!(unknown_operations(only(&items)), BTreeSet::from(["dance"]));
}

fn any_line() -> impl Strategy<Value = Line> {
    let what = prop::sample::select(vec![
        "add", "set", "seen", "attach", "close", "reopen", "promoted", "link", "unlink", "split", "zz",
    ]);
    let rest = prop::sample::select(vec![
        "",
        r#","title":"a""#,
        r#","title":7,"kind":null"#,
        r#","title":"b","severity":"fatal""#,
        r#","count":3"#,
        r#","count":2,"source":"s","hour":"h""#,
        r#","count":18446744073709551615"#,
        r#","evidence":"aa","name":"n","size_bytes":1"#,
        r#","release":"r1","because":"x""#,
        r#","as":"ignored""#,
        r#","intent":"i","check":"c","to":"fb-0000000001""#,
        r#","to":"fb-0000000002""#,
        r#","to":"fb-0000000003","proposed":true"#,
        r#","to":"fb-0000000003","by":"import""#,
        r#","into":"fb-0000000002","source":"s""#,
        r#","into":"fb-0000000001","source":"s","release":"r1""#,
        r#","source":"s","hour":"h","release":"r1""#,
        r#","into":"fb-0000000004","events":["00000000000000000000000000"]"#,
    ]);
    let time = prop_oneof![0..6u64, Just(NOW_MS), Just(NOW_MS * 2)];
    let item = prop::sample::select(vec![1, 1, 1, 2, 3]);
    let good = (time, 0..3u8, item, what, rest, prop::sample::select(vec!["c0", "c1"])).prop_map(
        |(ms, tail, item, what, rest, commit)| {
            let text = String::from_utf8(line(ms, tail, what, rest).raw.to_vec()).unwrap();
            Line::new(commit, text.replacen("fb-0000000001", &format!("fb-000000000{item}"), 1).as_bytes())
        },
    );
    let bad = prop::collection::vec(any::<u8>(), 0..40).prop_map(|raw| Line::new("c1", &raw));
    prop_oneof![9 => good, 1 => bad]
}

proptest! {
    #[test]
    fn the_order_of_lines_does_not_matter(
        lines in prop::collection::vec(any_line(), 0..30).prop_flat_map(|lines| {
            (Just(lines.clone()), Just(lines).prop_shuffle())
        })
    ) {
        prop_assert_eq!(fold(&lines.0, NOW_MS), fold(&lines.1, NOW_MS));
    }

    #[test]
    fn the_union_of_two_halves_folds_as_the_whole(
        lines in prop::collection::vec(any_line(), 0..30), cut in 0..30usize, shared in 0..10usize
    ) {
        let cut = cut.min(lines.len());
        let from = cut.saturating_sub(shared);
        let union: Vec<Line> = lines[from..].iter().chain(&lines[..cut]).cloned().collect();
        prop_assert_eq!(fold(&lines, NOW_MS), fold(&union, NOW_MS));
    }

    #[test]
    fn any_bytes_fold_without_panic(raw in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..10)) {
        let lines: Vec<Line> = raw.iter().map(|raw| Line::new("c", raw)).collect();
        fold(&lines, NOW_MS);
    }
}
