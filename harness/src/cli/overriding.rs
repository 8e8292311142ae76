//! What changes a scenario from the command line.

use crate::scenario::Overrides;

/// What several subcommands take to change a scenario.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Overriding {
    /// Run only this system; may be given several times
    #[arg(long = "system", value_name = "NAME")]
    systems: Vec<String>,
    /// Override the scenario with its table [profile.NAME]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Set a key of the scenario, such as workload.producers=4 or 'phases.load="10s"'; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How often each system is tried
    #[arg(long, value_name = "N")]
    repeats: Option<u32>,
}

impl Overriding {
    pub(super) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::from_environment();
        overrides.profile = self.profile.clone();
        overrides.systems.clone_from(&self.systems);
        overrides.set.clone_from(&self.set);
        overrides.flags.extend(self.repeats.map(|repeats| ("--repeats", format!("repeats={repeats}"))));
        overrides
    }
}
