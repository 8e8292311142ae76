//! `harness clean`: removes what runs that have ended left behind.

use super::answer::Answer;
use super::{Exit, exit};
use crate::environment::{EnvironmentError, Leftover, OwnerState, leftovers, sweep};
use std::io::Write;

pub(super) async fn run() -> Exit {
    match clean(&mut Answer).await {
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
    for line in lines(&removed, &leftovers().await?) {
        writeln!(out, "{line}").map_err(|error| {
            EnvironmentError::step(format!("cannot write the answer: {error}"), "is there room where this output goes?")
        })?;
    }
    Ok(())
}

fn lines(removed: &[Leftover], left: &[Leftover]) -> Vec<String> {
    let mut lines: Vec<String> = removed.iter().map(|leftover| format!("removed {leftover}")).collect();
    for left in left {
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
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leftover(owner: OwnerState) -> Leftover {
        Leftover {
            run: "run-1".to_owned(),
            node: "redis-0".to_owned(),
            kind: "container",
            id: "0123456789abcdef".to_owned(),
            owner,
            process: Some(42),
            log: None,
        }
    }

    #[test]
    fn what_was_removed_is_told() {
        let told = lines(&[leftover(OwnerState::Dead)], &[]);
        assert_eq!(told, ["removed redis-0 of run run-1 (container 0123456789ab; its process 42 has ended)"]);
    }

    #[test]
    fn what_was_left_is_told_with_the_reason() {
        let told = lines(&[], &[leftover(OwnerState::Alive), leftover(OwnerState::Elsewhere)]);
        assert!(told[0].starts_with("left ") && told[0].ends_with("its run is going on"), "{told:?}");
        assert!(told[1].ends_with("cannot be seen from here"), "{told:?}");
    }

    #[test]
    fn nothing_to_remove_is_told_too() {
        assert_eq!(lines(&[], &[]), ["nothing to remove"]);
    }
}
