//! Planted secrets, each of which must be found.
//!
//! They are put together from pieces and a generator at run time: no token shape stands in this file.

use super::Redactor;

const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";

/// `length` characters of `alphabet` that look random and are the same each time.
pub(super) fn made(alphabet: &str, length: usize, seed: u64) -> String {
    let letters = alphabet.as_bytes();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..length).map(next).collect()
}

/// Kind, what stands before the secret, the secret, what stands after it.
type Row = (&'static str, String, String, &'static str);

fn row(kind: &'static str, before: &str, secret: impl Into<String>, after: &'static str) -> Row {
    (kind, before.to_owned(), secret.into(), after)
}

fn block(label: &str, newline: &str) -> String {
    let lines: Vec<String> = (0..4).map(|n| made(BASE62, 64, n + 90)).collect();
    let dashes = "-".repeat(5);
    format!(
        "{dashes}BEGIN {label}{dashes}{newline}{}{newline}{dashes}END {label}{dashes}",
        lines.join(newline)
    )
}

fn certain() -> Vec<Row> {
    let b62 = |length, seed| made(BASE62, length, seed);
    let jwt = format!("ey{}{}.ey{}{}.{}", "J", b62(30, 1), "J", b62(40, 2), b62(43, 3));
    vec![
        row("private-key", "key:\n", block(&format!("RSA PRIVATE {}", "KEY"), "\n"), "\nend"),
        row("private-key", "", block(&format!("OPENSSH PRIVATE {}", "KEY"), "\n"), ""),
        row("private-key", "", block(&format!("EC PRIVATE {}", "KEY"), "\r\n"), "\r\n"),
        row("private-key", "{\"k\":\"", block(&format!("PRIVATE {}", "KEY"), "\\n"), "\"}"),
        row("private-key", "x ", block(&format!("ENCRYPTED PRIVATE {}", "KEY"), "\n"), " y"),
        row("private-key", "", block(&format!("PGP PRIVATE {} BLOCK", "KEY"), "\n"), "\n"),
        row("private-key", "id ", format!("AGE-SECRET-{}1{}", "KEY-", made(CAPITALS, 58, 4)), "\n"),
        row("aws-key", "id=", format!("AK{}{}", "IA", made(CAPITALS, 16, 5)), " region=eu"),
        row("aws-key", "", format!("AS{}{}", "IA", made(CAPITALS, 16, 6)), ""),
        row("github-token", "git clone with ", format!("gh{}{}", "p_", b62(36, 7)), ""),
        row("github-token", "", format!("gh{}{}", "s_", b62(36, 8)), "\n"),
        row("github-token", "\"", format!("github_{}{}_{}", "pat_", b62(22, 9), b62(59, 10)), "\""),
        row("gitlab-token", "PRIVATE: ", format!("gl{}{}", "pat-", b62(20, 11)), ""),
        row("gitlab-token", "", format!("gl{}{}", "rt-", b62(20, 12)), "."),
        row(
            "slack-token",
            "",
            format!("xo{}{}-{}-{}", "xb-", "123456789012", "1234567890123", b62(24, 13)),
            "",
        ),
        row("slack-token", "", format!("xa{}1-A{}", "pp-", b62(40, 14)), ""),
        row(
            "slack-token",
            "https://",
            format!("hooks.slack.{}/services/T{}/B{}/{}", "com", b62(8, 1), b62(8, 2), b62(24, 15)),
            "",
        ),
        row("stripe-key", "", format!("sk{}{}", "_live_", b62(24, 16)), ""),
        row("stripe-key", "", format!("rk{}{}", "_test_", b62(24, 17)), ","),
        row("stripe-key", "", format!("wh{}{}", "sec_", b62(32, 18)), ""),
        row("google-key", "?k:", format!("AI{}{}", "za", b62(35, 19)), ""),
        row("google-key", "", format!("ya{}{}", "29.", b62(60, 20)), ""),
        row("google-key", "", format!("GOC{}{}", "SPX-", b62(28, 21)), ""),
        row("npm-token", "//registry/:_x ", format!("np{}{}", "m_", b62(36, 22)), ""),
        row("crates-io-token", "cargo login ", format!("ci{}{}", "o", b62(32, 23)), ""),
        row("anthropic-key", "", format!("sk{}api03-{}", "-ant-", b62(80, 24)), ""),
        row("openai-key", "", format!("s{}{}", "k-", b62(48, 25)), ""),
        row("openai-key", "", format!("s{}proj-{}", "k-", b62(60, 26)), ""),
        row("openai-key", "", format!("s{}or-v1-{}", "k-", made(HEX, 64, 27)), ""),
        row("pypi-token", "", format!("py{}{}", "pi-", b62(90, 28)), ""),
        row("huggingface-token", "", format!("h{}{}", "f_", b62(34, 29)), ""),
        row("docker-token", "", format!("dc{}{}", "kr_pat_", b62(27, 30)), ""),
        row("sendgrid-key", "", format!("S{}{}.{}", "G.", b62(22, 31), b62(43, 32)), ""),
        row("digitalocean-token", "", format!("do{}{}", "p_v1_", made(HEX, 64, 33)), ""),
        row("shopify-token", "", format!("sh{}{}", "pat_", made(HEX, 32, 34)), ""),
        row("vault-token", "", format!("hv{}{}", "s.", b62(90, 35)), ""),
        row("telegram-token", "bot", format!("{}:A{}{}", "1234567890", "A", b62(33, 36)), "").into_spaced(),
        row("jwt", "cookie was ", jwt.clone(), ""),
        row("jwt", "{\"id_tok\":\"", jwt, "\"}"),
    ]
}

