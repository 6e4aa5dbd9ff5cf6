//! OTLP in its JSON encoding (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): one
//! export a line, as the collector's file exporter writes it, or one over many lines.

use std::collections::{HashMap, HashSet};

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::trace::Trace;
use serde_json::Value;

use super::super::message;
use super::super::record::{self, Least, Record};
use super::time;

/// The status code of a span that failed.
const STATUS_ERROR: u64 = 2;

/// Failing traces: of each trace in the export its innermost failing span.
pub fn spans(export: &Value) -> (Vec<Record>, u64) {
    let mut records = Vec::new();
    let mut passed_over = 0;
    for resource in list(export, "resourceSpans") {
        let service = attribute(&resource["resource"], "service.name").unwrap_or_default();
        let spans: Vec<&Value> =
            list(resource, "scopeSpans").flat_map(|scope| list(scope, "spans")).collect();
        // Each looked for once: an export may hold many thousands.
        let failed_below: HashSet<(&str, &str)> = spans
            .iter()
            .filter(|span| failed(span))
            .map(|span| (str(span, "traceId"), str(span, "parentSpanId")))
            .collect();
        let mut roots: HashMap<&str, &str> = HashMap::new();
        for span in spans.iter().filter(|span| str(span, "parentSpanId").is_empty()) {
            roots.entry(str(span, "traceId")).or_insert(str(span, "name"));
        }
        for span in &spans {
            if !failed(span) || failed_below.contains(&(str(span, "traceId"), str(span, "spanId"))) {
                passed_over += 1;
                continue;
            }
            let root = roots.get(str(span, "traceId")).copied().unwrap_or_default();
            records.push(failing(span, root, &service));
        }
    }
    (records, passed_over)
}

fn failing(span: &Value, root: &str, service: &str) -> Record {
    let event = list(span, "events").find(|event| text(event, "name") == "exception");
    let error =
        attribute(span, "error.type").or_else(|| attribute(event?, "exception.type")).unwrap_or_default();
    let said = event.and_then(|event| attribute(event, "exception.message"));
    let said = said
        .unwrap_or_else(|| span.pointer("/status/message").and_then(Value::as_str).unwrap_or("").to_owned());
    let trace =
        Trace { service: service.to_owned(), root: root.to_owned(), failing: text(span, "name"), error };
    let mut record = Record {
        kind: "trace",
        severity: "error",
        title: [trace.failing.clone(), trace.error.clone(), said]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
        fingerprint: trace.fingerprint(),
        identity: Identity::Trace(trace),
        time: span.get("endTimeUnixNano").and_then(time),
        ..Record::default()
    };
    ids(&mut record, span);
    record
}

/// Log records of the least severity and above.
pub fn logs(export: &Value, least: Least) -> (Vec<Record>, u64) {
    let mut records = Vec::new();
    let mut passed_over = 0;
    let scopes = list(export, "resourceLogs").flat_map(|resource| list(resource, "scopeLogs"));
    for entry in scopes.flat_map(|scope| list(scope, "logRecords")) {
        let number = entry.get("severityNumber").and_then(Value::as_u64).unwrap_or(0);
        let severity = record::severity(&text(entry, "severityText")).unwrap_or(match number {
            21.. => "fatal",
            17.. => "error",
            13.. => "warning",
            1..=8 => "debug",
            _ => "info",
        });
        let said = entry.pointer("/body/stringValue").and_then(Value::as_str);
        let Some(said) = said.filter(|_| least.takes(severity)) else {
            passed_over += 1;
            continue;
        };
        let nanos = |name: &str| entry.get(name).and_then(time).filter(|time| time.as_second() != 0);
        let time = nanos("timeUnixNano").or_else(|| nanos("observedTimeUnixNano"));
        let mut record = Record { time, ..message::of(severity, said) };
        ids(&mut record, entry);
        records.push(record);
    }
    (records, passed_over)
}

fn ids(record: &mut Record, of: &Value) {
    for (name, key) in [("trace_id", "traceId"), ("span_id", "spanId")] {
        let id = text(of, key);
        if !id.is_empty() {
            record.fields.insert(name.to_owned(), id.into());
        }
    }
}

fn failed(span: &Value) -> bool {
    let code = span.pointer("/status/code");
    code.and_then(Value::as_u64) == Some(STATUS_ERROR)
        || code.and_then(Value::as_str) == Some("STATUS_CODE_ERROR")
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn str<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

fn text(value: &Value, name: &str) -> String {
    str(value, name).to_owned()
}

/// A text attribute by its key.
fn attribute(of: &Value, key: &str) -> Option<String> {
    let found = list(of, "attributes").find(|pair| pair.get("key").and_then(Value::as_str) == Some(key))?;
    found.pointer("/value/stringValue").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_innermost_failing_span_is_the_record() {
        let span = |id: &str, parent: &str, name: &str, code: u64| json!({"traceId": "t1", "spanId": id, "parentSpanId": parent, "name": name, "status": {"code": code}, "endTimeUnixNano": "1795309323000000000"});
        let spans = json!([
            span("a", "", "GET /users/7", 2),
            span("b", "a", "SELECT users", 2),
            span("c", "a", "render", 1)
        ]);
        let export = json!({"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}, "scopeSpans": [{"spans": spans}]}]});
        let (found, passed_over) = super::spans(&export);
        assert_eq!((found.len(), passed_over, found[0].title.as_str()), (1, 2, "SELECT users"));
        let why = found[0].why();
        assert!(why.contains("GET /users/*"), "{why}");
        assert_eq!(found[0].time.unwrap().as_second(), 1_795_309_323);
    }
}
