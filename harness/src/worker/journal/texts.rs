//! Texts in a journal: written once, mentioned by number.

use super::layout::{TEXT_BYTES_AT_MOST, TEXTS_REMEMBERED};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The number that stands for no text.
pub(super) const NO_TEXT: u32 = 0;

/// The writer's: which texts have which numbers.
#[derive(Debug, Default)]
pub(super) struct Interned {
    numbers: HashMap<String, u32>,
    last: u32,
}

impl Interned {
    /// The number of a text, and whether the text has yet to be written.
    pub(super) fn number(&mut self, text: &str) -> (u32, Novelty) {
        if let Some(&number) = self.numbers.get(text) {
            return (number, Novelty::Known);
        }
        // Half of what the reader remembers, so that one is still known there while a slow thread mentions it.
        if self.numbers.len() >= TEXTS_REMEMBERED / 2 {
            self.numbers.clear();
        }
        self.last += 1;
        self.numbers.insert(text.to_owned(), self.last);
        (self.last, Novelty::New)
    }
}

/// Whether a text has been written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    New,
    Known,
}

/// A text as long as a journal takes it.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_AT_MOST)]
}

/// The reader's: which numbers stand for which texts.
#[derive(Debug, Default)]
pub(super) struct Remembered(BTreeMap<u32, Arc<str>>);

impl Remembered {
    pub(super) fn learn(&mut self, number: u32, text: &str) {
        self.0.insert(number, text.into());
        if self.0.len() > TEXTS_REMEMBERED {
            self.0.pop_first();
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<&str> {
        self.0.get(&number).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_once_and_has_one_number() {
        let mut interned = Interned::default();
        assert_eq!(interned.number("a"), (1, Novelty::New));
        assert_eq!(interned.number("b"), (2, Novelty::New));
        assert_eq!(interned.number("a"), (1, Novelty::Known));
    }

    #[test]
    fn texts_that_never_come_again_fill_neither_memory_and_what_is_mentioned_is_remembered() {
        let (mut interned, mut remembered) = (Interned::default(), Remembered::default());
        for nth in 0..5 * TEXTS_REMEMBERED {
            for text in [format!("text {nth}"), "again".to_owned()] {
                let (number, novelty) = interned.number(&text);
                if novelty == Novelty::New {
                    remembered.learn(number, &text);
                }
                assert_eq!(remembered.get(number), Some(text.as_str()));
            }
        }
        assert!(interned.numbers.len() <= TEXTS_REMEMBERED && remembered.0.len() <= TEXTS_REMEMBERED);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(TEXT_BYTES_AT_MOST);
        assert_eq!(cut(&text).len(), TEXT_BYTES_AT_MOST);
        assert_eq!(cut(&format!("a{text}")).len(), TEXT_BYTES_AT_MOST - 1);
        assert_eq!(cut("short"), "short");
    }
}
