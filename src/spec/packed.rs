//! A map in a sorted vector: for maps that are made once and mostly have a handful of keys.
//!
//! A B-tree's smallest node has room for eleven entries; a large platform has ten thousands of tables with two or three.
//! It knows nothing of what it holds.

use std::borrow::Borrow;
use std::{slice, vec};

/// A sorted map. Its methods are those of `BTreeMap`, except that it grows by whole batches: one key at a time would
/// move all behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for PackedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> PackedMap<K, V> {
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|index| &self.0[index].1)
    }

    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|index| &mut self.0[index].1)
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|index| self.0.remove(index).1)
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(there, _)| there.borrow().cmp(key))
    }
}

impl<K, V> PackedMap<K, V> {
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.into_iter()
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The entries, sorted by key.
    pub fn as_slice(&self) -> &[(K, V)] {
        &self.0
    }

    /// The entries, sorted by key.
    pub fn into_vec(self) -> Vec<(K, V)> {
        self.0
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for PackedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        // Collected, not extended: where the entries come from a vector, they stay in it.
        let mut map = Self(entries.into_iter().collect());
        map.sort();
        map
    }
}

impl<K: Ord, V> Extend<(K, V)> for PackedMap<K, V> {
    /// Of two values for one key the later one stands.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.0.extend(entries);
        self.sort();
    }
}

impl<K: Ord, V> PackedMap<K, V> {
    /// Of two values for one key the later one stands.
    fn sort(&mut self) {
        if !self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
            self.0.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
    }
}

impl<'a, K, V> IntoIterator for &'a PackedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl<K, V> IntoIterator for PackedMap<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::PackedMap;

    #[test]
    fn the_later_of_two_values_stands() {
        let mut map = PackedMap::from_iter([("b", 1), ("a", 2), ("b", 3)]);
        map.extend([("a", 4), ("c", 5), ("b", 6)]);
        assert_eq!(map.as_slice(), [("a", 4), ("b", 6), ("c", 5)]);
        assert_eq!(map.remove("b"), Some(6));
        assert_eq!((map.get("b"), map.get("c"), map.len()), (None, Some(&5), 2));
    }
}
