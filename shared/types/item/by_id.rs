//! Items in order of id, in a fraction of the time a `BTreeMap` takes to be made: an item is some hundred
//! bytes, so what is sorted is where each lies.

use super::Item;

/// Every item once; read as a map is.
#[derive(Clone, Debug, Default)]
pub struct ById<'e> {
    /// In the order they were met.
    items: Vec<Item<'e>>,
    /// Where each lies, by id.
    places: Vec<u32>,
}

impl<'e> ById<'e> {
    pub fn get(&self, id: &str) -> Option<&Item<'e>> {
        self.find(id).map(|at| &self.items[at])
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Item<'e>> {
        self.find(id).map(|at| &mut self.items[at])
    }

    fn find(&self, id: &str) -> Option<usize> {
        let at = self.places.binary_search_by(|at| self.items[*at as usize].id.cmp(id)).ok()?;
        Some(self.places[at] as usize)
    }

    /// In order of id.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Item<'e>> {
        self.places.iter().map(|at| &self.items[*at as usize])
    }

    /// In no order that means anything.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Item<'e>> {
        self.items.iter_mut()
    }

    /// In order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &&'e str> {
        self.values().map(|item| &item.id)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<'e> FromIterator<(&'e str, Item<'e>)> for ById<'e> {
    /// Of items with the same id the first is found.
    fn from_iter<I: IntoIterator<Item = (&'e str, Item<'e>)>>(items: I) -> Self {
        let items: Vec<Item<'e>> = items.into_iter().map(|(_, item)| item).collect();
        // Four billion items would not fit into memory.
        let mut places: Vec<(u64, u32)> =
            items.iter().enumerate().map(|(at, item)| (beginning(item.id), at as u32)).collect();
        places.sort_unstable_by(|(a, at), (b, bt)| {
            a.cmp(b).then_with(|| items[*at as usize].id.cmp(items[*bt as usize].id)).then(at.cmp(bt))
        });
        Self { items, places: places.into_iter().map(|(_, at)| at).collect() }
    }
}

/// Seven characters behind `fb-` as a number that sorts as they do, so that few texts are looked at; other
/// ids stand before or behind all of those.
fn beginning(id: &str) -> u64 {
    let Some(tail) = id.strip_prefix("fb-") else { return if id < "fb-" { 0 } else { u64::MAX } };
    let mut bytes = [0; 7];
    let length = tail.len().min(7);
    bytes[..length].copy_from_slice(&tail.as_bytes()[..length]);
    bytes.iter().fold(1, |number, byte| number << 8 | u64::from(*byte))
}

impl PartialEq for ById<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.values().eq(other.values())
    }
}

impl<'e> std::ops::Index<&str> for ById<'e> {
    type Output = Item<'e>;

    /// # Panics
    /// Where there is no such item.
    fn index(&self, id: &str) -> &Item<'e> {
        self.get(id).unwrap_or_else(|| panic!("no item {id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn the_number_of_an_id_sorts_as_the_id_does() {
        let mut ids =
            ["fb-zz", "a", "fb-", "fb", "fb-0000000001", "fb-0000000002", "zz", "", "fb-k3v9", "fc"];
        ids.sort_unstable();
        assert!(ids.is_sorted_by_key(|id| beginning(id)), "{ids:?}");
    }
}
