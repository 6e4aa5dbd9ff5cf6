//! Secrets inside base64 and percent-encoding.

use super::{CAPITALS, Row, b62, base64, block, made, row};

pub fn rows() -> Vec<Row> {
    let token = format!("gh{}{}", "p_", b62(36, 120));
    let key = block(&format!("RSA PRIVATE {}", "KEY"), "\n");
    let folded: Vec<String> =
        base64(&key).as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let certain = |row: Row| Row { certain: true, ..row };
    vec![
        certain(row("github-token", "blob ", base64(&format!("token {token} of ci")), " end")),
        certain(row("github-token", "blob ", base64(&base64(&format!("token {token} of ci"))), " end")),
        certain(row("private-key", "tls.key: ", base64(&key), "\n")),
        certain(row("private-key", "tls:\n", folded.join("\n"), "\n")),
        certain(row("aws-key", "?x=", format!("id%20AK{}{}%0A", "IA", made(CAPITALS, 16, 121)), "&y=1")),
        row("password", "body ", base64("{\"user\":\"bob\",\"password\":\"hunter2\"}"), " sent"),
        row("url-credentials", "DB: ", base64("postgres://app:hunter2@db/orders"), "\n"),
        row("e-mail", "who ", base64("jane.doe@mail.example"), ""),
        row("password", "?next=", "%2Flogin%3Fuser%3Dbob%26password%3Dhunter2", "&y=1"),
        row("home-path", "file=", "%2Fhome%2Fjane%2Fx", " end"),
    ]
}
