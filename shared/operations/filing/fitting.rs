//! An event made short enough for a line: its longest texts are cut, between characters and by their bytes.

use serde_json::Value;

use crate::operations::redacting::Redactor;
use crate::types::event::{Event, MAX_LINE_BYTES};

/// What tells events apart or counts them: never cut.
const WHOLE: [&str; 10] =
    ["fingerprint", "related", "release", "source", "hour", "first", "kind", "severity", "evidence", "to"];
/// What stands where a text was cut.
const CUT: &str = "…";
/// A shorter value is left as it is.
const LEAST_BYTES: usize = 128;

/// An event that fits, and the names of its fields that were cut.
#[derive(Debug)]
pub struct Fitted {
    pub event: Event,
    pub cut: Vec<String>,
}

/// Cut what is too long; `mark` is put behind a body that was cut. Cut in the middle a text may look
/// otherwise, so it is redacted as it stands then.
pub fn fitted(redactor: &Redactor, event: Event, mark: &str) -> Fitted {
    // An id that is not made yet is as long as any.
    let most = MAX_LINE_BYTES - 26_usize.saturating_sub(event.id.len());
    let mut room = most;
    loop {
        let (short, cut) = cut_to(event.clone(), room, mark);
        let short = redactor.event(short).into_inner();
        let over = short.line().len().saturating_sub(most);
        if over == 0 || room <= over {
            return Fitted { event: short, cut };
        }
        room -= over;
    }
}

fn cut_to(mut event: Event, room: usize, mark: &str) -> (Event, Vec<String>) {
    let mut cut: Vec<String> = Vec::new();
    loop {
        let over = event.line().len().saturating_sub(room);
        let fields = event.fields.iter_mut().filter(|(name, _)| !WHOLE.contains(&name.as_str()));
        let longest = fields
            .filter(|(_, value)| value.is_string() || value.is_array())
            .map(|(name, value)| (value.to_string().len(), name, value))
            .max_by_key(|(length, ..)| *length)
            .filter(|(length, ..)| *length > LEAST_BYTES);
        let Some((length, name, value)) = longest.filter(|_| over > 0) else { return (event, cut) };
        match value {
            Value::String(text) => {
                let end = if name == "body" && !mark.is_empty() { mark } else { CUT };
                // Of the longest no more than half at once: another may be the longest then.
                let inside = length - 2;
                let wanted = inside.saturating_sub(over + escaped_bytes(end)).max(inside / 2);
                let bare = text.strip_suffix(end).unwrap_or(text);
                *text = format!("{}{end}", beginning(bare, wanted));
            }
            Value::Array(list) => drop(list.pop()),
            _ => return (event, cut),
        }
        if !cut.contains(name) {
            cut.push(name.clone());
        }
    }
}

/// So much of a text as has at most so many bytes in JSON.
fn beginning(text: &str, bytes: usize) -> &str {
    let mut left = bytes;
    let end = text.char_indices().find(|(_, sign)| {
        let length = escaped_length(*sign);
        let over = length > left;
        left = left.saturating_sub(length);
        over
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

fn escaped_bytes(text: &str) -> usize {
    text.chars().map(escaped_length).sum()
}

fn escaped_length(sign: char) -> usize {
    match sign {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        _ => sign.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::event::SubjectKind;
    use serde_json::json;

    fn event(fields: &[(&str, Value)]) -> Event {
        let event = Event::now(SubjectKind::Item, "fb-x", "add", None);
        fields.iter().fold(event, |event, (name, value)| event.with(name, value.clone()))
    }

    #[test]
    fn a_line_never_grows_beyond_the_limit_and_is_well_filled() {
        for sign in ["\u{1}", "\"", "é", "😀", "a"] {
            let all = ["title", "body", "logger", "grouped_by"].map(|name| (name, json!(sign.repeat(2000))));
            let fitted = fitted(&Redactor::default(), event(&all), "");
            let length = fitted.event.line().len();
            assert!((2000..=MAX_LINE_BYTES).contains(&length), "{length} {sign:?}");
            assert_eq!(fitted.cut.len(), 4);
        }
    }

    #[test]
    fn what_fits_is_left_alone_and_what_tells_events_apart_too() {
        let short = event(&[("title", json!("a")), ("body", json!("b".repeat(3000)))]);
        let kept = fitted(&Redactor::default(), short.clone(), " …");
        assert_eq!((kept.event, kept.cut.len()), (short, 0));
        let source = json!("s".repeat(1500));
        let frames = json!(vec![json!({"function": "f".repeat(300)}); 9]);
        let long =
            event(&[("source", source.clone()), ("stacktrace", frames), ("body", json!("b".repeat(900)))]);
        let kept = fitted(&Redactor::default(), long, " … whole").event;
        assert!(kept.line().len() <= MAX_LINE_BYTES);
        assert_eq!(kept.fields["source"], source);
        assert!(!kept.fields["stacktrace"].as_array().unwrap().is_empty());
    }
}
