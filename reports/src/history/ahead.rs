//! Reading ahead: what must be read from files and unpacked is made ready by one thread while another works on what is ready.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

/// The items of an iterator, in its order, made ready by a thread of their own. Dropping it ends that thread after the item at
/// hand. Each item is handed over by itself, so it should be worth that.
#[derive(Debug)]
pub struct Ahead<I: Iterator> {
    items: Receiver<I::Item>,
    reader: JoinHandle<I>,
}

impl<I> Ahead<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send,
{
    /// Begins to read. `most`: how many items may be ready and wait. As many as become ready together, such as all of one batch, keep both
    /// threads at work; more take memory, and save no time.
    pub fn of(items: I, most: usize) -> Self {
        let (sender, ready) = sync_channel(most);
        let reader = spawn(move || send_all(items, &sender));
        Self { items: ready, reader }
    }

    /// The iterator as it is when it was read as far as this was, and at most some items further.
    pub fn finish(self) -> I {
        drop(self.items);
        self.reader.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<I: Iterator> Iterator for Ahead<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.items.recv().ok()
    }
}

fn send_all<I: Iterator>(mut items: I, sender: &SyncSender<I::Item>) -> I {
    for item in items.by_ref() {
        if sender.send(item).is_err() {
            break;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn every_item_comes_once_and_in_order() {
        for most in [0, 1, 7, 1000] {
            let mut ahead = Ahead::of(0..100, most);
            assert!(ahead.by_ref().eq(0..100), "{most}");
            assert_eq!(ahead.finish(), 100..100);
        }
    }

    #[test]
    fn who_stops_early_waits_for_nothing_more() {
        let mut ahead = Ahead::of(0_u64.., 10);
        assert_eq!(ahead.next(), Some(0));
        assert!(ahead.finish().start < 1000);
    }

    #[test]
    fn what_breaks_the_reading_is_not_taken_for_its_end() {
        let broken = || Ahead::of((0..3).map(|item| if item < 2 { item } else { panic!("broken") }), 1);
        assert!(
            catch_unwind(|| {
                let mut ahead = broken();
                while ahead.next().is_some() {}
                let _ = ahead.finish();
            })
            .is_err()
        );
    }
}
