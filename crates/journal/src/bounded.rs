//! A map of limited size: when it is full, the oldest entry makes room for the new one.

use std::collections::{HashMap, VecDeque};

/// A map by ids that never repeat, such as those of containers and execs.
#[derive(Clone, Debug)]
pub struct Bounded<V> {
    values: HashMap<String, V>,
    /// The keys, oldest first, with some that were removed.
    order: VecDeque<String>,
    most: usize,
}

impl<V> Bounded<V> {
    /// An empty map for at most `most` entries.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), most }
    }

    /// Adds a value, or replaces the one under this key.
    pub fn insert(&mut self, key: &str, value: V) {
        if self.values.insert(key.to_owned(), value).is_some() {
            return;
        }
        self.order.push_back(key.to_owned());
        while self.values.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        if self.order.len() > 2 * self.most {
            self.order.retain(|key| self.values.contains_key(key));
        }
    }

    /// Returns the value under this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&V> {
        self.values.get(key)
    }

    /// Returns the value under this key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.values.get_mut(key)
    }

    /// True where there is a value under this key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Takes the value under this key out.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.values.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::Bounded;

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut map = Bounded::new(2);
        for key in ["a", "b", "c", "c"] {
            map.insert(key, ());
        }
        assert_eq!(["a", "b", "c"].map(|key| map.contains(key)), [false, true, true]);
    }

    #[test]
    fn removed_keys_take_no_room() {
        let mut map = Bounded::new(2);
        for number in 0..1_000 {
            map.insert(&number.to_string(), number);
            assert_eq!(map.remove(&number.to_string()), Some(number));
        }
        assert!(map.values.is_empty() && map.order.len() <= 5, "{} keys are left", map.order.len());
    }
}
