//! `harness clean`: removes what runs that have ended left behind.

use super::{Exit, exit};
use crate::environment::{EnvironmentError, OwnerState, leftovers, sweep};
use std::io::Write;

pub(super) async fn run() -> Exit {
    match clean(&mut std::io::stdout()).await {
        Ok(()) => Exit::Pass,
        Err(error) => exit::explain(&error, Exit::Environment),
    }
}

/// Removes leftovers of dead runs and prints what it removed, and what it left because its run lives.
///
/// # Errors
/// No engine answers, it refuses, or the output cannot be written.
pub async fn clean(out: &mut impl Write) -> Result<(), EnvironmentError> {
    let removed = sweep().await?;
    let mut lines: Vec<String> = removed.iter().map(|leftover| format!("removed {leftover}")).collect();
    for left in leftovers().await? {
        let why = match left.owner {
            OwnerState::Alive => "its run is going on",
            OwnerState::Elsewhere => "whether its run is going on cannot be seen from here",
            OwnerState::Dead => "its run has ended meanwhile; run `harness clean` again",
        };
        lines.push(format!("left    {left}: {why}"));
    }
    if lines.is_empty() {
        lines.push("nothing to remove".to_owned());
    }
    for line in lines {
        writeln!(out, "{line}").map_err(|error| {
            EnvironmentError::step(
                format!("cannot write the answer: {error}"),
                "is the reader of this output still there?",
            )
        })?;
    }
    Ok(())
}
