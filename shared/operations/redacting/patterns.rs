//! The patterns: keys in blocks, headers, URLs, assignments, addresses of people.

use super::detectors::{Detector, span, unless};
use super::spared::{
    is_no_credential, is_no_home, is_no_mailbox, is_one_word, is_small_number, reads_like_a_name,
};
use super::tokens::is_joined;

/// Words whose value is a secret, at the end of a name such as `DB_PASSWORD` or `x-api-key`.
macro_rules! secret_word {
    () => {
        concat!(
            r"(?i-u:passwords?|passwd|pass[_-]?phrase|passcode|pwd|psk|secrets?|secret[_-]?(?:access[_-]?)?key(?:[_-]?base)?",
            r"|credentials?|token|mnemonic|seed[_ -]?phrase|(?:otp|pin)[_-]?code|(?:api|access|private|signing|encryption|decryption|pre[_-]?shared|shared|account|aes|jwt|cipher|crypto",
            r"|master|licen[sc]e|auth|subscription|functions?|instrumentation|storage|service|service[_-]?role|deploy|webhook|session",
            r"|app|application|client|consumer|registration|bot|admin|root|cookie|hmac|recovery|integration|routing|write|ingest(?:ion)?|vault|unseal)[_-]?key)",
            r"(?i-u:[_-]?[0-9]{1,2}|[_-](?:value|prod|production|dev|test|staging|old|new|current|primary|secondary|hash|salt|b64|base64|text|raw|plain))?"
        )
    };
}

pub(super) use secret_word;

/// A quote as it stands, in JSON inside JSON, in HTML and in a URL; the code of a colour.
macro_rules! quote {
    () => {
        r#"(?:\x1b\[[0-9;]*m)*(?:\\*["'`]|&quot;|&#3[49];|%2[27])?(?:\x1b\[[0-9;]*m)*"#
    };
}

pub const SECRET_HINTS: &[&str] = &[
    "pass",
    "pwd",
    "psk",
    "secret",
    "key",
    "token",
    "credential",
    "mnemonic",
    "seed",
    "pincode",
    "pin_code",
    "pin-code",
    "otpcode",
    "otp_code",
    "otp-code",
];

