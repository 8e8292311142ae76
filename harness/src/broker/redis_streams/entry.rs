//! Entry IDs, and the positions that stand for them in the history.
//!
//! An ID has two numbers of 64 bits, a position has 64 bits in all. What tells them apart within a trial fits: the
//! milliseconds since an *epoch* that the trial's administrator takes from the server's clock, 2³¹ ms (24.8 days) before
//! its present time, in the upper half, and the number within the millisecond in the lower half. So a clock that is set
//! back or forth by days, and a stream that stays in one millisecond for billions of entries, keep exact positions
//! (`docs/decisions/0010-positions-of-redis-entries.md`). What lies outside has no exact position, and is said.

use crate::model::BrokerError;
use reports::units::Position;
use std::collections::BTreeMap;
use std::fmt;

const BITS: u32 = 32;
const MILLISECONDS_BEFORE: u64 = 1 << (BITS - 1);

/// An entry's ID: the server's millisecond, and the number within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::broker) struct EntryId {
    ms: u64,
    seq: u64,
}

impl EntryId {
    /// Before all others.
    pub(in crate::broker) const FIRST: Self = Self { ms: 0, seq: 0 };

    /// The one after it; `None`: it is the last that there can be.
    pub(in crate::broker) fn successor(self) -> Option<Self> {
        let within = self.seq.checked_add(1).map(|seq| Self { seq, ..self });
        within.or_else(|| Some(Self { ms: self.ms.checked_add(1)?, seq: 0 }))
    }

    /// From `1700000000000-3`.
    pub(in crate::broker) fn parse(text: &str) -> Option<Self> {
        let (ms, seq) = text.split_once('-')?;
        Some(Self { ms: number(ms)?, seq: number(seq)? })
    }

    /// The one right before it: what is read after that begins with it.
    pub(in crate::broker) const fn before(self) -> Self {
        match (self.ms, self.seq.checked_sub(1)) {
            (ms, Some(seq)) => Self { ms, seq },
            (0, None) => Self { ms: 0, seq: 0 },
            (ms, None) => Self { ms: ms - 1, seq: u64::MAX },
        }
    }
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for EntryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.ms, self.seq)
    }
}

/// From when positions count: one for all clients and the administrator of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker) struct Epoch {
    ms: u64,
}

impl Epoch {
    /// Its name among the settings that clients are given.
    pub(in crate::broker) const SETTING: &str = "position-epoch-ms";

    /// For a server whose clock shows this now.
    pub(in crate::broker) const fn for_clock(now_ms: u64) -> Self {
        Self { ms: now_ms.saturating_sub(MILLISECONDS_BEFORE) }
    }

    /// From the settings.
    ///
    /// # Errors
    /// It is missing, or no number.
    pub(in crate::broker) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, BrokerError> {
        let name = Self::SETTING;
        let text = settings.get(name).ok_or_else(|| BrokerError(format!("the setting {name} is missing")))?;
        let ms =
            number(text).ok_or_else(|| BrokerError(format!("the setting {name} = {text:?} is not a time in ms")))?;
        Ok(Self { ms })
    }

    /// As a setting.
    pub(in crate::broker) fn to_setting(self) -> (String, String) {
        (Self::SETTING.to_owned(), self.ms.to_string())
    }

    /// The position that stands for this ID and no other; `None` where there is none.
    pub(in crate::broker) fn position(self, id: EntryId) -> Option<Position> {
        let since = id.ms.checked_sub(self.ms).filter(|since| *since >> BITS == 0)?;
        (id.seq >> BITS == 0).then_some(Position(since << BITS | id.seq))
    }