trait Spaced {
    fn into_spaced(self) -> Self;
}

impl Spaced for Row {
    fn into_spaced(mut self) -> Self {
        self.1.push(' ');
        self
    }
}

fn likely() -> Vec<Row> {
    let b62 = |length, seed| made(BASE62, length, seed);
    vec![
        row("authorization", "Authorization: Bearer ", b62(30, 40), "\r\n"),
        row("authorization", "authorization: basic ", "dXNlcjpwYXNz", "\n"),
        row("authorization", "-H 'Authorization: token ", b62(20, 41), "' https"),
        row("authorization", "{\"authorization\":\"Bearer ", b62(30, 42), "\"}"),
        row("authorization", "sent Bearer ", b62(26, 43), " to it"),
        row("authorization", "Authorization: ", b62(16, 44), ""),
        row("cookie", "Cookie: ", "session=abc123def; theme=dark", "\n"),
        row("cookie", "set-cookie: ", "sid=s%3Axyz.1; HttpOnly", "\r\n"),
        row("url-credentials", "postgres://", "app:hunter2", "@db.example/orders"),
        row("url-credentials", "https://", format!("oauth2:{}", b62(20, 45)), "@host.example/x.git"),
        row("url-credentials", "redis://", ":p%40ss", "@cache:6379/0"),
        row("url-secret", "GET /v1/items?page=2&api_key=", b62(12, 46), "&sort=name"),
        row("url-secret", "https://x.example/cb?code=", "4aXy77", ""),
        row("url-secret", "https://x.example/?X-Amz-Signature=", made(HEX, 64, 47), "&a=b"),
        row("url-secret", "/f?sig=", "a%2Bb%3D", " HTTP/1.1"),
        row("password", "password=", "hunter2", " user=bob"),
        row("password", "PASSWORD=\"", "correct horse", "\""),
        row("password", "{\"password\":\"", "hunter2", "\",\"user\":\"bob\"}"),
        row("password", "{\"body\":\"{\\\"password\\\":\\\"", "hunter2", "\\\"}\"}"),
        row("password", "password: ", "swordfish", "\n"),
        row("password", "login with password: ", "hunter2", " fails"),
        row("password", "db_password = '", "s3cr3t!", "'"),
        row("password", "export AWS_SECRET_ACCESS_KEY=", b62(40, 48), "\n"),
        row("password", "SECRET_KEY_BASE=", made(HEX, 64, 49), "\n"),
        row("password", "X-Api-Key: ", "abc-def-123", "\r\n"),
        row("password", "api_key = \"", "k9", "\""),
        row("password", "client_secret=", "zzz-111", "&x=1"),
        row("password", "token = \"", "abcd1234", "\""),
        row("password", "NPM_TOKEN=", "abcdefgh", "\n"),
        row("password", "mysql --password ", "hunter2", " -u root"),
        row("password", "curl --api-token=", "qwertz99", ""),
        row("password", "'secret' => '", "geheim", "'"),
        row("e-mail", "from ", "jane.doe+x@mail.example.org", ":"),
        row("e-mail", "<", "a_b@example.co", ">"),
        row("ip-address", "peer ", "192.168.17.4", ":8080"),
        row("ip-address", "addr:", "10.20.30.40", ":80"),
        row("ip-address", "from ", "203.0.113.9", "."),
        row("ip-address", "[", "2001:db8::8a2e:370:7334", "]:443"),
        row("ip-address", "peer=", "fe80::1ff:fe23:4567:890a", "%eth0"),
        row("ip-address", "", "2001:db8:0:1:2:3:4:5", ": refused"),
        row("home-path", "at ", "/home/jane", "/project/src/main.rs:4:2"),
        row("home-path", "file://", "/Users/jane.doe", "/x"),
        row("home-path", "in ", "/root", "/.cargo/registry"),
        row("home-path", "HOME=", "/home/jane", "\n"),
        row("home-path", "open ", "C:\\Users\\Jane", "\\Desktop"),
        row("high-entropy", "key was ", b62(40, 50), ""),
        row("high-entropy", "x-amz: ", format!("{}/{}+{}=", b62(20, 51), b62(12, 52), b62(30, 53)), ""),
    ]
}

