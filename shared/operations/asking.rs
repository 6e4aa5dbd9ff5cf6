//! Whether what an HTTP service answered is what its acceptance check asks for.

use crate::storage::http::Answer;
use crate::types::intent::Http;

/// How much of an answer's body is shown when it differs.
const SHOWN_BYTES: usize = 300;

/// Say what differs in status and words; `schema` is held by whoever has the repository's files.
pub fn judge(wanted: &Http, answer: &Answer) -> Result<(), String> {
    if answer.status != wanted.status {
        return Err(format!(
            "status {} instead of {}: {}",
            answer.status,
            wanted.status,
            shown(&answer.body)
        ));
    }
    match &wanted.contains {
        Some(text) if !contains(&answer.body, text.as_bytes()) => {
            Err(format!("no {text:?} in the answer: {}", shown(&answer.body)))
        }
        _ => Ok(()),
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}

fn shown(body: &[u8]) -> String {
    if body.is_empty() {
        return "(no body)".into();
    }
    let cut = &body[..body.len().min(SHOWN_BYTES)];
    let more = if body.len() > cut.len() { " …" } else { "" };
    format!("{}{more}", String::from_utf8_lossy(cut).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn status_and_contained_text_are_judged() {
        let mut wanted = Http {
            method: "GET".into(),
            path: "/".into(),
            status: 200,
            headers: Default::default(),
            body: None,
            contains: Some("ok".into()),
            schema: None,
        };
        let mut answer =
            Answer { status: 200, headers: vec![], body: b"it is ok".to_vec(), took: Duration::ZERO };
        assert_eq!(judge(&wanted, &answer), Ok(()));
        answer.status = 500;
        assert!(judge(&wanted, &answer).unwrap_err().starts_with("status 500 instead of 200: it is ok"));
        answer.status = 200;
        wanted.contains = Some("fine".into());
        assert!(judge(&wanted, &answer).unwrap_err().contains("no \"fine\""));
    }
}
