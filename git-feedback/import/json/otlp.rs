//! OTLP in its JSON encoding (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): one
//! export a line, as the collector's file exporter writes it, or one over many lines.

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
        for span in &spans {
            let parent_of_failed = spans
                .iter()
                .any(|child| failed(child) && text(child, "parentSpanId") == text(span, "spanId"));
            if !failed(span) || parent_of_failed {
                passed_over += 1;
                continue;
            }
            records.push(failing(span, &spans, &service));
        }
    }
    (records, passed_over)
}

fn failing(span: &Value, spans: &[&Value], service: &str) -> Record {
    let same = |other: &&&Value| {
        text(other, "traceId") == text(span, "traceId") && text(other, "parentSpanId").is_empty()
    };
    let root = spans.iter().find(same).map(|root| text(root, "name")).unwrap_or_default();
    let event = list(span, "events").find(|event| text(event, "name") == "exception");
    let error =
        attribute(span, "error.type").or_else(|| attribute(event?, "exception.type")).unwrap_or_default();
    let said = event.and_then(|event| attribute(event, "exception.message"));
    let said = said
        .unwrap_or_else(|| span.pointer("/status/message").and_then(Value::as_str).unwrap_or("").to_owned());
    let trace = Trace { service: service.to_owned(), root, failing: text(span, "name"), error };
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

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or("").to_owned()
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
