//! A time in which nothing is handed to a producing client.

use super::ledger::SendLedger;
use crate::clock;
use reports::units::Nanos;

/// Nothing is handed to a client before this is over.
#[derive(Clone, Copy, Debug)]
pub struct Lull<'a> {
    /// At the latest then.
    pub until: Nanos,
    /// As soon as there is a place here, where one is waited for.
    pub place_in: Option<&'a SendLedger>,
}

impl<'a> Lull<'a> {
    /// Until an instant.
    pub const fn until(until: Nanos) -> Self {
        Self { until, place_in: None }
    }

    /// Until there is a place, at most until an instant.
    pub const fn for_place(place_in: &'a SendLedger, until: Nanos) -> Self {
        Self { until, place_in: Some(place_in) }
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.place_in.is_some_and(SendLedger::has_place) || clock::now() >= self.until
    }

    /// Sleeps until it is over: what settles sends is then another thread's. A signal may wake it early.
    pub fn asleep(self) {
        match self.place_in {
            None => clock::sleep_until(self.until),
            Some(ledger) => {
                ledger.wait_for_place(self.until.since(clock::now()).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::kept;
    use super::*;
    use crate::model::KeyedMessage;
    use reports::history::Outcome;
    use reports::units::{MessageId, Partition, ProducerId, Sequence};

    #[test]
    fn a_lull_lasts_until_its_instant_and_one_for_a_place_until_there_is_one() {
        let ledger = SendLedger::new(1, kept());
        let message = MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(0) };
        let ticket = ledger.begin(KeyedMessage { message, key: None }, Nanos::ZERO).expect("a place");
        let (soon, hour) = (Nanos::from_millis(2), Nanos::from_secs(3600));
        for lull in [Lull::until(clock::now().plus(soon)), Lull::for_place(&ledger, clock::now().plus(soon))] {
            lull.asleep();
            assert!(lull.is_over() && clock::now() >= lull.until);
        }
        let lull = Lull::for_place(&ledger, clock::now().plus(hour));
        assert!(!lull.is_over() && !Lull::until(lull.until).is_over());
        std::thread::scope(|scope| {
            scope.spawn(|| ledger.settle(ticket, Outcome::Ok, None, None));
            lull.asleep();
        });
        assert!(lull.is_over() && !Lull::until(lull.until).is_over());
    }
}
