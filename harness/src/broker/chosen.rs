//! The client of one system: a library, or a program.

use super::client::ClientKind;
use super::program::Program;
use std::ops::Deref;

/// What a scenario has chosen.
#[derive(Clone)]
pub enum Client {
    /// A library that the harness's own workers are linked with.
    Library(&'static dyn ClientKind),
    /// A program in place of the harness's own worker.
    Program(Program),
}

impl Deref for Client {
    type Target = dyn ClientKind;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Library(kind) => *kind,
            Self::Program(program) => program,
        }
    }
}
