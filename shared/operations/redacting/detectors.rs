//! The table of what is looked for by pattern.
//!
//! Each pattern is compiled when one of its hints first stands in a text, so that most texts cost
//! no pattern at all. Case is folded for ASCII only, which keeps the compiled patterns small.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::spared::{
    is_no_home, is_no_mailbox, is_no_value, is_one_word, is_prose_or_code, is_small_number, never,
    reads_like_a_name,
};

pub struct Detector {
    pub kind: &'static str,
    pub certain: bool,
    /// In small letters; one of them stands in every match.
    hints: &'static [&'static str],
    /// What is replaced is the group `s`, or the whole match where there is none.
    pattern: &'static str,
    /// A match that is no secret after all.
    pub spares: fn(&Captures) -> bool,
    regex: OnceLock<Regex>,
}

impl Detector {
    const fn token(kind: &'static str, hints: &'static [&'static str], pattern: &'static str) -> Self {
        Self { kind, certain: true, hints, pattern, spares: never, regex: OnceLock::new() }
    }

    const fn likely(
        kind: &'static str,
        hints: &'static [&'static str],
        pattern: &'static str,
        spares: fn(&Captures) -> bool,
    ) -> Self {
        Self { kind, certain: false, hints, pattern, spares, regex: OnceLock::new() }
    }

    pub fn may_match(&self, lowercase: &str) -> bool {
        self.hints.iter().any(|hint| lowercase.contains(hint))
    }

    pub fn regex(&self) -> &Regex {
        #[expect(clippy::expect_used, reason = "a test compiles every pattern of the table")]
        self.regex.get_or_init(|| Regex::new(self.pattern).expect("a pattern of the table is valid"))
    }
}

/// Words whose value is a secret, at the end of a name such as `DB_PASSWORD` or `x-api-key`.
macro_rules! secret_word {
    () => {
        r"(?i-u:passwords?|passwd|passphrase|pwd|secrets?|secret[_-]?(?:access[_-]?)?key(?:[_-]?base)?|credentials?|api[_-]?key|apikey|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|token)"
    };
}

