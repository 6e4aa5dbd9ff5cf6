//! Names of things: event ids in time order, item, release and attempt ids.
//!
//! Event ids are ULIDs (<https://github.com/ulid/spec>): 48 bits of milliseconds, 80 random bits,
//! 26 characters of Crockford base32, so that sorted lines read in time order.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use ulid::Ulid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How far ahead of this machine's clock an event's id may lie before it is clamped to now.
pub const FUTURE_TOLERANCE_MS: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970 of this machine's clock; a clock before 1970 reads 0.
pub fn now_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// Milliseconds since 1970 inside an event id, or `None` where it is no ULID.
pub fn time_ms(id: &str) -> Option<u64> {
    Ulid::from_string(id).ok().map(|ulid| ulid.timestamp_ms())
}

/// Where an event id stands in the order of all: by its time, then its tail.
pub fn order(id: &str) -> u128 {
    known_order(id).unwrap_or(0)
}

/// The same, or `None` where it is no ULID.
pub fn known_order(id: &str) -> Option<u128> {
    Ulid::from_string(id).ok().map(u128::from)
}

/// The time in an id, of its [`order`].
pub fn order_ms(order: u128) -> u64 {
    // 48 bits are left.
    (order >> 80) as u64
}

/// A new event id: time `max(wanted, newest known of the subject + 1 ms)` and a fresh random tail.
///
/// `wanted_ms` is the time the event reports. It is clamped to the present when it lies more than
/// [`FUTURE_TOLERANCE_MS`] ahead of `now_ms`, and a `newest` from such a clock is not followed, so
/// that a fast clock cannot pin a field for ever.
pub fn event_id(wanted_ms: u64, newest: Option<&str>, now_ms: u64) -> String {
    let limit = now_ms.saturating_add(FUTURE_TOLERANCE_MS);
    let wanted = if wanted_ms > limit { now_ms } else { wanted_ms };
    let after_newest = newest.and_then(time_ms).filter(|&ms| ms <= limit).map_or(0, |ms| ms + 1);
    Ulid::from_parts(wanted.max(after_newest), random_tail()).to_string()
}

/// The id of an event that follows from `bytes`: at the same time, its tail a hash of them, so that
/// making it again makes the same.
pub fn derived_event_id(time_ms: u64, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let tail = digest[..10].iter().fold(0u128, |tail, byte| tail << 8 | u128::from(*byte));
    Ulid::from_parts(time_ms, tail).to_string()
}

/// The id of an item whose identity follows from what it is: `fb-` and the first 50 bits of
/// SHA-256 over the framed pair (kind, fingerprint), so that clones agree without talking.
pub fn item_id(kind: &str, fingerprint: &str) -> String {
    let mut hash = Sha256::new();
    for field in [kind, fingerprint] {
        hash.update(format!("{}\0", field.len()));
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut bits = 0u64;
    for byte in &digest[..8] {
        bits = bits << 8 | u64::from(*byte);
    }
    format!("fb-{}", base32(bits >> 14, 10))
}

/// The id of an item written by hand: random, since two people may write the same words of two things.
pub fn random_item_id() -> String {
    format!("fb-{}", base32(random(), 10))
}

/// `r20261122-k3v9`: the UTC day and four random characters.
pub fn release_id() -> String {
    dated('r')
}

/// `a20261122-k3v9`: the UTC day and four random characters.
pub fn attempt_id() -> String {
    dated('a')
}

fn dated(prefix: char) -> String {
    format!("{prefix}{}-{}", Timestamp::now().strftime("%Y%m%d"), base32(random(), 4))
}

/// The lowest `5 * length` bits of `bits` in lowercase Crockford base32, most significant first.
fn base32(bits: u64, length: u32) -> String {
    (0..length).rev().map(|place| char::from(ALPHABET[(bits >> (5 * place) & 31) as usize])).collect()
}

fn random_tail() -> u128 {
    u128::from(random()) << 64 | u128::from(random())
}

/// A random number below `ceiling` (0 where that is 0); near enough to even for a waiting time.
pub fn random_below(ceiling: u64) -> u64 {
    random().checked_rem(ceiling).unwrap_or(0)
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    // The kernel's generator cannot fail once the machine has booted; were it to, the hasher's
    // per-process random keys still give a fresh value.
    if getrandom::fill(&mut bytes).is_err() {
        use std::hash::{BuildHasher, RandomState};
        return RandomState::new().hash_one(now_ms());
    }
    u64::from_ne_bytes(bytes)
}

/// SHA-256 of `bytes` in lowercase hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lowercase hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_later_than_the_newest_of_its_subject() {
        let newest = event_id(5_000, None, 1_000);
        let next = event_id(1_000, Some(&newest), 1_000);
        assert!(next > newest);
        assert_eq!(time_ms(&next), Some(5_001));
    }

    #[test]
    fn a_clock_far_ahead_is_clamped_and_not_followed() {
        let now = 1_000_000_000_000;
        let wild = Ulid::from_parts(now * 3, 7).to_string();
        assert_eq!(time_ms(&event_id(now * 3, None, now)), Some(now));
        assert_eq!(time_ms(&event_id(now, Some(&wild), now)), Some(now));
    }

    #[test]
    fn item_ids_depend_on_kind_and_fingerprint_and_are_framed() {
        assert_eq!(item_id("error", "1:abc"), item_id("error", "1:abc"));
        assert_ne!(item_id("error", "1:abc"), item_id("erro", "r1:abc"));
        assert_eq!(item_id("error", "x").len(), 13);
    }

    #[test]
    fn base32_is_crockford_most_significant_first() {
        assert_eq!(base32(0, 2), "00");
        assert_eq!(base32(31, 2), "0z");
        assert_eq!(base32(32, 2), "10");
    }
}