    /// The position of this ID, or the one nearest to it, in the streams' order.
    pub(in crate::broker) fn nearest(self, id: EntryId) -> Position {
        let most = (1 << BITS) - 1;
        match id.ms.checked_sub(self.ms) {
            None => Position(0),
            Some(since) if since > most => Position(u64::MAX),
            Some(since) => Position(since << BITS | id.seq.min(most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_795_361_466_358;
    const DAY: u64 = 86_400_000;

    fn id(ms: u64, seq: u64) -> EntryId {
        EntryId { ms, seq }
    }

    proptest! {
        #[test]
        fn positions_are_in_the_order_of_ids_and_no_two_ids_share_one(
            one in NOW - 24 * DAY..NOW + 24 * DAY, later in 0_u64..3, seq in 0_u64..1 << 32, other in 0_u64..1 << 32,
        ) {
            let epoch = Epoch::for_clock(NOW);
            let (one, two) = (id(one, seq), id(one + later, other));
            prop_assert_eq!(one.cmp(&two), epoch.position(one).cmp(&epoch.position(two)));
            prop_assert!(epoch.position(one).is_some() && epoch.position(one) == Some(epoch.nearest(one)));
        }

        #[test]
        fn ids_are_read_as_they_are_written(ms in any::<u64>(), seq in any::<u64>()) {
            prop_assert_eq!(EntryId::parse(&id(ms, seq).to_string()), Some(id(ms, seq)));
        }
    }

    #[test]
    fn the_next_of_an_id_is_the_least_that_is_greater() {
        assert_eq!(id(7, 3).successor(), Some(id(7, 4)));
        assert_eq!(id(7, u64::MAX).successor(), Some(id(8, 0)));
        assert_eq!(id(u64::MAX, u64::MAX).successor(), None);
    }

    /// A clock that was set back by an hour keeps a stream in one millisecond; at 400,000 entries a second these are
    /// 1,440,000,000.
    #[test]
    fn an_hour_in_one_millisecond_has_exact_positions() {
        let epoch = Epoch::for_clock(NOW);
        let positions: Vec<_> = [(0, 1 << 20), (0, (1 << 20) + 1), (0, 1_440_000_000), (1, 0)]
            .map(|(later, seq)| epoch.position(id(NOW + later, seq)).expect("exact"))
            .into();
        assert!(positions.is_sorted_by(|one, two| one < two), "{positions:?}");
    }

    #[test]
    fn what_has_no_exact_position_has_none_and_the_nearest_keeps_the_order() {
        let epoch = Epoch::for_clock(NOW);
        let outside =
            [id(5, 1), id(NOW - 25 * DAY, 0), id(NOW, 1 << 32), id(NOW + 25 * DAY, 0), id(u64::MAX, u64::MAX)];
        assert!(outside.iter().all(|id| epoch.position(*id).is_none()));
        assert!(outside.is_sorted() && outside.map(|id| epoch.nearest(id)).is_sorted());
    }

    #[test]
    fn nothing_lies_between_an_id_and_the_one_before_it() {
        for (one, before) in [(id(5, 3), id(5, 2)), (id(5, 0), id(4, u64::MAX)), (id(0, 0), id(0, 0))] {
            assert_eq!(one.before(), before);
        }
    }

    #[test]
    fn what_is_no_entry_id_is_none() {
        for text in ["", "-", "1700000000000", "a-1", "1-b", "1--1", "+1-1", "1-+1", "$", ">", "18446744073709551616-0"]
        {
            assert_eq!(EntryId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_epoch_survives_being_a_setting_and_a_missing_or_wrong_one_is_named() {
        let epoch = Epoch::for_clock(NOW);
        let settings = BTreeMap::from([epoch.to_setting()]);
        assert_eq!(Epoch::from_settings(&settings).expect("read"), epoch);
        for (settings, word) in
            [(BTreeMap::new(), "missing"), (BTreeMap::from([(Epoch::SETTING.to_owned(), "soon".to_owned())]), "soon")]
        {
            let error = Epoch::from_settings(&settings).expect_err(word).to_string();
            assert!(error.contains(Epoch::SETTING) && error.contains(word), "{error}");
        }
    }
}