fn assert_found((kind, before, secret, after): &Row, wants_certain: bool) {
    let text = format!("{before}{secret}{after}");
    let redacted = Redactor::default().redact(&text);
    assert!(!redacted.text.contains(secret.as_str()), "{kind}: left in {:?}", redacted.text);
    let found = redacted.found.iter().find(|found| found.kind == *kind);
    let found = found.unwrap_or_else(|| panic!("{kind}: found {:?} in {text:?}", redacted.found));
    assert_eq!(found.certain, wants_certain, "{kind}");
    assert!(redacted.text.ends_with(after), "{kind}: what follows is lost in {:?}", redacted.text);
    let again = Redactor::default().redact(&redacted.text);
    assert_eq!(again.text, redacted.text, "redacting twice changes nothing");
    assert!(again.found.is_empty(), "{kind}: a placeholder was taken for a secret: {:?}", again.found);
}

#[test]
fn every_planted_secret_is_found() {
    assert!(certain().len() + likely().len() >= 60);
    certain().iter().for_each(|row| assert_found(row, true));
    likely().iter().for_each(|row| assert_found(row, false));
}

#[test]
fn a_secret_is_found_in_the_middle_of_a_long_log() {
    let filler = "2026-11-22T10:00:00Z INFO request served in 12 ms\n".repeat(200);
    for (kind, before, secret, after) in certain().iter().chain(&likely()) {
        let redacted = Redactor::default().redact(&format!("{filler}{before}{secret}{after}\n{filler}"));
        assert!(!redacted.text.contains(secret.as_str()), "{kind}");
        assert!(redacted.text.starts_with(&filler) && redacted.text.ends_with(&filler), "{kind}");
    }
}

#[test]
fn a_key_block_that_breaks_off_is_found() {
    let whole = block(&format!("RSA PRIVATE {}", "KEY"), "\n");
    let cut = &whole[..200];
    let redacted = Redactor::default().redact(cut);
    assert!(redacted.is_certain());
    assert_eq!(redacted.text, "<redacted:private-key>");
}
