//! One test of programs that somebody else had built: for a proof, which compiles them apart.

use std::time::Duration;

use anyhow::Result;

use super::building::Builds;
use super::{Report, Subject, bound_test};
use crate::storage::cargo::Built;

/// Run the test `name` of what was built in the subject's folder.
///
/// # Errors
/// As [`super::check`].
pub fn one_test(
    subject: &Subject,
    built: &Built,
    (slug, check): (&str, &str),
    name: &str,
    limit: Duration,
) -> Result<Report> {
    let builds = Builds::of(subject, built)?;
    let finding = bound_test::find(subject, &builds, name, limit)?;
    Ok(Report {
        slug: slug.to_owned(),
        check: check.to_owned(),
        case: None,
        is_contract: false,
        verdict: finding.verdict,
        reason: finding.reason,
        detail: finding.detail,
        took: finding.took,
    })
}
