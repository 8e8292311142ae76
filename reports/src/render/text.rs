//! Text that came from elsewhere, made safe to put on one line, and lines of equal display width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands where there is no figure.
pub(super) const ABSENT: &str = "–";

/// The text on one line: white space becomes single spaces, and characters that steer a terminal or turn
/// the reading direction become `�`. Names and errors come from brokers and files, so they may hold either.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if steers(character) {
            line.push('\u{fffd}');
        } else {
            line.push(character);
        }
    }
    line.trim().to_owned()
}

/// The text with its lines, but nothing that steers a terminal or is forbidden in XML and HTML.
pub(super) fn without_controls(text: impl Into<String>) -> String {
    let text = text.into();
    let is_forbidden = |character| character != '\n' && steers(character);
    if text.contains(is_forbidden) { text.replace(is_forbidden, "\u{fffd}") } else { text }
}

fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Columns of a terminal that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `columns`, with `…` where something was cut off.
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// Lines of at most `columns`, broken between words; a word that is longer is cut.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = fit(word, columns);
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last] = word;
        } else if width(&lines[last]) + 1 + width(&word) <= columns {
            lines[last].push(' ');
            lines[last].push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// Neighbours of one name, each group as one: a check answers once for each of its limits.
pub(super) fn counted(names: &[String]) -> Vec<String> {
    groups(names).map(|(name, _)| name).collect()
}

/// The groups of neighbours of one name, each with how many they are.
pub(super) fn groups(names: &[String]) -> impl Iterator<Item = (String, usize)> {
    names.chunk_by(|one, next| one == next).map(|same| match same {
        [only] => (only.clone(), 1),
        _ => (format!("{} (×{})", same[0], same.len()), same.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_line_breaks_cannot_leave_their_line() {
        assert_eq!(one_line("a\nb\t c\u{1b}[31m\u{202e}d"), "a b c�[31m�d");
    }

    #[test]
    fn lines_stay_lines_where_controls_are_replaced() {
        assert_eq!(without_controls("a\nb\u{1b}[31m\r\u{202e}c"), "a\nb�[31m��c");
        assert_eq!(without_controls("a\nb…".to_owned()), "a\nb…");
    }

    #[test]
    fn a_cut_text_has_the_width_that_was_asked_for() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(width(&fit("日本語の名前", 7)), 7);
        assert_eq!(fit("abcd", 4), "abcd");
    }

    #[test]
    fn wrapped_lines_never_exceed_the_columns() {
        let lines = wrap("one two three fourteenletters five", 9);
        assert!(lines.iter().all(|line| width(line) <= 9), "{lines:?}");
        assert_eq!(lines[0], "one two");
    }

    #[test]
    fn names_that_come_several_times_are_told_once_with_their_number() {
        let checks = ["lost", "latency", "latency", "throughput"].map(str::to_owned);
        assert_eq!(counted(&checks), ["lost", "latency (×2)", "throughput"]);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
