//! A client's own numbers, as they change; the run writes them into the history's gauges.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Numbers by name. Clients set them as often as they like; what is told is the most that each was since it was told last.
#[derive(Debug, Default)]
pub struct ClientGauges(Mutex<BTreeMap<&'static str, Value>>);

#[derive(Clone, Copy, Debug, Default)]
struct Value {
    now: f64,
    most: f64,
}

impl ClientGauges {
    /// It is this much from now on.
    pub fn set(&self, name: &'static str, now: f64) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(name).or_default();
        *value = Value { now, most: now.max(value.most) };
    }

    /// It was this much for an instant.
    pub fn reach(&self, name: &'static str, once: f64) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(name).or_default();
        value.most = once.max(value.most);
    }

    /// The most that each was since this was last called.
    pub fn take(&self) -> BTreeMap<String, f64> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = BTreeMap::new();
        for (name, value) in values.iter_mut() {
            taken.insert((*name).to_owned(), std::mem::replace(&mut value.most, value.now));
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_since_the_last_time_is_told_and_then_what_still_is() {
        let gauges = ClientGauges::default();
        assert!(gauges.take().is_empty());
        for active in [1.0, 7.0, 2.0] {
            gauges.set("active", active);
        }
        gauges.reach("wait", 12.5);
        assert_eq!(gauges.take(), BTreeMap::from([("active".to_owned(), 7.0), ("wait".to_owned(), 12.5)]));
        assert_eq!(gauges.take(), BTreeMap::from([("active".to_owned(), 2.0), ("wait".to_owned(), 0.0)]));
    }
}
