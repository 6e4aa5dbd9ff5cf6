//! The first of many in an order, without keeping the rest.

/// Kept are those with the least key; of equal keys those with the least id.
pub struct First<K, T> {
    /// 0 for all.
    most: usize,
    kept: Vec<(K, String, T)>,
    /// What is not before this one is none of the first.
    last: Option<(K, String)>,
    pub offered: usize,
}

impl<K: Ord + Clone, T> First<K, T> {
    pub fn of(most: usize) -> Self {
        Self { most, kept: Vec::new(), last: None, offered: 0 }
    }

    /// `shown` is made only of what may be among the first.
    pub fn offer(&mut self, key: K, id: &str, shown: impl FnOnce() -> T) {
        self.offered += 1;
        if self.last.as_ref().is_some_and(|(last, of)| (&key, id) > (last, of.as_str())) {
            return;
        }
        self.kept.push((key, id.to_owned(), shown()));
        if self.most > 0 && self.kept.len() >= 2 * self.most {
            self.cut();
            self.last = self.kept.last().map(|(key, id, _)| (key.clone(), id.clone()));
        }
    }

    fn cut(&mut self) {
        self.kept.sort_unstable_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
        if self.most > 0 {
            self.kept.truncate(self.most);
        }
    }

    pub fn in_order(mut self) -> Vec<T> {
        self.cut();
        self.kept.into_iter().map(|(.., shown)| shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::First;

    #[test]
    fn the_first_are_the_same_however_many_are_kept() {
        let keys = [5, 3, 9, 3, 1, 7, 8, 2, 2, 6, 4, 0];
        let of = |most| {
            let mut first = First::of(most);
            for (at, key) in keys.iter().enumerate() {
                first.offer(*key, &format!("{at:02}"), || at);
            }
            assert_eq!(first.offered, keys.len());
            first.in_order()
        };
        let all = of(0);
        assert_eq!(all, [11, 4, 7, 8, 1, 3, 10, 0, 9, 5, 6, 2]);
        for most in 1..keys.len() {
            assert_eq!(of(most), all[..most]);
        }
    }
}
