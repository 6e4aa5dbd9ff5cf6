//! The patterns of commands and statements: options of programs, SQL, build files, what people write.

use super::detectors::{Detector, unless};
use super::patterns::{SECRET_HINTS, secret_word};
use super::spared::is_one_word;

pub static STATEMENTS: [Detector; 26] = [
    // Command lines.
    Detector::quoted(
        &["--", "-storepass", "-keypass", "-passin", "-passout"],
        concat!(
            r"(?:--(?:[a-z0-9]+-)*(?:",
            secret_word!(),
            r#"|pass|requirepass)|-storepass|-keypass|-passin|-passout)(?:=|\\*["']?,?\s+)(?:pass:)?\\*["']?(?P<s>[^\s"'\\-][^\s"'\\]{2,})"#
        ),
    ),
    Detector::quoted(
        &[
            "mysql",
            "mariadb",
            "sshpass",
            "mongo",
            "docker",
            "podman",
            "htpasswd",
            "redis-cli",
            "ldapsearch",
            "psexec",
        ],
        r#"(?:(?:mysql|mariadb)[a-z-]*[ \t](?:[^\r\n|;&]*?[ \t])?-p|(?:sshpass|mongo(?:sh|dump)?|(?:docker|podman)[ \t]+login)[ \t](?:[^\r\n|;&]*?[ \t])?-p[ \t]*|redis-cli[ \t](?:[^\r\n|;&]*?[ \t])?-a[ \t]+|ldap[a-z]+[ \t](?:[^\r\n|;&]*?[ \t])?-w[ \t]+)["']?(?P<s>[^\s"'-][^\s"']{2,})"#,
    ),
    Detector::quoted(
        &["-u", "--user", "--proxy-user"],
        r#"(?-u:\b)(?:curl|wget|https?|xh)(?:[^\r\n|;]|\\\r?\n)*?[ \t](?:-u|--user|-U|--proxy-user|-a)[ =]?["']?(?P<s>[^\s"':@/]+:[^\s"']+)"#,
    ),
    Detector::quoted(&["login"], r"(?i-u:login)\s+\S+\s+(?i-u:password)\s+(?P<s>\S+)"),
    Detector::spoken(
        &["pass", "pwd"],
        r#"(?i-u:passwords?|passwd|passphrase|passcode|pwd)\s+(?i-u:is|was|to|of|=)\s+(?:set\s+to\s+)?["'`]?(?P<s>[^\s"'`]{4,})"#,
    ),
    // The words of a command as programs list them.
    Detector::quoted(
        &["-u", "--user", "--proxy-user"],
        r#"["'](?:-u|--user|--proxy-user)["'],\s*["'](?P<s>[^\s"':@/]+:[^\s"']+)["']"#,
    ),
    Detector::quoted(
        &["securestring"],
        r#"(?i-u:convertto-securestring)\s+(?:(?i-u:-string)\s+)?["']?(?P<s>[^\s"'$(-][^\s"']*)"#,
    ),
    Detector::quoted(
        &["/user:"],
        r"(?i-u:net\s+use)[ \t](?:[^\r\n|;]*?[ \t])?/(?i-u:user):\S+[ \t]+(?P<s>[^\s/*][^\s]*)",
    ),
    Detector::quoted(
        &["requirepass", "masterauth"],
        r#"(?m:^|["'])(?:requirepass|masterauth)["']?[ \t]+["']?(?P<s>[^\s"']{3,})"#,
    ),
    Detector::quoted(&["auth"], r#""(?i-u:auth)"\s+(?:"[^"\r\n]*"\s+)?"(?P<s>[^"\r\n]+)""#),
    // SQL.
    Detector::quoted(
        &["password", "identified"],
        r#"(?i-u:(?:user|role|with|set|encrypted)\s+password|identified(?:\s+with\s+[!-~]+)?\s+by(?:\s+password)?)\s*(?:\(|for\s[^\r\n]*=)?\s*(?:'(?P<s>[^'\r\n]+)'|"(?P<t>[^"\r\n]+)")"#,
    ),
    // `ENV DB_PASSWORD x` of a build file, `setx API_KEY x`; `env::set_var("API_KEY", "x")`.
    Detector::likely(
        "password",
        SECRET_HINTS,
        concat!(
            r"(?-u:\b)(?:ENV|ARG|setx|setenv)[ \t]+[A-Za-z0-9_]*",
            secret_word!(),
            r#"[ \t]+["']?(?P<s>[^\s"'=$][^\s"']{2,})"#
        ),
        |found, _| unless(found, is_one_word),
    ),
    Detector::quoted(
        SECRET_HINTS,
        concat!(
            r#"(?i-u:define|env|var|property|insert|header|append|config|field|value)!?\(\s*b?["'][A-Za-z0-9_.-]*"#,
            secret_word!(),
            r#"["']\s*,\s*b?["'](?P<s>[^"'\r\n]{3,})["']"#
        ),
    ),
    Detector::quoted(&["_pat"], r#"[A-Z0-9]_PAT["']?\s*[=:]\s*["']?(?P<s>[A-Za-z0-9_.-]{20,})"#),
    Detector::quoted(&["username"], r#""username"\s*:\s*"[^"]*"\s*,\s*"key"\s*:\s*"(?P<s>[0-9a-f]{32})""#),
    // A name and its value in a pair; a value in its type, as Rust shows it.
    Detector::spoken(
        SECRET_HINTS,
        concat!(
            r#"[(\[]\s*\\*["'][A-Za-z0-9_.-]*"#,
            secret_word!(),
            r#"\\*["']\s*,\s*\\*["'](?P<s>[^"'\\\r\n]{3,})\\*["']\s*[)\]]"#
        ),
    ),
    Detector::quoted(
        &["password(", "passphrase(", "secret(", "string(", "key(", "accesstoken(", "authtoken("],
        r#"(?:Password|Passphrase|Secret|SecretString|ApiKey|SecretKey|PrivateKey|AccessToken|AuthToken)\(\\*"(?P<s>[^"\\\r\n]{3,})\\*"\)"#,
    ),
    // What clients say to servers of mail and files; a masked value of a build.
    Detector::quoted(
        &["auth plain", "auth login"],
        r"(?i-u:auth\s+(?:plain|login))\s+(?P<s>[A-Za-z0-9+/=]{8,})",
    ),
    Detector::spoken(&["pass "], r"(?m:^|>|:)[ \t]*PASS :?(?P<s>[^\s/.\[:]{4,})[ \t]*\r?(?m:$)"),
    Detector::spoken(&["login "], r"(?-u:\b)[A-Za-z0-9]+ LOGIN \S+ (?P<s>\S{4,})"),
    Detector::quoted(&["::add-mask::"], r"::add-mask::(?P<s>\S{3,})"),
    Detector::quoted(&["sqlplus"], r#"sqlplus[ \t]+(?:-\S+[ \t]+)*[^\s/@-]+/(?P<s>[^\s@"'/]{3,})"#),
    Detector::quoted(
        &["smbclient", "rpcclient", "smbmap"],
        r#"(?:smbclient|rpcclient|smbmap)[ \t](?:[^\r\n|;]*?[ \t])?-U[ \t]*["']?[^\s%"']+%(?P<s>[^\s"']{3,})"#,
    ),
    Detector::quoted(&["7z"], r#"(?-u:\b)7z[a-z]*[ \t](?:[^\r\n|;]*?[ \t])?-p(?P<s>[^\s"']{3,})"#),
    // The word in other languages, and what is told in quotes.
    Detector::unquoted(
        &["passwor", "kennwor", "passe", "wachtwoo", "contrase", "senha", "парол", "密", "パスワ", "비밀"],
        r#"(?P<name>(?i-u:passwort|kennwort|mot de passe|wachtwoord|senha)|(?i-u:contrase)[ñn](?i-u:a)|[Пп]ароль|密[码碼]|パスワード|비밀번호)["'`]?(?P<by>\s*[:=：]\s*)["'`“„«]?(?P<s>[^\s"'`\\“„«])"#,
    ),
    Detector::spoken(
        &["pass", "pwd"],
        r#"(?i-u:passwords?|passwd|passphrase|passcode|pwd)\s+["'`“‘„«](?P<s>[^\s"'`”’“»]{4,})["'`”’“»]"#,
    ),
];
