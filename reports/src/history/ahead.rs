//! Reading ahead: what must be read from files and unpacked is made ready by one thread while another works on what is ready.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};
use std::vec::IntoIter;

/// Chunks that are ready and wait: more would take memory, and save no time.
const READY: usize = 4;

/// The items of an iterator, in its order, made ready by a thread of their own. Dropping it ends that thread after the chunk at
/// hand.
#[derive(Debug)]
pub struct Ahead<I: Iterator> {
    chunks: Receiver<Vec<I::Item>>,
    reader: JoinHandle<I>,
    chunk: IntoIter<I::Item>,
}

impl<I> Ahead<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send,
{
    /// Begins to read. `at_once`: how many items a chunk has; few where each is large.
    pub fn of(items: I, at_once: usize) -> Self {
        let (sender, chunks) = sync_channel(READY);
        let reader = spawn(move || send_all(items, at_once.max(1), &sender));
        Self { chunks, reader, chunk: Vec::new().into_iter() }
    }

    /// The iterator as it is when it was read as far as this was, and at most some chunks further.
    pub fn finish(self) -> I {
        drop(self.chunks);
        self.reader.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<I: Iterator> Iterator for Ahead<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if let Some(item) = self.chunk.next() {
            return Some(item);
        }
        self.chunk = self.chunks.recv().ok()?.into_iter();
        self.chunk.next()
    }
}

fn send_all<I: Iterator>(mut items: I, at_once: usize, sender: &SyncSender<Vec<I::Item>>) -> I {
    loop {
        let chunk: Vec<_> = items.by_ref().take(at_once).collect();
        if chunk.is_empty() || sender.send(chunk).is_err() {
            return items;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn every_item_comes_once_and_in_order_whatever_a_chunk_holds() {
        for at_once in [0, 1, 7, 1000] {
            let mut ahead = Ahead::of(0..100, at_once);
            assert!(ahead.by_ref().eq(0..100), "{at_once}");
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
