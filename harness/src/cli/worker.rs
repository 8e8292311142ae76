//! `harness worker`: one worker, spoken to over stdin and stdout.

use super::{Exit, exit};
use crate::serve::serve;
use crate::worker::Outbox;
use std::io::BufReader;

pub(super) fn worker() -> Exit {
    let outbox = Outbox::new(std::io::stdout());
    match serve(BufReader::new(std::io::stdin()), &outbox) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            exit::say(&error.to_string());
            Exit::Environment
        }
    }
}
