//! What the process exits with, and how errors are shown.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use reports::compare::CompareVerdict;
use reports::result::Verdict;
use std::io::{IsTerminal, Write};
use textwrap::{WordSeparator, WordSplitter};

/// The exit codes, for people and for CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every expectation held.
    Pass,
    /// One did not.
    Fail,
    /// The scenario or the command line is wrong.
    Usage,
    /// The evidence does not say.
    Unknown,
    /// The environment could not be prepared.
    Environment,
    /// Somebody interrupted it.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Environment => 4,
            Self::Interrupted => 130,
        }
    }

    /// The exit of a run with this verdict.
    pub const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Unknown => Self::Unknown,
            Verdict::Fail => Self::Fail,
        }
    }

    /// The exit of a comparison.
    pub const fn of_comparison(verdict: CompareVerdict) -> Self {
        match verdict {
            CompareVerdict::NothingConfirmed => Self::Pass,
            CompareVerdict::Unknown => Self::Unknown,
            CompareVerdict::Regression => Self::Fail,
        }
    }

    /// Which of two is to be told: what stopped the work comes before what it found.
    pub fn worse(self, other: Self) -> Self {
        const ORDER: [Exit; 6] =
            [Exit::Interrupted, Exit::Environment, Exit::Usage, Exit::Fail, Exit::Unknown, Exit::Pass];
        ORDER.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(self)
    }
}

/// Shows an error with its help on stderr; returns the exit, for `return explain(…)`.
pub(super) fn explain(error: &dyn Diagnostic, exit: Exit) -> Exit {
    show(error);
    exit
}

/// Says a line on stderr. A reader that has gone, or a terminal that was closed, is no error.
pub(super) fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Lines of 100 columns, broken between words only: a key stands whole.
fn handler(theme: GraphicalTheme) -> GraphicalReportHandler {
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_break_words(false);
    handler.with_word_separator(WordSeparator::AsciiSpace).with_word_splitter(WordSplitter::NoHyphenation)
}

/// Shows a diagnostic on stderr: in colour on a terminal, unless `NO_COLOR` is set.
pub(super) fn show(diagnostic: &dyn Diagnostic) {
    let plain = !std::io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let theme = if plain { GraphicalTheme::unicode_nocolor() } else { GraphicalTheme::unicode() };
    let mut text = String::new();
    if handler(theme).render_report(&mut text, diagnostic).is_ok() {
        say(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stopped_the_work_is_told_before_what_it_found() {
        assert_eq!(Exit::Pass.worse(Exit::Unknown), Exit::Unknown);
        assert_eq!(Exit::Fail.worse(Exit::Unknown), Exit::Fail);
        assert_eq!(Exit::Fail.worse(Exit::Environment), Exit::Environment);
        assert_eq!(Exit::Interrupted.worse(Exit::Environment), Exit::Interrupted);
        assert_eq!(Exit::Pass.worse(Exit::Pass), Exit::Pass);
    }
}
