//! What is wrong with a scenario: the place, the reason and the way out.

use super::origin::{Sources, TextPlace};
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceSpan};
use reports::plural::plural;
use std::ops::Range;
use std::sync::Arc;

/// A longer line is shown in part, so many bytes on either side of the place.
const LONGEST_LINE: usize = 400;
const SHOWN_BESIDE: usize = 60;

/// One error of a scenario. Its report shows file, line and column, underlines the word and says what to do.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What is written under the underlined word.
    pub note: String,
    /// The text that holds it: the file, a `--set`, a variable.
    #[source_code]
    pub text: NamedSource<Arc<str>>,
    /// The word. `None`: something is missing that has no place.
    #[label("{note}")]
    pub span: Option<SourceSpan>,
    /// The value of the matrix that brings it about, where that stands elsewhere.
    #[label(collection)]
    pub because: Vec<LabeledSpan>,
    /// The way out.
    #[help]
    pub help: Option<String>,
    pub(super) order: (usize, usize),
    place: Option<TextPlace>,
    /// Its text is not only an excerpt.
    is_whole: bool,
}

impl Problem {
    /// Where it stands.
    pub(super) const fn place(&self) -> Option<TextPlace> {
        self.place
    }

    /// One place, one mistake.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.place == other.place && self.message == other.message && self.note == other.note && self.help == other.help
    }

    /// The same, led to by another place of the scenario's file: that of what brings it about. `words` say what stands there.
    pub(super) fn because_of(mut self, place: TextPlace, words: &str, file: &NamedSource<Arc<str>>) -> Self {
        match self.place {
            Some(own) if own.source != place.source || !self.is_whole => {
                self.message = format!("{} ({words} of the matrix)", self.message);
                return self;
            }
            Some(_) => {}
            None => self.text = file.clone(),
        }
        self.because = vec![LabeledSpan::new_primary_with_span(Some(words.to_owned()), place.start..place.end)];
        self.order = (place.source, place.start);
        self
    }
}

/// All errors of one scenario.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{file}: {} to mend", plural(.problems.len() as u64, "error"))]
pub struct ScenarioErrors {
    /// The scenario's path as given.
    pub file: String,
    /// At least one, in the order of their places.
    #[related]
    pub problems: Vec<Problem>,
}

/// A problem before it is bound to its text.
#[derive(Clone)]
pub(super) struct Finding {
    pub(super) place: Option<TextPlace>,
    pub(super) message: String,
    pub(super) note: String,
    pub(super) help: String,
}

impl Finding {
    pub(super) fn at(place: Option<TextPlace>, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), note: "here".to_owned(), help: String::new() }
    }

    /// What is written under the underlined word.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The way out.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(super) fn bind(self, sources: &Sources, file: &str) -> Problem {
        let source = self.place.and_then(|place| sources.get(place));
        let (name, text) = match source {
            Some(source) => (source.name.clone(), Arc::clone(&source.text)),
            None => (file.to_owned(), Arc::from("")),
        };
        let span = self.place.map(|place| place.start..place.end.max(place.start));
        let length = text.len();
        let (text, span) = match span {
            Some(span) => {
                let (text, span) = excerpt(text, span);
                (text, Some(span))
            }
            None => (text, None),
        };
        let is_whole = text.len() == length;
        Problem {
            message: self.message,
            note: self.note,
            text: NamedSource::new(name, text),
            span: span.map(SourceSpan::from),
            help: Some(self.help).filter(|help| !help.is_empty()),
            because: Vec::new(),
            order: self.place.map_or((0, 0), |place| (place.source, place.start)),
            place: self.place,
            is_whole,
        }
    }
}

/// A text as it is shown around a place in it: of lines that nobody can read, only what stands beside the place. Lines keep
/// their numbers.
fn excerpt(text: Arc<str>, span: Range<usize>) -> (Arc<str>, Range<usize>) {
    let span = text.floor_char_boundary(span.start)..span.end;
    let begin = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.start..].find('\n').map_or(text.len(), |newline| span.start + newline);
    if end - begin <= LONGEST_LINE {
        return (text, span);
    }
    let from = text.floor_char_boundary(span.start.saturating_sub(SHOWN_BESIDE).max(begin));
    let to = text.ceil_char_boundary((span.start + SHOWN_BESIDE).min(end));
    let before = text[..begin].matches('\n').count();
    let mark = |is_cut: bool| if is_cut { "…" } else { "" };
    let (head, tail) = (mark(from > begin), mark(to < end));
    let shown = format!("{}{head}{}{tail}", "\n".repeat(before), &text[from..to]);
    let start = before + head.len() + (span.start - from);
    let length = span.len().min(to - span.start);
    (shown.into(), start..start + length)
}

/// What people write short, and how keys have it.
const SHORT_FOR: [(&str, &str); 2] = [("e2e", "end-to-end"), ("msgs", "messages")];

/// The candidate that a mistyped word most likely means, if one is near enough.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let mut word = word.to_lowercase();
    for (short, long) in SHORT_FOR {
        word = word.replace(short, long);
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// `did you mean `x`?` where something is near, else the fallback.
pub(super) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>, otherwise: &str) -> String {
    nearest(word, candidates).map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

/// `a`, `b` or `c`.
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    join(words, "or")
}

/// `a`, `b` and `c`.
pub(super) fn all_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    join(words, "and")
}

fn join<'w>(words: impl IntoIterator<Item = &'w str>, last_join: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {last_join} {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("prodcers", ["consumers", "producers"]), Some("producers"));
        assert_eq!(nearest("Kafka", ["redis-streams", "kafka"]), Some("kafka"));
        assert_eq!(nearest("e2e-p99", ["service-p99", "end-to-end-p99"]), Some("end-to-end-p99"));
        assert_eq!(nearest("zzz", ["consumers", "producers"]), None);
    }

    #[test]
    fn of_a_line_that_nobody_can_read_only_the_place_is_shown() {
        let text: Arc<str> = format!("a = 1\nb = \"{}ö×{}\"\nc = 2", "ä".repeat(500), "x".repeat(90_000)).into();
        let start = text.find('ö').unwrap_or_default();
        let (shown, span) = excerpt(Arc::clone(&text), start..start + 40_000);
        assert!(shown.len() < 200 && shown.starts_with("\n…ä") && shown.ends_with("x…"), "{shown}");
        assert!(shown[span].starts_with("ö×x"), "{shown}");
        let short: Arc<str> = Arc::from("a = 1\nb = 2");
        assert_eq!(excerpt(Arc::clone(&short), 6..7), (short, 6..7));
    }

    #[test]
    fn words_are_listed_as_prose() {
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(all_of(["a", "b"]), "`a` and `b`");
    }
}
