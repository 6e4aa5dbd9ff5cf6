//! Sentry's event JSON (<https://develop.sentry.dev/sdk/data-model/event-payloads/>).

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::panic::Panic;
use factory::operations::fingerprint::panic::frames::{self, Frame};
use serde_json::Value;

use super::super::record::{self, Record};
use super::time;

pub fn is_event(value: &Value) -> bool {
    value.get("event_id").is_some() && (value.get("exception").is_some() || value.get("platform").is_some())
}

/// One event; its request, user, contexts, extra and breadcrumbs are not read.
pub fn event(value: &Value) -> Record {
    let text = |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
    let list =
        value.pointer("/exception/values").or_else(|| value.get("exception")).and_then(Value::as_array);
    // The last is the one that was raised; those before it are its causes.
    let exception = list.and_then(|list| list.last()).cloned().unwrap_or_default();
    let of = |name: &str| exception.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    let said = [of("value"), text("/logentry/formatted"), text("/logentry/message"), text("/message")];
    let message = said.into_iter().find(|said| !said.is_empty()).unwrap_or_default();
    let frames = exception.pointer("/stacktrace/frames").and_then(Value::as_array);
    // Oldest first there, innermost first here.
    let frames: Vec<Frame> = frames.into_iter().flatten().rev().map(frame).collect();
    let innermost = frames.iter().find(|frame| frame.in_app);
    let panic = Panic {
        file: innermost.and_then(|frame| frame.file.clone()).unwrap_or_default(),
        message: if of("type") == "panic" { message.clone() } else { format!("{} {message}", of("type")) },
        frames,
        ..Panic::default()
    };
    let mut record = Record {
        kind: "error",
        severity: record::severity(&text("/level")).unwrap_or("error"),
        title: [of("type"), message]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
        fingerprint: panic.fingerprint(),
        function: panic.function().cloned(),
        frames: record::shown_frames(&panic),
        identity: Identity::Panic(panic),
        time: value.get("timestamp").and_then(time),
        ..Record::default()
    };
    for (name, found) in
        [("environment", text("/environment")), ("trace_id", text("/contexts/trace/trace_id"))]
    {
        if !found.is_empty() {
            record.fields.insert(name.to_owned(), found.into());
        }
    }
    record
}

fn frame(value: &Value) -> Frame {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let file = text("abs_path").or(text("filename")).map(str::to_owned);
    Frame {
        function: text("function").unwrap_or("").to_owned(),
        file: file.clone(),
        line: value
            .get("lineno")
            .and_then(Value::as_u64)
            .and_then(|line| u32::try_from(line).ok())
            .unwrap_or(0),
        // Where the program did not say it, Sentry's server would.
        in_app: value.get("in_app").and_then(Value::as_bool).unwrap_or_else(|| {
            frames::is_own_function(text("function").unwrap_or(""))
                && file.as_deref().is_none_or(frames::is_own_file)
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_innermost_own_frame_tells_events_apart() {
        let of = |function: &str, line: u32| {
            let frames = json!([{"function": "app::main", "in_app": true}, {"function": function, "filename": "src/a.rs", "lineno": line, "in_app": true}, {"function": "core::panic", "in_app": false}]);
            event(
                &json!({"event_id": "a", "timestamp": 1795309323.5, "exception": {"values": [{"type": "panic", "value": "bad row 7", "stacktrace": {"frames": frames}}]}}),
            )
        };
        assert_eq!(of("app::read", 3).fingerprint, of("app::read::h0123456789abcdef", 9).fingerprint);
        assert_ne!(of("app::read", 3).fingerprint, of("app::write", 3).fingerprint);
        assert_eq!(of("app::read", 3).title, "panic: bad row 7");
    }
}
