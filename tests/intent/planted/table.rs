//! The planted intents: what is wrong with each, or that nothing is, and what each command must say.

/// An intent as it was approved, as it is now, and what the commands say of it.
pub struct Row {
    pub kind: &'static str,
    pub slug: &'static str,
    pub planted: &'static str,
    /// As it was wanted and approved; empty where it did not exist. Keys are those of its one check,
    /// unless it begins with a table of its own; the title and outcome are the same for all.
    pub before: &'static str,
    /// As it stands in the work tree: `=` where it is the same, empty where the file is gone.
    pub after: &'static str,
    /// The answers of `check`, `check --prove`, `diff`, `approve --verify`, and whether `check` remarks
    /// on it; `-` where a command does not name it.
    pub told: &'static str,
}

type Line = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// The rows of the table, in order.
pub fn rows() -> Vec<Row> {
    let of = |kind: &'static str, lines: &[Line]| -> Vec<Row> {
        let row =
            |&(slug, planted, before, after, told): &Line| Row { kind, slug, planted, before, after, told };
        lines.iter().map(row).collect()
    };
    [
        of("honest", HONEST),
        of("pinned", PINNED),
        of("vacuous", VACUOUS),
        of("shallow", SHALLOW),
        of("unverified", UNVERIFIED),
        of("flaky", FLAKY),
        of("drifting", DRIFTING),
        of("weakened", WEAKENED),
        of("changed", CHANGED),
        of("renamed", RENAMED),
        of("tampered", TAMPERED),
        of("broken", BROKEN),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The whole line of an honest check that was red before.
const SILENT: &str = "pass proven:assertion - approved -";

const TWO: &str = "[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"\n\
    [[acceptance]]\nid = \"b\"\ntext = \"It shouts\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"\n";

const TWO_TURNED: &str = "[[acceptance]]\nstdout = \"LOW\"\nrun = \"tiny samples/low.txt\"\ntext = \"It shouts\"\nid = \"b\"\n\
    [[acceptance]]\ntest = \"honest\"\ntext = \"It parses 7\"\nid = \"a\"\n";

/// The same demand under two slugs, so that an approval of one fits the other but for its name.
const SAME: &str = "[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"\n";

const SHOUT: &str = "run = \"tiny samples/low.txt\"\nstdout = \"LOW\"";

const HONEST: &[Line] = &[
    ("honest-test", "a test that was red", "test = \"honest\"", "=", SILENT),
    ("honest-run", "a command that answered otherwise", SHOUT, "=", SILENT),
    (
        "honest-exit",
        "an exit code and its words",
        "run = \"tiny --bad\"\nexit = 2\nstderr = \"line 3\"",
        "=",
        SILENT,
    ),
    ("honest-fixtures", "an example with its answer", "fixtures = \"tiny {input}\"", "=", SILENT),
    (
        "honest-new-name",
        "a new function",
        "test = \"named\"\nred = \"build\"",
        "=",
        "pass proven:build - approved -",
    ),
    (
        "honest-new-field",
        "a new field",
        "test = \"field\"\nred = \"build\"",
        "=",
        "pass proven:build - approved -",
    ),
    ("honest-panic", "a test that must panic", "test = \"refuses\"", "=", SILENT),
    ("honest-result", "a test that asserts by returning an error", "test = \"returns\"", "=", SILENT),
    ("honest-helper", "a test that asserts through a helper", "test = \"leans\"", "=", SILENT),
    (
        "honest-unit",
        "a unit test whose code was tidied up, and a mutant",
        "test = \"tests::unit\"\nmutant = { file = \"src/lib.rs\", find = \"x + x\", replace = \"x * x * x\" }",
        "=",
        "pass proven:mutant - approved -",
    ),
    ("honest-moved", "its test moved, was laid out anew and got a comment", "test = \"moved\"", "=", SILENT),
    (
        "honest-comment",
        "a comment, and other line ends",
        SHOUT,
        "# why\r\nrun = \"tiny samples/low.txt\"\r\nstdout = \"LOW\" # loud",
        "pass proven:assertion informative approved -",
    ),
    (
        "honest-order",
        "entries and keys in another order",
        TWO,
        TWO_TURNED,
        "pass proven:assertion informative approved -",
    ),
    (
        "honest-rationale",
        "a reason in more words",
        "rationale = \"Because.\"\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "rationale = \"Because it is asked for every day.\"\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "pass proven:assertion informative approved -",
    ),
    (
        "honest-constraint",
        "a constraint with a check that holds it up",
        "[[constraint]]\nid = \"loud\"\nkind = \"ux\"\ntext = \"It shouts\"\ncheck = \"a\"\n[[acceptance]]\nid = \"a\"\ntext = \"It shouts\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"",
        "=",
        SILENT,
    ),
    (
        "honest-schema",
        "a schema that accepts its example",
        "[[contract]]\nid = \"c\"\nkind = \"json-schema\"\npath = \"schema/order.json\"\nexamples = \"samples/good.json\"",
        "=",
        "pass - - approved -",
    ),
    (
        "honest-help",
        "help as it was kept",
        "[[contract]]\nid = \"c\"\nkind = \"cli-help\"\nrun = \"tiny --help\"\npath = \"help.txt\"",
        "=",
        "pass - - approved -",
    ),
    (
        "honest-notes",
        "a note that grew a section",
        "[[contract]]\nid = \"c\"\nkind = \"markdown\"\nfiles = \"notes/good.md\"\nsections = [\"Why\"]",
        "=",
        "pass - - approved -",
    ),
    (
        "honest-file",
        "a file that stands there",
        "[[contract]]\nid = \"c\"\nkind = \"file\"\npath = \"LICENSE\"",
        "=",
        "pass - - approved -",
    ),
    (
        "honest-service",
        "a question to what runs",
        "http = \"GET /health\"\nstatus = 200",
        "=",
        "waiting waiting - approved -",
    ),
    (
        "honest-question",
        "a person's to answer",
        "inspect = \"Does it read well?\"",
        "=",
        "waiting waiting - approved -",
    ),
    (
        "honest-signed",
        "signed, and a comment since",
        SAME,
        "# still so\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"\n",
        "pass proven:assertion informative approved -",
    ),
];

const PINNED: &[Line] = &[
    (
        "pinned-test",
        "what held before",
        "test = \"doubled\"\nred = \"none\"",
        "=",
        "pass proven:none - approved -",
    ),
    (
        "pinned-run",
        "a version that stays",
        "run = \"tiny --version\"\nstdout = \"tiny 1\"\nred = \"none\"",
        "=",
        "pass proven:none - approved -",
    ),
    ("pinned-wrongly", "pinned, but new", "test = \"honest\"\nred = \"none\"", "=", "pass fail - approved -"),
];

const VACUOUS: &[Line] = &[
    ("vacuous-test", "a test that was green before", "test = \"doubled\"", "=", "pass vacuous - approved -"),
    (
        "vacuous-run",
        "a command that always answered so",
        "run = \"tiny --version\"\nstdout = \"tiny\"",
        "=",
        "pass vacuous - approved -",
    ),
    (
        "vacuous-words",
        "an empty word is looked for",
        "run = \"tiny samples/low.txt\"\nstdout = \"\"",
        "=",
        "pass vacuous - approved -",
    ),
    (
        "vacuous-fixtures",
        "an example that no code is needed for",
        "fixtures = \"tiny {input}\"",
        "=",
        "pass vacuous - approved -",
    ),
    (
        "vacuous-file",
        "a file that was there",
        "run = \"test -e README.md\"",
        "=",
        "pass vacuous - approved -",
    ),
    (
        "vacuous-mutant",
        "a unit test that does not notice its mutant",
        "test = \"tests::weak\"\nmutant = { file = \"src/lib.rs\", find = \"x + x\", replace = \"x * x * x\" }",
        "=",
        "pass vacuous - approved -",
    ),
];

const SHALLOW: &[Line] = &[
    (
        "shallow-none",
        "no anchor",
        "",
        "[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"",
        "unverified unverified new unapproved -",
    ),
    ("shallow-true", "a command that cannot fail", "run = \"true\"", "=", "vacuous vacuous - approved -"),
    (
        "shallow-echo",
        "words that say themselves",
        "run = \"echo LOW\"\nstdout = \"LOW\"",
        "=",
        "vacuous vacuous - approved -",
    ),
    (
        "shallow-or",
        "a failure that is swallowed",
        "run = \"sh -c 'tiny --bad || true'\"",
        "=",
        "vacuous vacuous - approved -",
    ),
    ("shallow-empty", "a test with nothing in it", "test = \"empty\"", "=", "vacuous vacuous - approved -"),
    ("shallow-body", "a test that only calls", "test = \"hollow\"", "=", "pass vacuous - approved remark"),
    (
        "shallow-text",
        "a text that says nothing",
        "[[acceptance]]\nid = \"a\"\ntext = \"It works as expected\"\ntest = \"honest\"",
        "=",
        "pass proven:assertion - approved remark",
    ),
    (
        "shallow-constraint",
        "a constraint nobody checks",
        "[[constraint]]\nid = \"kind\"\nkind = \"ux\"\ntext = \"It is said kindly\"\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "=",
        "pass proven:assertion - approved remark",
    ),
    ("shallow-nothing", "no check at all", "[scope]\nrounds = 2", "=", "- - - approved remark"),
];

const UNVERIFIED: &[Line] = &[
    (
        "unverified-test",
        "a test that never was",
        "test = \"never_was\"",
        "=",
        "unverified unverified - approved -",
    ),
    (
        "unverified-two",
        "a name that two tests have",
        "test = \"twice\"",
        "=",
        "unverified unverified - approved -",
    ),
    (
        "unverified-program",
        "a program nobody has",
        "run = \"no-such-tool --now\"",
        "=",
        "unverified unverified - approved -",
    ),
    (
        "unverified-input",
        "an example without input",
        "fixtures = \"tiny {input}\"",
        "=",
        "unverified unverified - approved -",
    ),
    (
        "unverified-build",
        "red for want of a name, not declared",
        "test = \"named\"",
        "=",
        "pass unverified - approved -",
    ),
    (
        "unverified-reason",
        "declared red for want of a name, answered wrongly",
        "test = \"honest\"\nred = \"build\"",
        "=",
        "pass unverified - approved -",
    ),
    (
        "unverified-mutant",
        "a mutant that fits twice",
        "test = \"tests::unit\"\nmutant = { file = \"src/lib.rs\", find = \"pub fn\", replace = \"fn\" }",
        "=",
        "pass unverified - approved -",
    ),
    (
        "unverified-notes",
        "a glob that names no file",
        "[[contract]]\nid = \"c\"\nkind = \"markdown\"\nfiles = \"elsewhere/*.md\"\nsections = [\"Why\"]",
        "=",
        "unverified - - approved -",
    ),
];

const FLAKY: &[Line] = &[
    (
        "flaky-run",
        "a command with a will of its own",
        "run = \"sh toggle.sh\"",
        "=",
        "pass flaky - approved -",
    ),
    ("flaky-test", "a test with a will of its own", "test = \"moody\"", "=", "pass flaky - approved -"),
];

const DRIFTING: &[Line] = &[
    ("drift-test", "its test is gone", "test = \"was_here\"", "=", "drift unverified changed stale -"),
    (
        "drift-file",
        "its file is gone",
        "[[contract]]\nid = \"c\"\nkind = \"file\"\npath = \"COPYING\"",
        "=",
        "drift - changed stale -",
    ),
    (
        "drift-schema",
        "an example its schema does not accept any more",
        "[[contract]]\nid = \"c\"\nkind = \"json-schema\"\npath = \"schema/strict.json\"\nexamples = \"samples/bad.json\"",
        "=",
        "drift - - approved -",
    ),
    (
        "drift-help",
        "help that says something else by now",
        "[[contract]]\nid = \"c\"\nkind = \"cli-help\"\nrun = \"tiny --help\"\npath = \"old-help.txt\"",
        "=",
        "drift - - approved -",
    ),
    (
        "drift-notes",
        "a note that lost a section",
        "[[contract]]\nid = \"c\"\nkind = \"markdown\"\nfiles = \"notes/bad.md\"\nsections = [\"Why\"]",
        "=",
        "drift - - approved -",
    ),
];

const SIGNAL: &str = "signal = \"error-rate\"\nmax = 0.01";

const WEAKENED: &[Line] = &[
    (
        "weak-bound",
        "a higher bound",
        SIGNAL,
        "signal = \"error-rate\"\nmax = 0.05",
        "waiting waiting weaker stale remark",
    ),
    (
        "weak-test",
        "an assertion taken out of the test",
        "test = \"weaker\"",
        "=",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-ignored",
        "the test is ignored now",
        "test = \"ignored\"",
        "=",
        "unverified unverified weaker stale -",
    ),
    (
        "weak-case",
        "an example is gone",
        "fixtures = \"tiny {input}\"",
        "=",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-check",
        "a check is gone",
        TWO,
        "[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"\n",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-words",
        "less is looked for",
        "run = \"tiny --bad\"\nexit = 2\nstderr = \"line 3, column 2\"",
        "run = \"tiny --bad\"\nexit = 2\nstderr = \"line 3\"",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-constraint",
        "the constraint lost its check",
        "[[constraint]]\nid = \"loud\"\nkind = \"ux\"\ntext = \"It shouts\"\ncheck = \"a\"\n[[acceptance]]\nid = \"a\"\ntext = \"It shouts\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"",
        "[[constraint]]\nid = \"loud\"\nkind = \"ux\"\ntext = \"It shouts\"\n[[acceptance]]\nid = \"a\"\ntext = \"It shouts\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"",
        "pass proven:assertion weaker stale remark",
    ),
    (
        "weak-scope",
        "more may be changed",
        "[scope]\nwrite = [\"src/**\"]\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "[scope]\nwrite = [\"src/**\", \"tests/**\"]\n[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-compare",
        "compared less strictly",
        "fixtures = \"tiny {input}\"",
        "fixtures = \"tiny {input}\"\ncompare = \"text\"",
        "pass proven:assertion weaker stale -",
    ),
    (
        "weak-red",
        "it need not be red any more",
        "test = \"doubled\"",
        "test = \"doubled\"\nred = \"none\"",
        "pass proven:none weaker stale -",
    ),
];

const CHANGED: &[Line] = &[
    ("new-intent", "nobody saw it yet", "", "test = \"honest\"", "pass proven:assertion new unapproved -"),
    ("retired-intent", "its file is gone", "test = \"honest\"", "", "- - retired - -"),
    (
        "changed-bound",
        "a lower bound",
        SIGNAL,
        "signal = \"error-rate\"\nmax = 0.001",
        "waiting waiting changed stale remark",
    ),
    (
        "changed-byte",
        "one byte of an example",
        "fixtures = \"tiny {input}\"",
        "=",
        "pass proven:assertion changed stale -",
    ),
    (
        "changed-helper",
        "what the test leans on lets everything through",
        "test = \"helped\"",
        "=",
        "pass proven:assertion changed stale -",
    ),
    (
        "changed-outcome",
        "another outcome",
        "[[acceptance]]\nid = \"a\"\ntext = \"It parses 7\"\ntest = \"honest\"",
        "OUTCOME",
        "pass proven:assertion changed stale -",
    ),
    (
        "changed-schema",
        "another schema",
        "[[contract]]\nid = \"c\"\nkind = \"json-schema\"\npath = \"schema/moving.json\"\nexamples = \"samples/good.json\"",
        "=",
        "pass - changed stale -",
    ),
];

const CALLED: &str = "[[acceptance]]\nid = \"a\"\ntext = \"It shouts twice\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"\n";

const RENAMED: &[Line] = &[
    ("renamed-from", "the file of an intent", CALLED, "", "- - - - -"),
    ("renamed-to", "the file of an intent", "", CALLED, "pass proven:assertion renamed unapproved -"),
    (
        "renamed-check",
        "the id of a check",
        TWO,
        "[[acceptance]]\nid = \"first\"\ntext = \"It parses 7\"\ntest = \"honest\"\n[[acceptance]]\nid = \"b\"\ntext = \"It shouts\"\nrun = \"tiny samples/low.txt\"\nstdout = \"LOW\"\n",
        "pass proven:assertion changed stale -",
    ),
    (
        "renamed-test",
        "a bound test, here and there",
        "test = \"old_name\"",
        "test = \"new_name\"",
        "pass proven:assertion changed stale -",
    ),
];

const TAMPERED: &[Line] = &[
    (
        "tampered-replayed",
        "the approval of another intent, signed",
        SAME,
        "=",
        "pass proven:assertion - tampered -",
    ),
    (
        "tampered-digest",
        "the digest of the weakened intent written into its signed approval",
        "run = \"tiny --bad\"\nexit = 2\nstderr = \"line 3, column 2\"",
        "run = \"tiny --bad\"\nexit = 2\nstderr = \"line\"",
        "pass proven:assertion weaker tampered -",
    ),
    (
        "tampered-tree",
        "another tree in a signed approval",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - tampered -",
    ),
    (
        "tampered-root",
        "an approval of another repository",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - tampered -",
    ),
    (
        "tampered-time",
        "another time in a signed approval",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - tampered -",
    ),
    (
        "tampered-signature",
        "a signature of nothing",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - tampered -",
    ),
    (
        "unknown-signer",
        "signed by a key nobody let in",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - unknown-signer -",
    ),
    ("revoked", "taken back", "test = \"honest\"", "=", "pass proven:assertion - revoked -"),
    (
        "never-approved",
        "wanted, and never signed off",
        "test = \"honest\"",
        "=",
        "pass proven:assertion - unapproved -",
    ),
];

const BROKEN: &[Line] = &[
    (
        "broken-merge",
        "markers of a merge",
        "test = \"honest\"",
        "<<<<<<< a\n[[acceptance]]\n=======\n>>>>>>> b",
        "broken - - - -",
    ),
    ("broken-future", "a schema of the future", "test = \"honest\"", "SCHEMA", "broken - - - -"),
];
