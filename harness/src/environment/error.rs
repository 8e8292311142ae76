//! Why the environment could not be had.

use super::toxiproxy::ToxiproxyError;
use std::time::Duration;

/// Why the environment could not be had: what happened, where, and what to do. The command line exits with 4.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum EnvironmentError {
    /// A step did not succeed.
    #[error("{what}")]
    Step {
        /// What happened.
        what: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// No engine answers.
    #[error("no container engine answers: {reason}")]
    #[diagnostic(help(
        "start one and build the images with `make setup` (or `docker/setup.sh`); \
         for an engine elsewhere set DOCKER_HOST; `harness doctor` shows what is found"
    ))]
    NoEngine {
        /// What was tried, and how it failed.
        reason: String,
    },
    /// The engine does not have an image and cannot get it.
    #[error("the image {image}, which {node} runs in, is not here: {reason}")]
    ImageMissing {
        /// The image as the recipe names it.
        image: String,
        /// Whose recipe.
        node: String,
        /// What the engine said.
        reason: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// A program that a local node needs is not here.
    #[error("{program}, which {node} needs as a local process, is not here: neither in {home} nor on PATH")]
    #[diagnostic(help(
        "`make processes` (or `docker/processes.sh`) gets it; HARNESS_HOME names another folder than {home}; \
         `--environment containers` needs a container engine instead"
    ))]
    ProgramMissing {
        /// The program, or the path.
        program: String,
        /// Whose recipe.
        node: String,
        /// The harness's home.
        home: String,
    },
    /// Neither an engine answers, nor are the programs of local processes here.
    #[error("no container engine answers: {reason}; and {missing}")]
    #[diagnostic(help(
        "containers: `make setup` (or `docker/setup.sh`) starts an engine and builds the images, DOCKER_HOST names an engine \
         elsewhere; local processes: `make processes` (or `docker/processes.sh`) gets the programs, HARNESS_HOME names where \
         they are; `harness doctor` shows what is found"
    ))]
    NowhereToRun {
        /// Why there is no engine.
        reason: String,
        /// Which program is missing.
        missing: String,
    },
    /// Somebody else listens on a port that a node needs.
    #[error("port {port} on 127.0.0.1, which {node} needs, is already in use")]
    #[diagnostic(help(
        "`ss -ltnp 'sport = :{port}'` shows by whom; stop that program, or run `harness clean` if it is a leftover"
    ))]
    PortTaken {
        /// The port.
        port: u16,
        /// Who needs it.
        node: String,
    },
    /// A node's process ended when it should have become ready.
    #[error("{node} ended before it was ready ({ending}); the end of its log:\n{log}")]
    #[diagnostic(help("the whole log is kept in the trial's `logs` folder"))]
    NodeEnded {
        /// Which node.
        node: String,
        /// How it ended: `exit code 1`.
        ending: String,
        /// The last lines of its log, indented.
        log: String,
    },
    /// A node lives, but is not ready.
    #[error("{node} was not ready within {} s: {last}; the end of its log:\n{log}", limit.as_secs_f64())]
    #[diagnostic(help("the machine may be too busy, or the node's settings wrong: its log tells"))]
    NotReady {
        /// Which node.
        node: String,
        /// How long was waited.
        limit: Duration,
        /// What the last check said.
        last: String,
        /// The last lines of its log, indented.
        log: String,
    },
    /// The proxy did not do what it was asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Toxiproxy(#[from] ToxiproxyError),
}

impl EnvironmentError {
    /// A step that did not succeed, and the way out.
    pub fn step(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Step { what: what.into(), help: help.into() }
    }
}
