//! Where systems are started, as a run has it: the engine, a folder for logs, and a reaper that removes what this process leaves.

use crate::engine::or_skipped;
use harness::environment::{self, Environment, EnvironmentError, EnvironmentKind, Ports};
use harness::scenario::Scenario;
use harness::trial::topology;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Everything that systems need. Dropping it removes what is still there.
pub(crate) struct Ground {
    pub(crate) environment: Environment,
    pub(crate) runtime: Runtime,
    /// `target/tmp/brokers`, which stays until the next time.
    logs: PathBuf,
}

impl Ground {
    /// `None`: there is no engine, or it lacks an image; that was said. Nothing is started.
    pub(crate) fn open(scenario: &Scenario) -> Option<Self> {
        let runtime = Runtime::new().expect("a runtime");
        let environment = or_skipped("the benches of real brokers", runtime.block_on(prepare(scenario)))?;
        let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("brokers");
        // Those of the last time.
        let _ = std::fs::remove_dir_all(&logs);
        Some(Self { environment, runtime, logs })
    }

    /// A new folder for the logs of a system.
    pub(crate) fn logs(&self, system: &str) -> PathBuf {
        let logs = self.logs.join(system);
        std::fs::create_dir_all(&logs).expect("a folder");
        logs
    }
}

async fn prepare(scenario: &Scenario) -> Result<Environment, EnvironmentError> {
    let mut environment =
        Environment::open(EnvironmentKind::Containers, &format!("benches-{}", std::process::id())).await?;
    for system in &scenario.systems {
        // A layout takes ports; this gives them back.
        if let Some(topology) = topology(system, scenario, &mut Ports::default())? {
            environment.check(&topology).await?;
        }
    }
    let program = std::env::current_exe().expect("this program");
    environment.guard(&program)?;
    Ok(environment)
}

/// What the environment starts this program as beside itself (`harness reap`). `None`: it was started to measure.
pub(crate) fn reap() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, run, process] = arguments.as_slice() else { return None };
    let process = process.parse().ok().filter(|_| command == "reap")?;
    let reaped = Runtime::new().expect("a runtime").block_on(environment::reap(run, process));
    Some(if reaped.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
