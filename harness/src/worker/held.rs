//! A producing client in the hands of a caller that does not know its type and has work of its own for it, such as a bench.

use super::client::{Producer, ProducerContext};
use super::ledger::Ticket;
use super::lull::Lull;
use crate::model::{BrokerError, KeyedMessage};

/// A client that sends, of whatever type. Its calls are those of [`Producer`].
pub trait HeldProducer {
    /// Hands over one message without waiting for its outcome; the ledger hears of that through the ticket.
    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]);

    /// Returns when the lull is over; what was kept back leaves.
    fn wait_out(&mut self, lull: Lull<'_>);

    /// Closes the connections.
    fn close(self: Box<Self>);
}

impl<P: Producer> HeldProducer for P {
    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
        Producer::send(self, ticket, keyed, payload);
    }

    fn wait_out(&mut self, lull: Lull<'_>) {
        Producer::wait_out(self, lull);
    }

    fn close(self: Box<Self>) {
        Producer::close(*self);
    }
}

/// Connects a client of this type. Its error: the first connection did not succeed.
pub(super) fn hold<P: Producer + 'static>(context: ProducerContext) -> Result<Box<dyn HeldProducer>, BrokerError> {
    Ok(Box::new(P::connect(context)?))
}

#[cfg(test)]
mod tests {
    use super::super::client::Letter;
    use super::super::ledger::SendLedger;
    use super::super::protocol::tests::connection;
    use super::super::record::tests::kept;
    use super::super::{Complaints, ConnectionLog, Outbox};
    use super::*;
    use crate::clock;
    use reports::history::Outcome;
    use reports::units::{MessageId, Partition, ProducerId, Sequence};
    use std::sync::Arc;

    /// Acknowledges what is sent when it is closed.
    struct Late {
        ledger: Arc<SendLedger>,
        kept_back: Vec<(Ticket, Partition, Vec<u8>)>,
        sent: Vec<(Ticket, Partition, Vec<u8>)>,
    }

    impl Producer for Late {
        fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
            match context.in_flight {
                0 => Err(BrokerError("nothing may be sent".to_owned())),
                _ => Ok(Self { ledger: context.ledger, kept_back: Vec::new(), sent: Vec::new() }),
            }
        }

        fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
            self.kept_back.push((ticket, keyed.message.partition, payload.to_vec()));
        }

        fn wait_out(&mut self, lull: Lull<'_>) {
            self.sent.append(&mut self.kept_back);
            lull.asleep();
        }

        fn bury(&mut self, _: Ticket, _: &Letter<'_>) {}

        fn close(self) {
            for (ticket, partition, payload) in self.sent {
                let is_well = partition == Partition(3) && payload == b"bytes";
                let outcome = if is_well { Outcome::Ok } else { Outcome::Failed };
                self.ledger.settle(ticket, outcome, None, None);
            }
        }
    }

    fn context(in_flight: usize) -> ProducerContext {
        let records = kept();
        ProducerContext {
            connection: connection("memory", "in-process"),
            ledger: Arc::new(SendLedger::new(in_flight, records.clone())),
            connections: ConnectionLog::new("producer-0", records),
            complaints: Complaints::new(&Outbox::new(std::io::sink())),
            control: Arc::default(),
            gauges: Arc::default(),
            in_flight,
            headers: Default::default(),
        }
    }

    #[test]
    fn what_is_handed_to_a_held_client_reaches_the_client_and_so_do_lulls_and_its_end() {
        let context = context(1);
        let ledger = Arc::clone(&context.ledger);
        let mut held = hold::<Late>(context).expect("connected");
        let message = MessageId { producer: ProducerId(0), partition: Partition(3), seq: Sequence(0) };
        let keyed = KeyedMessage { message, key: None };
        let ticket = ledger.begin(keyed, clock::now()).expect("a place");
        held.send(ticket, keyed, b"bytes");
        held.wait_out(Lull::until(clock::now()));
        assert!(!ledger.is_idle());
        held.close();
        assert_eq!((ledger.settled(Outcome::Ok), ledger.is_idle()), (1, true));
    }

    #[test]
    fn a_client_that_does_not_connect_is_not_held() {
        assert!(hold::<Late>(context(0)).is_err_and(|error| error.0.contains("nothing may be sent")));
    }
}
