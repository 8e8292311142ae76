//! What a command answers on stdout.

use super::exit::{Exit, say};
use std::io::{ErrorKind, Result, Write};

/// Stdout, for an answer. A reader that has gone, as in `harness plan FILE | head`, has read enough: the rest is dropped, and
/// the command ends as if all of it had been read.
#[derive(Debug)]
pub(super) struct Answer;

impl Write for Answer {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        unless_gone(std::io::stdout().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        unless_gone(std::io::stdout().flush(), ())
    }
}

fn unless_gone<T>(written: Result<T>, as_if: T) -> Result<T> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(as_if),
        other => other,
    }
}

/// Prints a line. What keeps it from being written, but a reader that has gone, is said on stderr and is the exit.
#[must_use]
pub(super) fn print(words: &str) -> Exit {
    print_all(format!("{words}\n").as_bytes())
}

/// As [`print`], bytes as they are.
#[must_use]
pub(super) fn print_all(bytes: &[u8]) -> Exit {
    printed(Answer.write_all(bytes).and_then(|()| Answer.flush()))
}

/// The exit of an answer that was written, or could not be, which is said on stderr.
#[must_use]
pub(super) fn printed(written: Result<()>) -> Exit {
    unless_gone(written, ()).map_or_else(
        |error| {
            say(&format!("the answer cannot be written to stdout: {error}"));
            Exit::Environment
        },
        |()| Exit::Pass,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Error;

    #[test]
    fn a_reader_that_has_gone_is_no_error_and_everything_else_is() {
        let after = |kind: ErrorKind| unless_gone(Err(Error::from(kind)), 3);
        assert_eq!(after(ErrorKind::BrokenPipe).ok(), Some(3));
        assert!(after(ErrorKind::StorageFull).is_err() && after(ErrorKind::Interrupted).is_err());
    }
}
