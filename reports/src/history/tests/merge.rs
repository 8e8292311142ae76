//! The deliveries and settlements of all consumers as one sequence in time.

use super::samples::{self, Dice};
use crate::history::{Deliveries, Delivery, Event, Settlement, Settlements, Trial, WINDOW};
use crate::units::{ConsumerId, Nanos};

fn deliveries(consumer: u16, count: u64) -> Vec<Delivery> {
    let mut rows = samples::deliveries(&samples::sends(count));
    rows.iter_mut().for_each(|row| row.consumer = ConsumerId(consumer));
    rows
}

/// A trial in which each consumer has a file of deliveries and one of settlements.
fn trial(dir: &tempfile::TempDir, consumers: &[(&[Delivery], &[Settlement])]) -> Trial {
    let mut files = Vec::new();
    for (index, (deliveries, settlements)) in consumers.iter().enumerate() {
        let writer = format!("consumer-{index}");
        files.push(samples::write::<Settlements>(dir.path(), &writer, settlements, 1_000));
        files.push(samples::write::<Deliveries>(dir.path(), &writer, deliveries, 7_000));
    }
    samples::describe(dir.path(), files);
    Trial::open(dir.path()).unwrap()
}

#[test]
fn events_of_all_consumers_come_in_the_order_of_time_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let first = deliveries(0, 60_000);
    let second = deliveries(1, 30_000);
    let (first_settled, second_settled) = (samples::settlements(&first), samples::settlements(&second));
    let trial = trial(&dir, &[(&first, &first_settled), (&second, &second_settled)]);

    let mut events = trial.events().unwrap();
    let read: Vec<_> = events.by_ref().map(Result::unwrap).collect();
    assert!(read.is_sorted_by_key(Event::at));
    assert_eq!(events.late(), 0);
    let of = |consumer| {
        let own = move |event: &&Event| matches!(event, Event::Delivery(row) if row.consumer == ConsumerId(consumer));
        read.iter().filter(own).count()
    };
    assert_eq!((of(0), of(1), read.len()), (60_000, 30_000, 180_000));
}

#[test]
fn a_message_that_is_settled_at_the_instant_of_its_delivery_is_delivered_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = deliveries(0, 3);
    rows.iter_mut().for_each(|row| row.received = Nanos(500));
    let mut settled = samples::settlements(&rows);
    settled.iter_mut().for_each(|row| row.settled = Nanos(500));
    let trial = trial(&dir, &[(&rows, &settled)]);

    let kinds: Vec<_> = trial.events().unwrap().map(|event| matches!(event.unwrap(), Event::Settlement(_))).collect();
    assert_eq!(kinds, [false, false, false, true, true, true]);
}

#[test]
fn rows_that_were_written_out_of_order_within_the_window_are_put_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let sorted = deliveries(0, 3 * WINDOW as u64);
    let mut written = sorted.clone();
    let mut dice = Dice(5);
    for block in written.chunks_mut(WINDOW / 2) {
        for index in 0..block.len() {
            block.swap(index, dice.below(block.len() as u64) as usize);
        }
    }
    assert_ne!(written, sorted);
    let trial = trial(&dir, &[(&written, &[])]);

    let mut events = trial.events().unwrap();
    let read: Vec<_> = events.by_ref().map(Result::unwrap).collect();
    assert!(read == sorted.into_iter().map(Event::Delivery).collect::<Vec<_>>());
    assert_eq!(events.late(), 0);
}

#[test]
fn a_row_that_comes_later_than_the_window_allows_is_delivered_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = deliveries(0, 4 * WINDOW as u64);
    let first = rows.remove(0);
    rows.push(first);
    let trial = trial(&dir, &[(&rows, &[])]);

    let mut events = trial.events().unwrap();
    let read = events.by_ref().map(Result::unwrap).count();
    assert_eq!(read, 4 * WINDOW);
    assert_eq!(events.late(), 1);
}

#[test]
fn a_trial_without_consumers_has_no_events() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(trial(&dir, &[]).events().unwrap().count(), 0);
}
