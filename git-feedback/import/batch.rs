//! Many events as one line in the note: their lines in a piece of evidence that a `batch` names.

use factory::operations::redacting::{Clean, Redactor};
use factory::storage::evidence;
use factory::types::event::{Event, MAX_LINE_BYTES, VERSION};
use factory::types::id;
use serde_json::Map;

/// One `batch` for each piece of evidence the lines fill.
pub fn batches(events: &[Event], redactor: &Redactor, pieces: &mut Vec<Clean<Vec<u8>>>) -> Vec<Event> {
    let room = evidence::MAX_BYTES / (MAX_LINE_BYTES + 1);
    let chunks = events.chunks(room);
    chunks
        .map(|chunk| {
            let events: Vec<_> = chunk.iter().map(|event| redactor.event(event.clone())).collect();
            let bytes = Clean::lines(&events);
            let digest = id::sha256_hex(bytes.get());
            pieces.push(bytes);
            // The time of the last member, so that the same import again is the same batch.
            let last = chunk.last();
            let time_ms = last.and_then(|event| id::time_ms(&event.id)).unwrap_or_else(id::now_ms);
            let batch = Event {
                id: id::derived_event_id(time_ms, digest.as_bytes()),
                v: VERSION,
                subject: None,
                op: "batch".to_owned(),
                t: last.map(|event| event.t.clone()).unwrap_or_default(),
                fields: Map::new(),
            };
            batch.with("evidence", digest).with("count", chunk.len())
        })
        .collect()
}
