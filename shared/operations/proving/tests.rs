//! Tests of today on the base: compiled apart, run, and told why they are red.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;

use super::added::Added;
use super::carrying::{Carried, package_on_base};
use super::ground::Ground;
use super::settling::Seen;
use super::{Asked, generated, strip};
use crate::operations::checking::{self, Subject};
use crate::operations::digest::TestItem;
use crate::storage::cargo::{Built, Diagnostic, TestBuild, build_one_test};
use crate::storage::fs;
use crate::types::check::Verdict;
use crate::types::intent::Anchor;
use crate::types::proof::Way;

type Found = Vec<((String, String), Seen)>;
type Bound<'a> = (Asked<'a>, TestItem);

/// How often what is in the way of one test is left out before it counts as the test's own trouble.
const TRIES: usize = 6;

/// What these checks, which hang on tests, did on the base.
pub fn ask(ground: &mut Ground, checks: &[Asked]) -> Result<Found> {
    let mut found = Vec::new();
    let mut targets: BTreeMap<(String, String), Vec<Bound>> = BTreeMap::new();
    for one in checks {
        let Anchor::Test { name } = &one.check.anchor else { continue };
        let items = ground.test_items(name)?;
        match items.as_slice() {
            [item] if item.apart => {
                let key = (item.package.clone(), item.target.clone());
                targets.entry(key).or_default().push((*one, item.clone()));
            }
            [_] if one.check.mutant.is_some() => {
                found
                    .push((one.key(), Seen::unknown("a unit test inside src cannot be carried to the base")));
            }
            [item] => {
                found.push((one.key(), generated::catch(ground, &names(name, item), one.check.timeout())?))
            }
            [] => found.push((one.key(), Seen::unknown(format!("no source has the test {name}")))),
            _ => found.push((one.key(), Seen::unknown(format!("several tests are called {name}")))),
        }
    }
    let mut added = None;
    for ((package, _), bound) in targets {
        if let Err(why) = &ground.project {
            let seen = Seen::unknown(format!("the base commit does not build: {why}"));
            found.extend(bound.iter().map(|(one, _)| (one.key(), seen.clone())));
            continue;
        }
        if package_on_base(ground, &package).is_none() {
            let shown =
                if package.is_empty() { "package".to_owned() } else { format!("package in {package}") };
            let seen = Seen::new_program(format!("no {shown} on the base: all of it is new"));
            found.extend(bound.iter().map(|(one, _)| (one.key(), seen.clone())));
            continue;
        }
        found.extend(of_target(ground, &bound, &mut added)?);
    }
    Ok(found)
}

/// What a test is called in its program: a target's own name may stand before it.
fn names<'n>(name: &'n str, item: &TestItem) -> Vec<&'n str> {
    let within = name.split_once("::").filter(|(first, _)| *first == item.target_name);
    std::iter::once(name).chain(within.map(|(_, rest)| rest)).collect()
}

/// The tests of one target: compiled together where that works, else each apart.
fn of_target(ground: &mut Ground, bound: &[Bound], added: &mut Option<Added>) -> Result<Found> {
    let Some((_, item)) = bound.first() else { return Ok(Vec::new()) };
    let all = |seen: Seen| bound.iter().map(|(one, _)| (one.key(), seen.clone())).collect();
    let carried = match ground.carry(item)? {
        Ok(carried) => carried,
        Err(why) => {
            return Ok(all(Seen::unknown(format!("its target cannot be carried to the base: {why}"))));
        }
    };
    if added.is_none() {
        // Before the manifest is read again: what the base has is what it had.
        *added = Some(Added::between(ground)?);
    }
    if carried.changed {
        ground.reload()?;
    }
    let whole = build(ground, &carried, item)?;
    let errors = match whole {
        TestBuild::Built(built) => {
            return bound.iter().map(|(one, _)| Ok((one.key(), run(ground, &built, one)?))).collect();
        }
        TestBuild::Failed(errors, told) => {
            if let Some(seen) = not_the_tests(&errors, &told.first, &told.rendered) {
                return Ok(all(seen));
            }
            errors
        }
    };
    let texts = texts(ground, &carried)?;
    let mut found = Vec::new();
    for (one, item) in bound {
        let seen = apart(ground, &carried, (one, item), &texts, &errors, added.as_ref())?;
        found.push((one.key(), seen));
        for (path, text) in &texts {
            fs::write(&ground.path(path), text)?;
        }
    }
    Ok(found)
}

