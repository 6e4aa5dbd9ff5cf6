//! Tokens that say by how they begin what they are, looked for all at once.
//!
//! The shapes are those the issuers publish, as collected in the rules of gitleaks
//! (<https://github.com/gitleaks/gitleaks>) and GitHub's secret scanning.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// Which characters follow the beginning.
#[derive(Clone, Copy)]
enum Body {
    /// `A-Za-z0-9`
    Plain,
    /// Also `_` and `-`.
    Word,
    /// Also `.`, `=`, `+`, `/` and `~`.
    Dotted,
    /// Hexadecimal digits.
    Hex,
    /// `A-Z0-9`, and exactly as many.
    Capitals,
    /// Hexadecimal digits, and exactly as many.
    ExactHex,
    /// `A-Za-z0-9`, exactly as many, a digit among them.
    Exact,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || match self {
                Self::Word => b"_-".contains(&byte),
                Self::Dotted => b"_-.=+/~".contains(&byte),
                _ => false,
            }
    }

    /// How many of these bytes belong to a token that needs `least`; 0 where it is none.
    fn length(self, rest: &[u8], least: usize) -> usize {
        let length = rest.iter().take_while(|byte| self.holds(**byte)).count();
        let all = |fits: fn(&u8) -> bool, length: usize| rest[..length].iter().all(fits);
        let fits = match self {
            Self::Plain | Self::Word | Self::Dotted => length >= least,
            Self::Hex => length >= least && all(u8::is_ascii_hexdigit, least),
            Self::Capitals => length == least && all(|byte| !byte.is_ascii_lowercase(), length),
            Self::ExactHex => length == least && all(u8::is_ascii_hexdigit, length),
            Self::Exact => length == least && !all(|byte| !byte.is_ascii_digit(), length),
        };
        if fits { length } else { 0 }
    }
}

use Body::{Capitals, Dotted, Exact, ExactHex, Hex, Plain, Word};