pub static DETECTORS: [Detector; 29] = [
    // Keys in blocks, also with newlines written as \n inside JSON.
    Detector::token(
        "private-key",
        &["private key"],
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    ),
    Detector::token(
        "private-key",
        &["private key"],
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[ \t\r\n\\nr]*(?:[A-Za-z-]+: [^\r\n\\]*[ \t\r\n\\nr]+)*[A-Za-z0-9+/=]{16}[A-Za-z0-9+/= \t\r\n\\]*",
    ),
    Detector::token(
        "private-key",
        &["private-lines"],
        r"Private-Lines: [0-9]+\r?\n(?P<s>(?:[A-Za-z0-9+/=]+(?:\r?\n|$))+)",
    ),
    Detector::token(
        "private-key",
        &["kty"],
        r#"\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?"(?P<s>[A-Za-z0-9_-]{30,})\\?""#,
    ),
    // Tokens told by what stands in or behind them.
    Detector::likely(
        "openai-key",
        &["sk-"],
        r"sk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,}",
        |found, text| {
            unless(found, reads_like_a_name).filter(|span| !is_joined(&text.as_bytes()[..span.start]))
        },
    )
    .certainly(),
    Detector::token("openai-key", &["t3blbkfj"], r"[A-Za-z0-9_-]{10,}T3BlbkFJ[A-Za-z0-9_-]{10,}"),
    Detector::token(
        "slack-token",
        &["hooks.slack"],
        r"hooks\.slack(?:-gov)?\.com\\?/(?:services|workflows|triggers)\\?/[A-Za-z0-9/\\]{20,}",
    ),
    Detector::token(
        "webhook",
        &["api/webhooks", "webhookb2", "hooks.zapier", "webhook.site"],
        r"(?:discord(?:app)?\.com/api(?:/v[0-9]+)?/webhooks/[0-9]+/[A-Za-z0-9_-]{20,}|webhookb2/[A-Za-z0-9@/-]{40,}|hooks\.zapier\.com/hooks/catch/[0-9]+/[A-Za-z0-9]+|webhook\.site/[0-9a-f-]{36})",
    ),
    Detector::token("telegram-token", &[":aa"], r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}"),
    Detector::token("terraform-token", &[".atlasv1."], r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}"),
    Detector::token("azure-secret", &["q~"], r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    Detector::token("azure-secret", &["azdo"], r"[A-Za-z0-9]{70,80}AZDO[A-Za-z0-9]{4}"),
    Detector::token("mail-key", &["-us"], r"[0-9a-f]{32}-us[0-9]{1,2}"),
    Detector::token("airtable-token", &["pat"], r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    Detector::token("cloudflare-key", &["v1.0-"], r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}"),
    Detector::likely(
        "launchdarkly-key",
        &["sdk-", "mob-"],
        r"(?-u:\b)(?:sdk|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        |found, _| span(found),
    ),
    Detector::token(
        "braintree-token",
        &["access_token$"],
        r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
    ),
    Detector::token(
        "jwt",
        &["eyj"],
        r"eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*|[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)",
    ),
    Detector::likely(
        "password-hash",
        &["$2", "$argon2", "$1$", "$5$", "$6$", "$y$", "$scrypt", "$pbkdf2", "$apr1$"],
        r"\$(?:2[abxy]|argon2(?:id|i|d)|apr1|[156y]|scrypt|pbkdf2[a-z0-9-]*)\$[A-Za-z0-9./$=,+_-]{20,}",
        |found, _| span(found),
    ),
    // Headers.
    Detector::likely(
        "authorization",
        &["authorization"],
        r#"(?i-u:authorization)\\*["']?(?:\x1b\[[0-9;]*m)*\s*[:=,]\s*(?:\x1b\[[0-9;]*m)*(?:Some\(|\[)*\\*["']?(?:(?i-u:bearer|basic|digest|token|negotiate|ntlm|api-?key|apitoken|aws4-hmac-sha256|hmac|hawk|oauth|key|sharedkey(?:lite)?|sso-key|geniekey|splunk|bot|signature|mac|dpop|jwt)\s+)?(?P<s>(?:[A-Za-z_-]+=\\*"[^"\\\r\n,}\]]*\\*"|[^\s"'\\,]{3,})(?:, *[A-Za-z_-]+=(?:\\*"[^"\\\r\n]*\\*"|[^\s"'\\,]+))*)"#,
        |found, _| unless(found, is_no_credential),
    ),
    Detector::likely(
        "authorization",
        &["bearer "],
        r"(?-u:\b)(?i-u:bearer)\s+(?P<s>[A-Za-z0-9._~+/=-]{12,})",
        |found, _| unless(found, is_one_word),
    ),
    Detector::likely(
        "authorization",
        &["basic "],
        r"(?-u:\b)(?i-u:basic)\s+(?P<s>[A-Za-z0-9+/]{6,}={0,2})",
        |found, _| unless(found, is_one_word),
    ),
    Detector::likely(
        "cookie",
        &["cookie"],
        r#"(?i-u:(?:set-)?cookies?2?)\\*["']?\s*(?:[:=,]|\s)\s*\[?\\*["']?(?P<s>[A-Za-z0-9_.-]+=(?:[^\r\n"'\\]|="[^"\r\n]*")+)"#,
        |found, _| span(found),
    ),
    Detector::likely(
        "session",
        &["sess", "sid", "csrf", "xsrf", "remember"],
        r#"(?:^|[^A-Za-z])(?i-u:phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|_?[a-z0-9]*_?session(?:[_-]?(?:id|key|token))?|sessid|sid|csrf[_-]?token|xsrf[_-]?token|remember[_-]?token)\\*["']?\s*[:=]\s*\\*["']?(?P<s>[A-Za-z0-9%._~+/=-]{8,})"#,
        |found, _| unless(found, is_one_word),
    ),
    // `Server=x;Password=a b;`
    Detector::quoted(
        &[";"],
        r#";\s*(?i-u:password|pwd|accountkey|sharedaccesskey|sharedsecret|secret)\s*=\s*(?P<s>[^;"'\\\r\n]+)"#,
    ),
    // URLs, also with slashes as JSON may escape them.
    Detector::likely(
        "url-credentials",
        &[
            "postgres",
            "mysql",
            "mariadb",
            "mongodb",
            "redis",
            "rediss",
            "amqp",
            "ftp",
            "smtp",
            "ldap",
            "clickhouse",
        ],
        r#"(?i-u:(?:postgres(?:ql)?|mysql2?|mariadb|mongodb|rediss?|amqps?|s?ftps?|smtps?|ldaps?|clickhouse)(?:\+[a-z0-9]+)?):(?:\\?/){2}(?P<s>[^\s/:@"'<>]*:[^\s"'<>]+)@[A-Za-z0-9\[_.-]"#,
        |found, _| span(found),
    ),
    Detector::likely(
        "url-credentials",
        &["jdbc:oracle"],
        r#"jdbc:oracle:[a-z0-9]+:(?P<s>[^\s/@"']+/[^\s@"']+)@"#,
        |found, _| span(found),
    ),
    Detector::likely(
        "url-credentials",
        &[":/", ":\\/"],
        r#"(?i-u:[a-z][a-z0-9+.-]*):(?:\\?/){2}(?P<s>[^\s/"'<>?#\\]+)@"#,
        |found, _| unless(found, |found| found.name("s").is_some_and(|user| user.as_str() == "git")),
    ),
    Detector::likely(
        "url-secret",
        &["=", "%3d"],
        r##"(?:[?&#]|\\u0026|&amp;)(?i-u:(?:[a-z0-9_.-]*[_.-])?(?:key|token|secret|password|passwd|pwd|pw|pass|auth|authorization|signature|sig|hmac|session|sessionid|sid|code|credential|jwt|apikey|ticket|otp|assertion|samlresponse|code_verifier)|[a-z]*token|[a-z]*secret)(?:=|%3[Dd])(?P<s>[^&\s"'#<>\\;]+)"##,
        |found, _| unless(found, is_small_number),
    ),
];

pub static MORE_DETECTORS: [Detector; 12] = [
    // Assignments, quoted first: JSON (also inside a string), TOML, code, environment, headers, flags.
    Detector::quoted(
        SECRET_HINTS,
        concat!(
            secret_word!(),
            quote!(),
            r"\s*(?:=>|:=|==?|:|->)\s*(?:\x1b\[[0-9;]*m)*(?:[A-Z][A-Za-z]*(?:::[A-Za-z_]+)*\()*[bruf]?",
            r#"(?:\\+["'](?P<s>[^"'\\\r\n]+)\\+["']|"(?P<t>(?:[^"\\\r\n]|\\.)+)"|'(?P<u>[^'\r\n]+)'|`(?P<v>[^`\r\n]+)`|&quot;(?P<w>[^&]+)&|["'](?P<x>[^"'\r\n]{3,})(?m:$))"#
        ),
    ),
    Detector::unquoted(
        SECRET_HINTS,
        concat!(
            r"(?P<name>",
            secret_word!(),
            ")",
            quote!(),
            r#"(?P<by>\s*(?:=>|:=|->)\s*|\s*[:=]\s*|%3[AaDd]|\s+=>?\s+)(?:\x1b\[[0-9;]*m)*(?P<s>[^\s"'`\\\x1b])"#
        ),
    ),
    // `pass` is also what a test does.
    Detector::quoted(
        &["pass"],
        r#"(?:^|[^A-Za-z])(?i-u:pass)(?:\\*["'])?\s*[:=]\s*\\*["'](?P<s>[^"'\\\r\n]+)\\*["']"#,
    ),
    Detector::unquoted(&["pass"], r#"(?P<name>(?:^|[^A-Za-z])(?i-u:pass))(?P<by>=)(?P<s>[^\s"'`\\\x1b0-9])"#),
    Detector::quoted(
        &["auth"],
        r#"(?i-u:_auth|\\*"auth\\*")\s*[:=]\s*\\*"?(?P<s>[A-Za-z0-9+/=_-]{6,})\\*"?"#,
    ),
    // Between tags, and told by a name and a value apart.
    Detector::quoted(
        SECRET_HINTS,
        concat!(
            r"<(?:[A-Za-z0-9]+:)?[A-Za-z0-9_.-]*",
            secret_word!(),
            r"(?: [^<>]*)?>\s*(?P<s>[^<>\s][^<>]*)</"
        ),
    ),
    Detector::quoted(
        SECRET_HINTS,
        concat!(
            r#"(?i-u:name|key|field|header|id)\\*["']?\s*[:=]\s*\\*["']?[A-Za-z0-9_.-]*"#,
            secret_word!(),
            r#"\\*["']?[,;\s]+\\*["']?(?i-u:value|content)\\*["']?\s*[:=]\s*\\*["']?(?P<s>[^"'\\\r\n<>]+)"#
        ),
    ),
    Detector::quoted(
        SECRET_HINTS,
        concat!(r#"name="[^"]*"#, secret_word!(), r#""(?:\s*\r?\n\r?\n|\s{4})(?P<s>[^\s-][^\r\n]*)"#),
    ),
    Detector::quoted(
        SECRET_HINTS,
        concat!(secret_word!(), r#"["']?:\s*[|>][+-]?(?:[ \t]*\r?\n[ \t]+|[ \t]{2,})(?P<s>[^\s][^\r\n]*)"#),
    ),
    Detector::quoted(
        &["x-", "api-key", "private-token"],
        r#"(?i-u:["'](?:x-[a-z-]*(?:key|token|secret|auth)|api-key|private-token)["'])\s*,\s*["'](?P<s>[^"'\r\n]+)["']"#,
    ),
    // People.
    Detector::likely(
        "e-mail",
        &["@", "%40"],
        r"[A-Za-z0-9._%+\x{80}-\x{10ffff}-]+(?:@|%40)(?:[A-Za-z0-9\x{80}-\x{10ffff}](?:[A-Za-z0-9\x{80}-\x{10ffff}-]*[A-Za-z0-9\x{80}-\x{10ffff}])?\.)+(?P<tld>[A-Za-z\x{80}-\x{10ffff}]{2,})",
        |found, _| if is_no_mailbox(found) { None } else { found.get(0).map(|all| all.range()) },
    ),
    Detector::likely(
        "home-path",
        &["home/", "home\\/", "users", "root"],
        r#"(?:^|(?P<verb>GET |HEAD |POST |PUT |PATCH |DELETE )|[^A-Za-z0-9_.~-])(?:(?P<s>(?:/(?:var|usr|export|data|nfs|net|mnt/[a-z]|[a-z]))?/(?:home|Users)/[^/\s"'<>:;,()\[\]{}\\]+)|(?P<t>\\/(?:home|Users)\\/[^/\s"'<>:;,()\[\]{}\\]+)|(?P<u>/root)/|(?P<v>[A-Za-z]:[\\/]{1,4}(?i-u:users|documents and settings)[\\/]{1,4}[^\\/"'<>:|\r\n]{1,40})[\\/]|(?P<w>[A-Za-z]:[\\/]{1,4}(?i-u:users)[\\/]{1,4}[^\\/\s"'<>:|]+))"#,
        |found, _| unless(found, is_no_home),
    ),
];