fn build(ground: &Ground, carried: &Carried, item: &TestItem) -> Result<TestBuild> {
    let runner = &ground.question.subject.runner;
    build_one_test(runner, &ground.cargo, &ground.target, &carried.package, &item.target_name)
}

/// What failed is not the test target: the base itself, or cargo before any compiler ran.
fn not_the_tests(errors: &[Diagnostic], first: &str, rendered: &str) -> Option<Seen> {
    let reason = match errors.iter().find(|error| !error.of_test) {
        Some(error) => {
            let first = error.rendered.lines().next().unwrap_or(&error.message);
            format!("the base commit does not build: {first}")
        }
        None if errors.is_empty() => format!("cargo cannot build it on the base, offline: {first}"),
        None => return None,
    };
    Some(Seen::Unknown { reason, detail: rendered.to_owned() })
}

/// The target's files as the compiler counts their bytes.
fn texts(ground: &Ground, carried: &Carried) -> Result<BTreeMap<String, String>> {
    let read = |path: &String| -> Result<(String, String)> {
        let text = fs::read_to_string(&ground.path(path))?;
        Ok((path.clone(), text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n")))
    };
    carried.files.iter().map(read).collect()
}

/// One test alone: without the others, and without what only the others need.
fn apart(
    ground: &Ground,
    carried: &Carried,
    (one, item): (&Asked, &TestItem),
    texts: &BTreeMap<String, String>,
    whole: &[Diagnostic],
    added: Option<&Added>,
) -> Result<Seen> {
    let mut texts: BTreeMap<String, String> =
        texts.iter().map(|(path, text)| (path.clone(), strip::only(text, &item.tokens))).collect();
    let mut errors = whole.to_vec();
    for _ in 0..TRIES {
        for (path, text) in &texts {
            fs::write(&ground.path(path), text)?;
        }
        match build(ground, carried, item)? {
            TestBuild::Built(built) => return run(ground, &built, one),
            TestBuild::Failed(found, told) => {
                if let Some(seen) = not_the_tests(&found, &told.first, &told.rendered) {
                    return Ok(seen);
                }
                errors = found;
            }
        }
        if !strip::leave_out(&mut texts, &item.tokens, &places(ground, &errors)) {
            break;
        }
    }
    Ok(red_by_build(&errors, added))
}

/// Where the errors point, as paths of the repository.
fn places(ground: &Ground, errors: &[Diagnostic]) -> Vec<(String, Range<usize>)> {
    let place = |file: &str, bytes: &Range<usize>| {
        let path = ground.cargo.join(file);
        let path = path.strip_prefix(&ground.folder).ok()?;
        Some((path.to_string_lossy().into_owned(), bytes.clone()))
    };
    errors.iter().flat_map(|e| &e.places).filter_map(|p| place(&p.file, &p.bytes)).collect()
}

/// Red only where an error names what the change adds; anything else says nothing about the check.
fn red_by_build(errors: &[Diagnostic], added: Option<&Added>) -> Seen {
    let detail: String = errors.iter().map(|error| error.rendered.as_str()).collect();
    let named = errors.iter().find_map(|error| Some((error, added?.named_by(error)?)));
    let line = |error: &Diagnostic| error.rendered.lines().next().unwrap_or(&error.message).to_owned();
    match (named, errors.first()) {
        (Some((error, name)), _) => Seen::Red {
            way: Way::Build,
            reason: format!("{}, which the change adds ({name})", line(error)),
            detail,
            whole: false,
        },
        (None, Some(error)) => Seen::Unknown {
            reason: format!(
                "it does not compile on the base, and not for want of what is new: {}",
                line(error)
            ),
            detail,
        },
        (None, None) => Seen::unknown("it does not compile on the base"),
    }
}

/// Run the test in what was built on the base.
fn run(ground: &Ground, built: &Built, one: &Asked) -> Result<Seen> {
    let Anchor::Test { name } = &one.check.anchor else { return Ok(Seen::unknown("it is no test")) };
    let of = &ground.question.subject;
    let subject = Subject::new(&ground.folder, Vec::new()).runner(of.runner);
    let key = (one.intent.slug.as_str(), one.check.id.as_str());
    let report = checking::one_test(&subject, built, key, name, one.check.timeout())?;
    Ok(match report.verdict {
        Verdict::Pass => Seen::Passes,
        Verdict::Fail => {
            Seen::Red { way: Way::Assertion, reason: report.reason, detail: report.detail, whole: false }
        }
        verdict => Seen::Unknown {
            reason: format!("on the base: {}: {}", verdict.word(), report.reason),
            detail: report.detail,
        },
    })
}
