//! Panics without a known function that are those of one with a known function: the same message at the
//! same place.
//!
//! What is decided follows from all that is known, so it is the same in whatever order it came in. A
//! column moves seldom and is shared by some; so where several functions have it, the line decides, and
//! where a release has both at other lines they are two. Nothing is decided where two functions fit.

use std::collections::{BTreeMap, BTreeSet};

/// Where a panic was seen in its file; releases have lines of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Empty where it is not known.
    pub release: String,
    pub line: u32,
    pub column: u32,
}

/// What is known of one item of panics.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What it shares with those of the same message and file.
    pub related: String,
    /// The function is known.
    pub function: bool,
    pub places: BTreeSet<Place>,
}

/// Of items without a function: the one with a function that each is.
pub fn decided<'i>(items: &BTreeMap<&'i str, Known>) -> BTreeMap<&'i str, &'i str> {
    let mut related: BTreeMap<&str, (Vec<&'i str>, Vec<&'i str>)> = BTreeMap::new();
    for (id, known) in items.iter().filter(|(_, known)| !known.places.is_empty()) {
        let (with, without) = related.entry(&known.related).or_default();
        if known.function { with } else { without }.push(id);
    }
    let mut found = BTreeMap::new();
    for (with, without) in related.values() {
        for part in without {
            let fits = with.iter().filter(|whole| may_be(&items[*part], &items[**whole])).copied();
            let fits: Vec<&str> = fits.collect();
            let exact = |whole: &&&str| shares(&items[*part], &items[**whole], |a, b| a.line == b.line);
            let mut exactly = fits.iter().filter(exact);
            match (fits.as_slice(), exactly.next(), exactly.next()) {
                ([whole], ..) | (_, Some(whole), None) => drop(found.insert(*part, *whole)),
                _ => {}
            }
        }
    }
    found
}

/// They have a column in common, and no release has one of them at other lines than the other.
fn may_be(part: &Known, whole: &Known) -> bool {
    shares(part, whole, |_, _| true)
        && part.places.iter().filter(|place| !place.release.is_empty()).all(|place| {
            let mut same = whole
                .places
                .iter()
                .filter(|other| other.release == place.release && other.column == place.column);
            same.clone().next().is_none() || same.any(|other| other.line == place.line)
        })
}

fn shares(part: &Known, whole: &Known, also: impl Fn(&Place, &Place) -> bool) -> bool {
    let columns = |a: &Place, b: &Place| a.column == b.column && also(a, b);
    part.places.iter().any(|place| whole.places.iter().any(|other| columns(place, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(function: bool, places: &[(&str, u32, u32)]) -> Known {
        let of = |(release, line, column): &(&str, u32, u32)| Place {
            release: (*release).to_owned(),
            line: *line,
            column: *column,
        };
        Known { related: "r".to_owned(), function, places: places.iter().map(of).collect() }
    }

    fn decide(items: &[(&'static str, Known)]) -> Vec<(&'static str, &'static str)> {
        decided(&items.iter().cloned().collect()).into_iter().collect()
    }

    #[test]
    fn one_function_at_the_column_is_it_and_of_several_the_one_at_the_line() {
        let here = known(true, &[("", 42, 13)]);
        let there = known(true, &[("", 88, 13)]);
        let elsewhere = known(true, &[("", 42, 9)]);
        let bare = known(false, &[("", 50, 13)]);
        let exact = known(false, &[("", 88, 13)]);
        assert_eq!(decide(&[("a", here.clone()), ("c", elsewhere), ("n", bare.clone())]), [("n", "a")]);
        assert_eq!(decide(&[("a", here.clone()), ("b", there.clone()), ("n", bare)]), []);
        assert_eq!(decide(&[("a", here), ("b", there), ("n", exact)]), [("n", "b")]);
    }

    #[test]
    fn another_line_of_the_same_release_is_another_statement() {
        let whole = known(true, &[("r1", 42, 13)]);
        assert_eq!(decide(&[("a", whole.clone()), ("n", known(false, &[("r1", 88, 13)]))]), []);
        assert_eq!(decide(&[("a", whole.clone()), ("n", known(false, &[("r2", 88, 13)]))]), [("n", "a")]);
        let both = known(false, &[("r1", 42, 13), ("r1", 88, 13)]);
        assert_eq!(decide(&[("a", whole), ("n", both)]), [], "it is two itself");
    }
}
