//! Clients that stay with their slot: known by a signed cookie, drawn once for all weights of a plan.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use cookie::{Cookie, CookieJar, Key, SameSite, time};
use factory::types::id::{hex, now_ms, random_below};
use hyper::header::{COOKIE, HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use super::counting::{Bucket, Slot};
use crate::edge::link::StickyTerms;
use crate::edge::plan::unhex;

/// The cookie's name.
const NAME: &str = "factory-client";
/// How long a client is known again.
const KNOWN_S: u64 = 7 * 24 * 3600;
/// Clients remembered in one epoch. Later ones stay with their slot too, and are not counted.
const REMEMBERED: usize = 1 << 16;

/// A client, told by its cookie.
pub type ClientId = [u8; 16];

/// The key cookies are signed with, and the plan they are drawn for.
pub struct Sticky {
    terms: StickyTerms,
    key: Key,
    clients: RefCell<Clients>,
}

#[derive(Default)]
struct Clients {
    epoch: u64,
    known: HashMap<ClientId, Rc<Client>>,
}

impl Sticky {
    /// `None` where the key is none.
    pub fn new(terms: &StickyTerms) -> Option<Self> {
        let key = Key::try_from(unhex(&terms.key)?.as_slice()).ok()?;
        Some(Self { terms: terms.clone(), key, clients: RefCell::default() })
    }

    pub fn has(&self, terms: &StickyTerms) -> bool {
        self.terms == *terms
    }

    /// Who asks, and the cookie to set where nobody known does: without one, or with one that was forged,
    /// or is too old. The cookie is ours and goes no further.
    pub fn who(&self, headers: &mut HeaderMap) -> (ClientId, Option<HeaderValue>) {
        let now_s = now_ms() / 1000;
        let found = take(headers).and_then(|cookie| self.read(cookie, now_s));
        if let Some(id) = found {
            return (id, None);
        }
        let [high, low] = [(); 2].map(|()| u128::from(random_below(u64::MAX)));
        let id = (high << 64 | low).to_be_bytes();
        (id, self.write(id, now_s))
    }

    fn read(&self, cookie: Cookie<'static>, now_s: u64) -> Option<ClientId> {
        let mut jar = CookieJar::new();
        jar.add_original(cookie);
        let cookie = jar.signed(&self.key).get(NAME)?;
        let (id, since_s) = cookie.value().split_once('.')?;
        let since_s: u64 = since_s.parse().ok()?;
        let id = unhex(id)?.try_into().ok()?;
        (now_s < since_s + KNOWN_S && since_s <= now_s + 60).then_some(id)
    }

    fn write(&self, id: ClientId, now_s: u64) -> Option<HeaderValue> {
        let cookie = Cookie::build((NAME, format!("{}.{now_s}", hex(&id))))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(time::Duration::seconds(KNOWN_S as i64));
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.key).add(cookie);
        HeaderValue::from_str(&jar.get(NAME)?.to_string()).ok()
    }

    /// A number below 10,000 that is the client's for the whole plan: it goes to the canary while that lies
    /// below the weight, so that more weight moves nobody back.
    pub fn draw(&self, id: &ClientId) -> u64 {
        let hash = Sha256::new().chain_update(self.terms.plan.to_be_bytes()).chain_update(id).finalize();
        let first = hash.iter().take(8).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        first % 10_000
    }

    /// The client as it is counted in this epoch, and whether this request is its first one in it.
    pub fn unit(
        &self,
        id: ClientId,
        epoch: u64,
        slot: Slot,
        bucket: &Rc<Bucket>,
    ) -> Option<(Rc<Client>, bool)> {
        let mut clients = self.clients.borrow_mut();
        if clients.epoch != epoch {
            *clients = Clients { epoch, known: HashMap::new() };
        }
        if let Some(known) = clients.known.get(&id) {
            return Some((Rc::clone(known), false));
        }
        if clients.known.len() >= REMEMBERED {
            return None;
        }
        bucket.assigned(slot);
        let client = Rc::new(Client { bucket: Rc::clone(bucket), slot, ended: Cell::new(None) });
        clients.known.insert(id, Rc::clone(&client));
        Some((client, true))
    }
}

