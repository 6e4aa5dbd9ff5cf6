//! What a check found: verdicts, and the report of one check.

use std::time::Duration;

/// What is known after a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Timeout,
    /// Two runs differ.
    Flaky,
    /// It cannot fail, or it also passes on the base commit.
    Vacuous,
    /// An anchor is false: the test is gone, a contract no longer holds.
    Drift,
    /// It could not be found out: a tool is missing, no such test, nothing ran. Never a pass.
    Unverified,
    /// A person's to answer, or nothing is running to ask.
    Waiting,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Timeout => "timeout",
            Self::Flaky => "flaky",
            Self::Vacuous => "vacuous",
            Self::Drift => "drift",
            Self::Unverified => "unverified",
            Self::Waiting => "waiting",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        use Verdict::*;
        [Pass, Fail, Timeout, Flaky, Vacuous, Drift, Unverified, Waiting]
            .into_iter()
            .find(|v| v.word() == word)
    }

    /// Whether it says that something does not hold.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::Fail | Self::Timeout | Self::Flaky | Self::Vacuous | Self::Drift)
    }
}

/// The outcome of one acceptance check, of one fixture case of it, or of one contract.
#[derive(Clone, Debug)]
pub struct Report {
    pub slug: String,
    /// The id of the acceptance check, or of the contract.
    pub check: String,
    /// Whether it is a contract: checks and contracts may share an id.
    pub is_contract: bool,
    /// The fixture case, where there is one.
    pub case: Option<String>,
    pub verdict: Verdict,
    /// One line: why it is not a pass, or what it was.
    pub reason: String,
    /// The failing difference or the tail of the output; may be empty, may have many lines.
    pub detail: String,
    pub took: Duration,
}

/// Something worth a look that is no finding: it leaves the exit code alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub slug: String,
    /// The check or constraint it is about; the whole intent where absent.
    pub about: Option<String>,
    pub text: String,
}

impl Remark {
    pub fn new(slug: &str, about: Option<&str>, text: impl Into<String>) -> Self {
        Self { slug: slug.to_owned(), about: about.map(str::to_owned), text: text.into() }
    }

    /// `slug` or `slug/check`.
    pub fn name(&self) -> String {
        match &self.about {
            Some(about) => format!("{}/{about}", self.slug),
            None => self.slug.clone(),
        }
    }
}

impl Report {
    /// `slug/check`, `slug/check/case` or `slug/contract:id`: no id holds a colon, so that nothing
    /// else is called that.
    pub fn name(&self) -> String {
        if self.is_contract {
            return format!("{}/contract:{}", self.slug, self.check);
        }
        match &self.case {
            Some(case) => format!("{}/{}/{case}", self.slug, self.check),
            None => format!("{}/{}", self.slug, self.check),
        }
    }
}
