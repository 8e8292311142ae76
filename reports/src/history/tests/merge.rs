//! The deliveries and settlements of all consumers as one sequence in time.

use super::samples::{self, Dice};
use crate::history::{Deliveries, Delivery, Events, FOLDER, MergedEvents, Settlement, Settlements, Trial, WINDOW};
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

/// One thing that a consumer did.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Delivery(Delivery),
    Settlement(Settlement),
}

impl Event {
    fn at(&self) -> Nanos {
        match self {
            Self::Delivery(delivery) => delivery.received,
            Self::Settlement(settlement) => settlement.settled,
        }
    }
}

/// All that there is, one by one.
fn each(groups: &mut MergedEvents) -> Vec<Event> {
    let mut each = Vec::new();
    for events in groups.flat_map(Result::unwrap) {
        match events {
            Events::Deliveries(own) => each.extend(own.rows.map(|row| Event::Delivery(own.batch.row(row)))),
            Events::Settlements(own) => each.extend(own.rows.map(|row| Event::Settlement(own.batch.row(row)))),
        }
    }
    each
}

#[test]
fn events_of_all_consumers_come_in_the_order_of_time_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let first = deliveries(0, 60_000);
    let second = deliveries(1, 30_000);
    let (first_settled, second_settled) = (samples::settlements(&first), samples::settlements(&second));
    let trial = trial(&dir, &[(&first, &first_settled), (&second, &second_settled)]);

    let mut events = trial.events().unwrap();
    let read = each(&mut events);
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

    let kinds: Vec<_> =
        each(&mut trial.events().unwrap()).iter().map(|event| matches!(event, Event::Settlement(_))).collect();
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
    let read = each(&mut events);
    assert!(read == sorted.into_iter().map(Event::Delivery).collect::<Vec<_>>());
    assert_eq!(events.late(), 0);
}

#[test]
fn a_file_that_is_in_order_here_and_not_there_comes_in_order_and_equal_times_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut written = deliveries(0, 12 * WINDOW as u64);
    // Four rows of each instant.
    for (index, row) in written.iter_mut().enumerate() {
        row.received = Nanos(1_000 + index as u64 / 4);
    }
    let mut dice = Dice(7);
    for block in written.chunks_mut(WINDOW / 2).skip(4).step_by(5) {
        for index in 0..block.len() {
            block.swap(index, dice.below(block.len() as u64) as usize);
        }
    }
    let mut sorted = written.clone();
    sorted.sort_by_key(|row| row.received);
    assert!(written != sorted && written[..WINDOW / 2].is_sorted_by_key(|row| row.received));
    let trial = trial(&dir, &[(&written, &[])]);

    let read = each(&mut trial.events().unwrap());
    assert!(read == sorted.into_iter().map(Event::Delivery).collect::<Vec<_>>());
}

#[test]
fn a_row_that_comes_later_than_the_window_allows_is_delivered_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = deliveries(0, 4 * WINDOW as u64);
    let first = rows.remove(0);
    rows.push(first);
    let trial = trial(&dir, &[(&rows, &[])]);

    let mut events = trial.events().unwrap();
    let read = each(&mut events).len();
    assert_eq!(read, 4 * WINDOW);
    assert_eq!(events.late(), 1);
}

#[test]
fn each_row_of_a_stretch_that_comes_too_late_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = deliveries(0, 4 * WINDOW as u64);
    let late: Vec<_> = rows.drain(..3).collect();
    rows.extend(late);
    let trial = trial(&dir, &[(&rows, &[])]);

    let mut events = trial.events().unwrap();
    assert_eq!(each(&mut events).len(), 4 * WINDOW);
    assert_eq!(events.late(), 3);
}

#[test]
fn files_with_many_equal_times_come_by_time_then_deliveries_first_then_file_by_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(11);
    let mut consumers = Vec::new();
    for consumer in 0..3 {
        let mut rows = deliveries(consumer, 9_000);
        rows.iter_mut().for_each(|row| row.received = Nanos(dice.below(400)));
        rows.sort_by_key(|row| row.received);
        let mut settled = samples::settlements(&rows);
        settled.iter_mut().for_each(|row| row.settled = Nanos(dice.below(400)));
        settled.sort_by_key(|row| row.settled);
        consumers.push((rows, settled));
    }
    let borrowed: Vec<_> = consumers.iter().map(|(rows, settled)| (&rows[..], &settled[..])).collect();
    let trial = trial(&dir, &borrowed);

    let mut expected: Vec<Event> = Vec::new();
    expected.extend(consumers.iter().flat_map(|(rows, _)| rows.iter().cloned().map(Event::Delivery)));
    expected.extend(consumers.iter().flat_map(|(_, settled)| settled.iter().cloned().map(Event::Settlement)));
    expected.sort_by_key(|event| (event.at(), matches!(event, Event::Settlement(_))));
    assert!(each(&mut trial.events().unwrap()) == expected);
}

#[test]
fn groups_are_small_and_none_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let rows = deliveries(0, 60_000);
    let settled = samples::settlements(&rows);
    let trial = trial(&dir, &[(&rows, &settled)]);
    for group in trial.events().unwrap().map(Result::unwrap) {
        let lengths = group.iter().map(|events| match events {
            Events::Deliveries(own) => own.rows.len(),
            Events::Settlements(own) => own.rows.len(),
        });
        let lengths: Vec<_> = lengths.collect();
        assert!(!lengths.is_empty() && !lengths.contains(&0) && lengths.iter().sum::<usize>() <= 2048, "{lengths:?}");
    }
}

#[test]
fn what_was_read_before_the_damage_comes_first_then_the_error_then_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let rows = deliveries(0, 6 * WINDOW as u64);
    let trial = trial(&dir, &[(&rows, &[])]);
    // Opened before its end is overwritten: what is found then is the reader's affair.
    let file = dir.path().join(FOLDER).join("deliveries.consumer-0.arrows");
    let mut bytes = std::fs::read(&file).unwrap();
    let from = bytes.len() * 9 / 10;
    bytes[from..].fill(0xAA);
    std::fs::write(&file, bytes).unwrap();

    let mut groups: Vec<_> = trial.events().unwrap().collect();
    assert!(groups.pop().is_some_and(|last| last.is_err()), "the damage is told");
    assert!(groups.len() > 2 * WINDOW / 2048 && groups.iter().all(Result::is_ok), "{}", groups.len());
}

#[test]
fn a_trial_without_consumers_has_no_events() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(each(&mut trial(&dir, &[]).events().unwrap()), []);
}