pub static DETECTORS: [Detector; 36] = [
    // Keys in blocks, also with newlines written as \n inside JSON.
    Detector::token(
        "private-key",
        &["private key"],
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    ),
    Detector::token(
        "private-key",
        &["private key"],
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[ \t\r\n\\nr]*[A-Za-z0-9+/=]{16}[A-Za-z0-9+/= \t\r\n\\]*",
    ),
    Detector::token(
        "private-key",
        &["private-lines"],
        r"Private-Lines: [0-9]+\r?\n(?P<s>(?:[A-Za-z0-9+/=]+\r?\n?)+)",
    ),
    Detector::token("private-key", &["age-secret-key"], r"AGE-SECRET-KEY-1[A-Z0-9]{30,}"),
    // Tokens of a known shape.
    Detector::token(
        "aws-key",
        &["akia", "asia", "abia", "acca", "aroa", "aida"],
        r"(?-u:\b)(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?-u:\b)",
    ),
    Detector::token(
        "github-token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}",
    ),
    Detector::token(
        "gitlab-token",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glsoat-"],
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9]{2,})*",
    ),
    Detector::token(
        "slack-token",
        &["xox", "xapp-", "hooks.slack.com"],
        r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}",
    ),
    Detector::token(
        "stripe-key",
        &["k_live_", "k_test_", "whsec_"],
        r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}",
    ),
    Detector::token(
        "google-key",
        &["aiza", "ya29.", "gocspx-"],
        r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",
    ),
    Detector::token("npm-token", &["npm_"], r"npm_[A-Za-z0-9]{36}"),
    Detector::token("crates-io-token", &["cio"], r"(?-u:\b)cio[A-Za-z0-9]{32}(?-u:\b)"),
    Detector::token("anthropic-key", &["sk-ant-"], r"sk-ant-[A-Za-z0-9_-]{16,}"),
    Detector {
        kind: "openai-key",
        certain: true,
        hints: &["sk-"],
        pattern: r"(?-u:\b)sk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,}",
        spares: reads_like_a_name,
        regex: OnceLock::new(),
    },
    Detector::token("pypi-token", &["pypi-"], r"pypi-[A-Za-z0-9_-]{40,}"),
    Detector::token("huggingface-token", &["hf_"], r"(?-u:\b)hf_[A-Za-z0-9]{30,}"),
    Detector::token("docker-token", &["dckr_"], r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    Detector::token("sendgrid-key", &["sg."], r"(?-u:\b)SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    Detector::token("digitalocean-token", &["do"], r"do[opr]_v1_[a-f0-9]{64}"),
    Detector::token("shopify-token", &["shp"], r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Detector::token("vault-token", &["hvs.", "hvb."], r"(?-u:\b)hv[sb]\.[A-Za-z0-9_-]{24,}"),
    Detector::token("telegram-token", &[":aa"], r"(?-u:\b)[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    Detector::token(
        "jwt",
        &["eyj"],
        r"eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*|[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)",
    ),
    // Headers.
    Detector::likely(
        "authorization",
        &["authorization"],
        r#"(?i-u:authorization)\\?["']?\s*[:=]\s*\\?["']?(?:(?i-u:bearer|basic|digest|token|negotiate|apikey)\s+)?(?P<s>[^\s"'\\,]{3,}(?:, *[a-z]+="[^"]*")*)"#,
        is_no_value,
    ),
    Detector::likely(
        "authorization",
        &["bearer "],
        r"(?-u:\b)(?i-u:bearer)\s+(?P<s>[A-Za-z0-9._~+/=-]{12,})",
        is_one_word,
    ),
    Detector::likely(
        "authorization",
        &["basic "],
        r"(?-u:\b)(?i-u:basic)\s+(?P<s>[A-Za-z0-9+/]{6,}={0,2})",
        is_one_word,
    ),
    Detector::likely(
        "cookie",
        &["cookie"],
        r#"(?i-u:(?:set-)?cookie)\\?["']?\s*:\s*\\?["']?(?P<s>[A-Za-z0-9_.-]+=[^\r\n"'\\]+)"#,
        never,
    ),
    // URLs.
    Detector::likely(
        "url-credentials",
        &["://"],
        r#"(?i-u:[a-z][a-z0-9+.-]*)://(?P<s>[^\s/"'<>?#]+)@"#,
        |found| found.name("s").is_some_and(|user| user.as_str() == "git"),
    ),
    Detector::likely(
        "url-secret",
        &["?", "&"],
        r##"[?&;](?i-u:(?:[a-z0-9_.-]*[_.-])?(?:key|token|secret|password|passwd|pwd|auth|authorization|signature|sig|session|sessionid|sid|code|credential|jwt|apikey))=(?P<s>[^&\s"'#<>\\;]+)"##,
        is_small_number,
    ),
    // Assignments, quoted first: JSON (also inside a string), TOML, code, environment, headers, flags.
    Detector::likely(
        "password",
        SECRET_HINTS,
        concat!(
            secret_word!(),
            r#"\\?["']?\s*(?::|=>?|:=)\s*(?:\\"(?P<s>[^"\\]+)\\"|"(?P<t>(?:[^"\\]|\\.)+)"|'(?P<u>[^']+)')"#
        ),
        is_no_value,
    ),
    Detector::likely(
        "password",
        SECRET_HINTS,
        concat!(
            secret_word!(),
            r#"\\?["']?(?P<by>=|\s*[:=]\s*|\s+=>?\s+)(?P<s>[^\s"',;&}\])\\]{3,})(?P<after>,[ \t]+[a-z]+[ \t.]|[ \t]+[^\s]|[;?])?"#
        ),
        is_prose_or_code,
    ),
    Detector::likely(
        "password",
        &["--pass", "--pwd", "--secret", "--token", "--api"],
        concat!(r"--(?:[a-z0-9]+-)*", secret_word!(), r#"\s+["']?(?P<s>[^\s"'-][^\s"']{2,})"#),
        is_no_value,
    ),
    Detector::likely(
        "e-mail",
        &["@"],
        r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?P<tld>[A-Za-z]{2,})",
        is_no_mailbox,
    ),
    Detector::likely(
        "home-path",
        &["/home/", "/users/"],
        r#"(?:^|(?P<verb>GET |HEAD |POST |PUT |PATCH |DELETE )|[^A-Za-z0-9_.~-])(?P<s>/(?:home|Users)/[^/\s"'<>:;,()\[\]{}]+)"#,
        is_no_home,
    ),
    Detector::likely("home-path", &["/root/"], r"(?:^|[^A-Za-z0-9_.~-])(?P<s>/root)/", never),
    Detector::likely(
        "home-path",
        &["\\users\\"],
        r#"(?P<s>[A-Za-z]:\\{1,2}(?i-u:users)\\{1,2}[^\\/\s"'<>:]+)"#,
        never,
    ),
];

const SECRET_HINTS: &[&str] = &["pass", "pwd", "secret", "key", "token", "credential"];
