//! Words: enums, on disk as dictionaries of strings, so that people and other tools read them as they are.
//! The dictionary is the same for all batches of a file and written once; a row costs one byte before compression.

use super::ColumnProblem;
use super::text::strings;
use arrow_array::builder::Int8Builder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray};
use arrow_schema::DataType;
use std::marker::PhantomData;
use std::sync::Arc;

/// An enum with a word for each of its values.
pub trait Word: Copy + PartialEq + 'static {
    /// Its values and their words; each stands where its [`Word::index`] says.
    const WORDS: &'static [(Self, &'static str)];

    /// Its place in [`Word::WORDS`].
    fn index(self) -> u8;

    /// Its word.
    fn word(self) -> &'static str {
        Self::WORDS[usize::from(self.index())].1
    }

    /// The value that has this word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
    }
}

/// The Arrow type of a column of words.
pub(in crate::history) fn word_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

/// Collects a column of words.
#[derive(Debug)]
pub(in crate::history) struct WordBuilder<W> {
    keys: Int8Builder,
    // Held, because the stream's writer sees by its address that it need not be written again.
    dictionary: ArrayRef,
    words: PhantomData<W>,
}

impl<W: Word> Default for WordBuilder<W> {
    fn default() -> Self {
        let dictionary = StringArray::from_iter_values(W::WORDS.iter().map(|(_, word)| *word));
        Self { keys: Int8Builder::new(), dictionary: Arc::new(dictionary), words: PhantomData }
    }
}

impl<W: Word> WordBuilder<W> {
    pub(in crate::history) fn append(&mut self, value: W) {
        self.keys.append_value(value.index().cast_signed());
    }

    /// # Panics
    ///
    /// Never: an index is a place in the dictionary.
    pub(in crate::history) fn finish(&mut self) -> ArrayRef {
        Arc::new(DictionaryArray::new(self.keys.finish(), Arc::clone(&self.dictionary)))
    }
}

/// The column's words, one for each row.
pub(super) fn required<W: Word>(array: &dyn Array) -> Result<Vec<W>, ColumnProblem> {
    match array.as_dictionary_opt::<Int8Type>() {
        Some(dictionary) => from_dictionary(dictionary),
        None => from_strings(&strings(array)?),
    }
}

/// Looks each word of the dictionary up once.
fn from_dictionary<W: Word>(array: &DictionaryArray<Int8Type>) -> Result<Vec<W>, ColumnProblem> {
    let dictionary = strings(array.values())?;
    let values: Vec<Option<W>> = dictionary.iter().map(|word| word.and_then(W::from_word)).collect();
    let keys = array.keys();
    let known = |key: &i8| usize::try_from(*key).ok().and_then(|key| values.get(key).copied().flatten());
    if keys.null_count() == 0
        && let Some(words) = keys.values().iter().map(known).collect::<Option<Vec<_>>>()
    {
        return Ok(words);
    }
    // Some row has no word or an unknown one: find it.
    from_strings(&strings(array)?)
}

fn from_strings<W: Word>(array: &StringArray) -> Result<Vec<W>, ColumnProblem> {
    let value = |(row, word): (usize, Option<&str>)| {
        let word = word.ok_or(ColumnProblem::Null { row })?;
        W::from_word(word).ok_or_else(|| ColumnProblem::Word { row, found: word.to_owned(), known: known::<W>() })
    };
    array.iter().enumerate().map(value).collect()
}

fn known<W: Word>() -> String {
    W::WORDS.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}