/// One client in one epoch: one unit, in the bucket of its first request; failed once any request failed.
pub struct Client {
    pub bucket: Rc<Bucket>,
    slot: Slot,
    ended: Cell<Option<bool>>,
}

impl Client {
    pub fn ended(&self, ok: bool) {
        match (self.ended.get(), ok) {
            (None, _) => self.bucket.ended(self.slot, ok),
            (Some(true), false) => self.bucket.failed_after_all(self.slot),
            _ => return,
        }
        self.ended.set(Some(ok));
    }
}

/// Our cookie, out of the request's.
fn take(headers: &mut HeaderMap) -> Option<Cookie<'static>> {
    let text = headers.get(COOKIE)?.to_str().ok()?.to_owned();
    let (ours, others): (Vec<&str>, Vec<&str>) = text
        .split(';')
        .map(str::trim)
        .partition(|pair| pair.split_once('=').is_some_and(|(name, _)| name.trim() == NAME));
    let first = ours.first()?;
    if others.is_empty() {
        headers.remove(COOKIE);
    } else if let Ok(rest) = HeaderValue::from_str(&others.join("; ")) {
        headers.insert(COOKIE, rest);
    }
    Cookie::parse((*first).to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sticky(plan: u64) -> Sticky {
        Sticky::new(&StickyTerms { key: "5a".repeat(64), plan }).unwrap()
    }

    fn asked(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookies).unwrap())])
    }

    #[test]
    fn a_client_is_known_again_and_a_forged_or_expired_cookie_is_a_new_client() {
        let sticky = sticky(1);
        let (id, set) = sticky.who(&mut HeaderMap::new());
        let set = set.unwrap().to_str().unwrap().to_owned();
        assert!(set.contains("HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"), "{set}");
        let pair = set.split(';').next().unwrap();
        let mut headers = asked(&format!("a=1; {pair}; b=2"));
        assert_eq!(sticky.who(&mut headers), (id, None));
        assert_eq!(headers[COOKIE], "a=1; b=2", "ours goes no further");
        let swapped = if pair.ends_with('0') { "1" } else { "0" };
        let forged = format!("{}{swapped}", &pair[..pair.len() - 1]);
        let other_id = pair.replacen(&hex(&id), &"0".repeat(32), 1);
        let old = sticky.write(id, now_ms() / 1000 - KNOWN_S - 1).unwrap();
        let old = old.to_str().unwrap().split(';').next().unwrap().to_owned();
        for bad in [forged, other_id, old, format!("{NAME}=")] {
            let (other, set) = sticky.who(&mut asked(&bad));
            assert!(other != id && set.is_some(), "{bad}");
        }
    }

    #[test]
    fn more_weight_moves_nobody_back_and_another_plan_draws_anew() {
        let (one, other) = (sticky(1), sticky(2));
        let ids: Vec<ClientId> = (0..4000u128).map(u128::to_be_bytes).collect();
        let below = |sticky: &Sticky, weight: u64| {
            ids.iter().filter(|id| sticky.draw(id) < weight * 100).copied().collect::<Vec<_>>()
        };
        let (five, half) = (below(&one, 5), below(&one, 50));
        assert!(five.iter().all(|id| half.contains(id)));
        assert!((140..=260).contains(&five.len()) && (1850..=2150).contains(&half.len()));
        assert_ne!(five, below(&other, 5));
    }

    #[test]
    fn a_client_is_one_unit_an_epoch_and_failed_once_any_request_failed() {
        let sticky = sticky(1);
        let buckets = super::super::counting::Buckets::new();
        let bucket = buckets.open();
        let (client, first) = sticky.unit([1; 16], 7, Slot::Canary, &bucket).unwrap();
        assert!(first);
        client.ended(true);
        let (again, first) = sticky.unit([1; 16], 7, Slot::Canary, &bucket).unwrap();
        assert!(!first);
        again.ended(false);
        again.ended(true);
        let counted = bucket.counted();
        assert_eq!((counted.canary.requests, counted.canary.ok, counted.canary.failed), (1, 0, 1));
        assert!(sticky.unit([1; 16], 8, Slot::Canary, &bucket).unwrap().1, "another epoch");
    }
}
