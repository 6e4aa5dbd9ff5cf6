//! JSON lines: log records by the names of their fields, Sentry events, exports of OpenTelemetry.
//!
//! Only named fields are read: no environment, headers, bodies or locals come in.

mod otlp;
mod sentry;
pub mod values;

use jiff::Timestamp;
use serde_json::Value;

use super::message;
use super::record::{self, Least, Record};

/// The records of one JSON object, and how many in it were passed over.
///
/// # Errors
/// In words what the line is instead.
pub fn records(value: &Value, least: Least) -> Result<(Vec<Record>, u64), String> {
    if !value.is_object() {
        return Err("no JSON object".to_owned());
    }
    if value.get("resourceSpans").is_some() {
        return Ok(otlp::spans(value));
    }
    if value.get("resourceLogs").is_some() {
        return Ok(otlp::logs(value, least));
    }
    if sentry::is_event(value) {
        return Ok((vec![sentry::event(value)], 0));
    }
    let Some(record) = logged(value, least)? else { return Ok((Vec::new(), 1)) };
    Ok((vec![record], 0))
}

/// A log record; `None` below the least severity.
fn logged(value: &Value, least: Least) -> Result<Option<Record>, String> {
    let inner = value.get("fields").filter(|fields| fields.is_object());
    let text = |names: &[&str]| {
        let found =
            names.iter().find_map(|name| value.get(name).or_else(|| inner.and_then(|inner| inner.get(name))));
        found.and_then(Value::as_str).map(str::to_owned)
    };
    let message = text(&["message", "msg", "body", "text", "event", "short_message"])
        .ok_or("no message: none of message, msg, body, text, event")?;
    let level = text(&["level", "severity", "lvl", "log.level", "levelname"])
        .or_else(|| value.get("level").and_then(Value::as_u64).map(|level| by_number(level).to_owned()));
    let severity = level.as_deref().and_then(record::severity).unwrap_or("info");
    if !least.takes(severity) {
        return Ok(None);
    }
    let target = text(&["target", "logger", "name", "module"]).unwrap_or_default();
    let whole = if target.is_empty() { message.clone() } else { format!("{target} {message}") };
    let time = ["timestamp", "time", "ts", "@timestamp", "t"].iter().find_map(|name| time(value.get(name)?));
    let mut record = Record { title: message, time, ..message::of(severity, &whole) };
    for (name, names) in [("trace_id", ["trace_id", "traceId"]), ("span_id", ["span_id", "spanId"])] {
        if let Some(id) = text(&names) {
            record.fields.insert(name.to_owned(), id.into());
        }
    }
    if !target.is_empty() {
        record.fields.insert("logger".to_owned(), target.into());
    }
    Ok(Some(record))
}

/// Levels of bunyan and pino.
fn by_number(level: u64) -> &'static str {
    match level {
        60.. => "fatal",
        50.. => "error",
        40.. => "warning",
        _ => "info",
    }
}

/// RFC 3339, or seconds, milli-, micro- or nanoseconds since 1970.
pub fn time(value: &Value) -> Option<Timestamp> {
    if let Some(text) = value.as_str() {
        return text.parse().ok().or_else(|| record::time_in(text)).or_else(|| epoch(text.parse().ok()?));
    }
    epoch(value.as_f64()?)
}

fn epoch(number: f64) -> Option<Timestamp> {
    let seconds = match number {
        n if n >= 1e17 => n / 1e9,
        n if n >= 1e14 => n / 1e6,
        n if n >= 1e11 => n / 1e3,
        n => n,
    };
    // Rounded to milliseconds, which a float of this size still holds.
    (seconds != 0.0).then(|| Timestamp::from_millisecond((seconds * 1e3) as i64).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Vec<Record>, u64), String> {
        records(&serde_json::from_str(line).map_err(|_| "no JSON")?, Least::of("warning"))
    }

    fn one(line: &str) -> Record {
        read(line).unwrap().0.remove(0)
    }

    #[test]
    fn records_of_tracing_and_others_are_read_by_the_names_of_fields() {
        let tracing = one(
            r#"{"timestamp":"2026-11-22T01:02:03.000Z","level":"ERROR","fields":{"message":"lost 4 rows","user":"x"},"target":"shop::cart"}"#,
        );
        assert_eq!((tracing.title.as_str(), tracing.severity), ("lost 4 rows", "error"));
        assert_eq!(tracing.time.unwrap().as_second(), 1_795_309_323);
        assert!(!tracing.fields.contains_key("user"));
        let pino = one(r#"{"level":50,"time":1795309323000,"msg":"lost 9 rows","name":"shop::cart"}"#);
        assert_eq!((pino.fingerprint, pino.time), (tracing.fingerprint, tracing.time));
        assert_eq!(read(r#"{"level":"info","msg":"up"}"#).unwrap(), (Vec::new(), 1));
        for bad in ["{\"a\":", "[1]", r#"{"level":"error"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