/// Kind, beginnings, what follows and how much of it at least, whether it must begin a word.
type Token = (&'static str, &'static [&'static str], Body, usize, bool);

const TOKENS: &[Token] = &[
    ("age-key", &["AGE-SECRET-KEY-1", "AGE-PLUGIN-"], Word, 30, false),
    ("aws-key", &["AKIA", "ASIA", "ABIA", "ACCA", "AROA", "AIDA"], Capitals, 16, true),
    ("aws-key", &["ABSK"], Dotted, 100, true),
    ("aws-key", &["amzn.mws."], Word, 32, false),
    ("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], Plain, 30, false),
    ("github-token", &["github_pat_"], Word, 22, false),
    (
        "gitlab-token",
        &[
            "glpat-",
            "gldt-",
            "glrt-",
            "glcbt-",
            "glptt-",
            "glft-",
            "glimt-",
            "glagent-",
            "glsoat-",
            "gloas-",
            "glwt-",
            "glffct-",
            "GR1348941",
        ],
        Dotted,
        20,
        false,
    ),
    (
        "slack-token",
        &[
            "xoxa-",
            "xoxb-",
            "xoxc-",
            "xoxd-",
            "xoxe-",
            "xoxo-",
            "xoxp-",
            "xoxr-",
            "xoxs-",
            "xoxe.xoxp-",
            "xoxe.xoxb-",
            "xapp-",
        ],
        Word,
        10,
        false,
    ),
    (
        "stripe-key",
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "sk_org_live_"],
        Plain,
        16,
        false,
    ),
    ("stripe-key", &["whsec_"], Dotted, 20, false),
    ("google-key", &["AIza"], Word, 35, false),
    ("google-key", &["ya29.", "1//0"], Dotted, 20, true),
    ("google-key", &["GOCSPX-"], Word, 20, false),
    ("npm-token", &["npm_"], Plain, 36, false),
    ("crates-io-token", &["cio"], Exact, 32, true),
    ("rubygems-token", &["rubygems_"], Hex, 40, false),
    ("nuget-key", &["oy2"], Exact, 43, true),
    ("clojars-token", &["CLOJARS_"], Plain, 50, false),
    ("pypi-token", &["pypi-"], Word, 40, false),
    ("anthropic-key", &["sk-ant-"], Word, 16, false),
    ("huggingface-token", &["hf_", "api_org_"], Plain, 30, true),
    ("ai-key", &["gsk_", "pplx-", "xai-"], Plain, 40, true),
    ("ai-key", &["nvapi-", "tgp_v1_"], Word, 40, false),
    ("ai-key", &["r8_"], Plain, 36, true),
    ("ai-key", &["lsv2_pt_", "lsv2_sk_", "pcsk_"], Word, 40, true),
    ("api-key", &["s-s4t2ud-", "u-s4t2ud-"], Hex, 60, true),
    ("docker-token", &["dckr_pat_", "dckr_oat_"], Word, 20, false),
    ("sendgrid-key", &["SG."], Dotted, 34, true),
    ("mail-key", &["xkeysib-", "xsmtpsib-"], Word, 60, false),
    ("mail-key", &["key-"], ExactHex, 32, true),
    ("twilio-key", &["SK"], ExactHex, 32, true),
    ("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], Hex, 64, false),
    ("shopify-token", &["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"], Hex, 32, false),
    ("vault-token", &["hvs.", "hvb.", "hvr."], Word, 24, true),
    ("heroku-key", &["HRKU-"], Word, 36, false),
    ("square-token", &["sq0atp-", "sq0csp-", "sq0idp-"], Word, 22, false),
    ("square-token", &["EAAA"], Word, 60, true),
    ("supabase-key", &["sbp_"], Hex, 40, true),
    ("supabase-key", &["sb_secret_"], Word, 20, false),
    ("planetscale-token", &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], Dotted, 30, false),
    ("databricks-token", &["dapi"], Hex, 32, true),
    ("doppler-token", &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], Dotted, 40, true),
    ("linear-key", &["lin_api_", "lin_oauth_"], Plain, 32, false),
    ("notion-token", &["ntn_"], Plain, 40, true),
    ("notion-token", &["secret_"], Exact, 43, true),
    ("figma-token", &["figd_"], Word, 30, false),
    ("atlassian-token", &["ATATT3", "ATCTT3", "ATBB"], Dotted, 28, true),
    ("ci-token", &["CCIPAT_", "CCIPRJ_"], Word, 30, false),
    ("ci-token", &["bkua_"], Hex, 40, false),
    ("sentry-token", &["sntrys_", "sntryu_"], Dotted, 40, false),
    ("newrelic-key", &["NRAK-", "NRII-", "NRJS-"], Word, 19, false),
    ("grafana-token", &["glc_", "glsa_"], Dotted, 32, true),
    ("honeycomb-key", &["hcaik_", "hcxik_", "hcamk_"], Plain, 30, false),
    ("postman-key", &["PMAK-"], Word, 50, false),
    ("posthog-key", &["phx_", "phc_"], Plain, 40, true),
    ("pulumi-token", &["pul-"], Hex, 40, true),
    ("tailscale-key", &["tskey-"], Word, 20, false),
    ("sonar-token", &["sqp_", "squ_", "sqa_"], Hex, 40, true),
    ("artifactory-key", &["AKCp"], Plain, 60, true),
    ("typeform-token", &["tfp_"], Dotted, 50, true),
    ("contentful-token", &["CFPAT-"], Word, 40, false),
    ("dynatrace-token", &["dt0c01.", "dt0s16."], Dotted, 60, true),
    ("flutterwave-key", &["FLWSECK-", "FLWSECK_TEST-"], Word, 30, false),
    ("alibaba-key", &["LTAI"], Exact, 20, true),
    ("tencent-key", &["AKID"], Exact, 32, true),
    ("adafruit-key", &["aio_"], Exact, 28, true),
    ("openshift-token", &["sha256~"], Word, 43, false),
    ("fly-token", &["fm1_", "fm2_", "fo1_"], Dotted, 40, true),
    ("netlify-token", &["nfp_", "nfc_"], Plain, 36, true),
    ("render-key", &["rnd_"], Plain, 30, true),
    ("1password-token", &["ops_eyJ"], Dotted, 50, true),
    ("easypost-key", &["EZAK", "EZTK"], Plain, 50, true),
    ("shippo-token", &["shippo_live_", "shippo_test_"], Hex, 40, false),
    ("readme-key", &["rdme_"], Plain, 60, true),
    ("prefect-key", &["pnu_"], Plain, 36, true),
    ("infracost-key", &["ico-"], Exact, 32, true),
    ("yandex-key", &["AQVN"], Word, 30, true),
    ("facebook-token", &["EAACEdEose0cBA"], Plain, 20, false),
    ("facebook-token", &["EAA"], Plain, 90, true),
    ("dropbox-token", &["sl.B", "sl.u."], Word, 100, true),
    ("twitch-token", &["oauth:"], Exact, 30, true),
];

/// Where tokens stand and of which kind, from the left, none inside another.
pub fn spans(text: &str) -> Vec<(Range<usize>, &'static str)> {
    static BEGINNINGS: OnceLock<Option<(AhoCorasick, Vec<usize>)>> = OnceLock::new();
    let Some((beginnings, rows)) = BEGINNINGS.get_or_init(beginnings) else { return Vec::new() };
    let bytes = text.as_bytes();
    let mut spans: Vec<(Range<usize>, &'static str)> = Vec::new();
    for found in beginnings.find_overlapping_iter(text) {
        let (kind, _, body, least, word) = TOKENS[rows[found.pattern().as_usize()]];
        if word && is_joined(&bytes[..found.start()]) {
            continue;
        }
        let length = body.length(&bytes[found.end()..], least);
        if length > 0 {
            let end = text[..found.end() + length].trim_end_matches(['.', '/']).len();
            spans.push((found.start()..end, kind));
        }
    }
    spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut end = 0;
    spans.retain(|(span, _)| {
        let outside = span.start >= end;
        end = end.max(span.end);
        outside
    });
    spans
}

/// The automaton of all beginnings and the row of each; `None` cannot be: a test builds it.
fn beginnings() -> Option<(AhoCorasick, Vec<usize>)> {
    let rows = TOKENS.iter().enumerate();
    let (rows, words): (Vec<usize>, Vec<&str>) =
        rows.flat_map(|(row, token)| token.1.iter().map(move |word| (row, *word))).unzip();
    Some((AhoCorasick::new(words).ok()?, rows))
}

/// Whether what stands before goes on with a name; an escape such as `\n`, `%20`, `\u0022` or the
/// code of a colour ends with a letter or digit and is no name.
pub fn is_joined(before: &[u8]) -> bool {
    let Some(last) = before.last() else { return false };
    if !last.is_ascii_alphanumeric() && !b"_-".contains(last) {
        return false;
    }
    let tail = |n: usize| before.len().checked_sub(n).map_or(&[][..], |at| &before[at..]);
    let escaped = matches!(tail(2), [b'\\', b'n' | b'r' | b't' | b'b' | b'f']);
    let percent = matches!(tail(3), [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    let unicode = tail(6).starts_with(b"\\u");
    let colour = *last == b'm' && {
        let digits =
            before[..before.len() - 1].iter().rev().take_while(|b| b.is_ascii_digit() || **b == b';').count();
        before[..before.len() - 1 - digits].ends_with(b"[")
    };
    !(escaped || percent || unicode || colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_looked_for() {
        let (_, rows) = beginnings().unwrap();
        assert_eq!(rows.len(), TOKENS.iter().map(|token| token.1.len()).sum::<usize>());
    }

    #[test]
    fn an_escape_or_a_colour_before_a_token_is_no_part_of_a_name() {
        let token = format!("AK{}{}", "IA", "Q3EGRBHX2V7KP5NA");
        for before in ["", "\\n", "%3D", "\\u0022", "\u{1b}[1;32m", "key=", "(", "/"] {
            assert_eq!(spans(&format!("{before}{token}")).len(), 1, "{before:?}");
        }
        for before in ["x", "_", "7"] {
            assert_eq!(spans(&format!("{before}{token}")), [], "{before:?}");
        }
    }
}
