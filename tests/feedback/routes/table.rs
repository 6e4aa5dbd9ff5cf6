//! The routes: each plants its rows by one door of `git feedback`.

use serde_json::{Value, json};

use super::{Ground, INTENT, Planted, word};
use crate::feedback::items;
use crate::support::{FEEDBACK, finish};

pub type Route = (&'static str, fn(&Ground, &[Planted]));

pub const ROUTES: &[Route] = &[
    ("words of add", |ground, rows| {
        for row in rows {
            ground.ran(&["add", "--redact", "--title", &row.text, "--body", &row.text]).ok();
        }
    }),
    ("standard input of add", |ground, rows| {
        let file = ground.outside("told.txt", page(rows));
        let stdin = std::fs::File::open(file).unwrap();
        let mut command = ground.sandbox.command(FEEDBACK);
        finish(ground.with_values(command.args(["add", "--redact"]).stdin(stdin))).ok();
    }),
    ("an attachment", |ground, rows| {
        let file = ground.outside("attached.txt", page(rows));
        ground.ran(&["add", "--redact", "--title", "attached", "--attach", &file]).ok();
    }),
    ("the name of an attachment", |ground, rows| {
        for row in rows {
            let name = row.text.replace("</password>", "").replace("<password>", "password=");
            let file = ground.outside(&name, "x");
            ground.ran(&["add", "--redact", "--title", &row.mark, "--attach", &file]).ok();
        }
    }),
    ("an attachment packed with gzip", |ground, rows| {
        let file = ground.outside("packed.txt.gz", gzip(&page(rows)));
        ground.ran(&["add", "--redact", "--title", "packed", "--attach", &file]).ok();
    }),
    ("an attachment packed with zstd", |ground, rows| {
        let file = ground.outside("packed.txt.zst", zstd(&page(rows)));
        ground.ran(&["add", "--redact", "--title", "packed", "--attach", &file]).ok();
    }),
    ("the words of a command", |ground, rows| {
        for row in rows {
            ground.ran(&["run", "--", "sh", "-c", "exit 3", &row.text]).exits(3);
        }
    }),
    ("the output of a command", |ground, rows| {
        let file = ground.outside("said.txt", lines(rows, |_, row| format!("error: {}", row.text)));
        ground.ran(&["run", "--", "sh", "-c", &format!("cat {file}; cat {file} >&2; exit 3")]).exits(3);
    }),
    ("the sign of a command in its title", |ground, rows| {
        for row in rows {
            let file = ground.outside("sign.txt", format!("error: {}\n", row.text));
            ground.ran(&["run", "--", "sh", "-c", &format!("cat {file} # {}\nexit 3", row.mark)]).exits(3);
        }
    }),
    ("a plain log", |ground, rows| {
        ground.import("plain.log", lines(rows, |_, row| format!("2026-11-22T01:02:03Z ERROR {}", row.text)));
    }),
    ("a log in pieces of evidence", |ground, rows| {
        let many = (0..12).map(|n| format!("2026-11-22T01:02:03Z ERROR only {}\n", word(90_000 + n)));
        let many: String = many.collect();
        let lines = lines(rows, |_, row| format!("2026-11-22T01:02:03Z ERROR batched {}", row.text));
        ground.import("many.log", many + &lines);
    }),
    ("a packed log", |ground, rows| {
        ground.import("old.log.gz", gzip(&lines(rows, |_, row| format!("ERROR packed {}", row.text))));
    }),
    ("JSON lines", |ground, rows| {
        let line = |_, row: &Planted| {
            json!({"level": "error", "target": row.text, "msg": row.text, "trace_id": row.text}).to_string()
        };
        ground.import("lines.jsonl", lines(rows, line));
    }),
    ("a panic", |ground, rows| {
        let panic = |at, row: &Planted| {
            let text = &row.text;
            format!(
                "thread '{text}' panicked at src/a{at}.rs:3:5:\n{text}\nstack backtrace:\n   0: app::{text}\n             at ./src/a.rs:3:5\nnote: x\n"
            )
        };
        ground.import("panics.txt", lines(rows, panic));
    }),
    ("an error with its causes", |ground, rows| {
        let report = |_, row: &Planted| format!("Error: {}\n\nCaused by:\n    0: {}\n", row.text, row.text);
        ground.import("causes.txt", lines(rows, report));
    }),
    ("the output of cargo test", |ground, rows| {
        let failed = |_, row: &Planted| {
            format!(
                "---- tests::{} stdout ----\n\nthread 'main' panicked at src/a.rs:3:5:\n{}\nnote: x\n\n",
                row.text, row.text
            )
        };
        let failed = lines(rows, failed);
        ground.import(
            "test.txt",
            format!("running 9 tests\n\nfailures:\n\n{failed}\nfailures:\n\ntest result: FAILED. 0 passed\n"),
        );
    }),
    ("JUnit XML", |ground, rows| {
        let case = |_, row: &Planted| {
            let text = xml(&row.text);
            format!(
                "<testcase classname=\"{text}\" name=\"{text}\"><failure message=\"{text}\">{text}</failure><system-out>{text}</system-out></testcase>"
            )
        };
        let cases = lines(rows, case);
        ground.import(
            "junit.xml",
            format!("<testsuites><testsuite name=\"s\">{cases}</testsuite></testsuites>"),
        );
    }),
    ("OTLP spans", |ground, rows| {
        let span = |(at, row): (usize, &Planted)| {
            let attributes =
                json!([text_attribute("error.type", &row.text), text_attribute("http.url", &row.text)]);
            json!({"traceId": format!("{at:032x}"), "spanId": format!("{at:016x}"), "name": row.text, "attributes": attributes, "status": {"code": 2, "message": row.text}, "events": [{"name": "exception", "attributes": [text_attribute("exception.message", &row.text)]}], "endTimeUnixNano": "1795309323000000000"})
        };
        ground.import(
            "spans.json",
            otlp("resourceSpans", "scopeSpans", "spans", rows.iter().enumerate().map(span).collect()),
        );
    }),
    ("OTLP logs", |ground, rows| {
        let log = |row: &Planted| json!({"severityNumber": 17, "traceId": row.text, "body": {"stringValue": row.text}, "attributes": [text_attribute("user", &row.text)], "timeUnixNano": "1795309323000000000"});
        ground.import(
            "logs.json",
            otlp("resourceLogs", "scopeLogs", "logRecords", rows.iter().map(log).collect()),
        );
    }),
    ("Sentry events", |ground, rows| {
        let event = |at, row: &Planted| {
            let text = &row.text;
            let frame = json!({"function": text, "filename": text, "lineno": 3, "in_app": true, "vars": {"password": text}});
            json!({"event_id": format!("{at:032x}"), "platform": "rust", "environment": text, "user": {"email": text}, "request": {"headers": text}, "exception": {"values": [{"type": text, "value": text, "stacktrace": {"frames": [frame]}}]}}).to_string()
        };
        ground.import("sentry.json", lines(rows, event));
    }),
    ("what import cannot read", |ground, rows| {
        let broken = lines(rows, |_, row| format!("{{\"level\":\"error\",\"msg\":\"{}\"", row.text));
        let path = ground.outside("broken.jsonl", broken);
        ground.ran(&["import", "--as", "json", &path]);
    }),
    ("the name of a source", |ground, rows| {
        let path = ground.outside("named.log", "2026-11-22T01:02:03Z ERROR named\n");
        for row in rows {
            ground.ran(&["import", "--source", &row.text, &path]).ok();
        }
    }),
    ("a command that is watched", |ground, rows| {
        let path = ground.outside("live.log", lines(rows, |_, row| format!("ERROR live {}", row.text)));
        ground.ran(&["import", "--watch", "cat", &path]).ok();
    }),
    ("set", |ground, rows| {
        for row in rows {
            let item = ground.item("to be set");
            let field = format!("note={}", row.text);
            ground.ran(&["set", &item, "--title", &row.text, "--body", &row.text, "--field", &field]).ok();
        }
    }),
    ("reasons to close and to open again", |ground, rows| {
        for row in rows {
            let item = ground.item("to be closed");
            ground.ran(&["close", &item, "--because", &row.text]).ok();
            ground.ran(&["reopen", &item, "--because", &row.text]).ok();
        }
    }),
    ("the title of a split", |ground, rows| {
        for row in rows {
            let log =
                ground.outside("split.log", format!("2026-11-22T01:02:03Z ERROR split {}\n", word(80_000)));
            for source in ["one", "two"] {
                ground.ran(&["import", "--source", source, &log]).ok();
            }
            let found = items(&ground.sandbox);
            let item =
                found.iter().find(|item| item["title"].as_str().unwrap().contains("ERROR split")).unwrap();
            ground
                .ran(&["split", item["id"].as_str().unwrap(), "--source", "one", "--title", &row.text])
                .ok();
            ground.ran(&["reopen", item["id"].as_str().unwrap()]);
        }
    }),
    ("a draft intent", |ground, rows| {
        for row in rows {
            let added = ground
                .ran(&["add", "--redact", "--kind", "toil", "--title", &row.text, "--body", &row.text])
                .ok();
            ground.ran(&["promote", added.stdout.trim()]).ok();
        }
    }),
    ("a fixture of an intent", |ground, rows| {
        ground.sandbox.write("intents/app.toml", INTENT);
        for row in rows {
            let file = ground.outside("input.txt", &row.text);
            let added = ground.ran(&["add", "--redact", "--title", &row.text, "--attach", &file]).ok();
            ground.ran(&["promote", added.stdout.trim(), "--intent", "app", "--run", "cat {input}"]).ok();
        }
    }),
    ("a lesson", |ground, rows| {
        for row in rows {
            let added = ground
                .ran(&["add", "--redact", "--kind", "style", "--title", &row.text, "--body", &row.text])
                .ok();
            ground.ran(&["promote", added.stdout.trim()]).ok();
        }
    }),
];

fn lines(rows: &[Planted], line: impl Fn(usize, &Planted) -> String) -> String {
    rows.iter().enumerate().map(|(at, row)| line(at, row) + "\n").collect()
}

fn page(rows: &[Planted]) -> String {
    lines(rows, |_, row| row.text.clone())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// One frame with one block that is not compressed (<https://www.rfc-editor.org/rfc/rfc8878>).
fn zstd(text: &str) -> Vec<u8> {
    let size = u32::try_from(text.len()).unwrap() << 3 | 1;
    [&b"\x28\xb5\x2f\xfd\x00\x58"[..], &size.to_le_bytes()[..3], text.as_bytes()].concat()
}

fn otlp(kind: &str, scope: &str, list: &str, entries: Vec<Value>) -> String {
    json!({kind: [{"resource": {}, scope: [{list: entries}]}]}).to_string() + "\n"
}

fn text_attribute(key: &str, text: &str) -> Value {
    json!({"key": key, "value": {"stringValue": text}})
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
