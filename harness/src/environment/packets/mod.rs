//! The machine's packet filter: packets that vanish, by rules in a table of the run's own.
//! From here only the program `nft` and tables that carry a run's labels may be touched; never another table.
//! To add what a rule can do: extend `PacketRule` in `rule.rs`, and read it back in `read.rs`.

mod labelled;
mod nft;
mod read;
mod rule;

pub use nft::must_drop_packets;
pub use read::Counted;
pub use rule::{PER_MILLE, PacketRule};

pub(super) use labelled::{leftovers, remove, remove_run};

use super::EnvironmentError;
use super::labels::RunLabels;
use super::owner;
use std::sync::Arc;

/// The packet filter of one run: a table of its own, which comes into being with the first chain. Clones are the same.
#[derive(Clone, Debug)]
pub struct PacketFilter {
    table: Arc<str>,
    /// Commands that make the table and label it, however often they are given.
    makes: Arc<str>,
}

impl PacketFilter {
    /// That of a run of this process.
    pub(super) fn of(labels: &RunLabels) -> Self {
        let table = labelled::table(labels.run(), owner::this_process());
        let makes = labelled::makes(&table, labels);
        Self { table: table.into(), makes: makes.into() }
    }

    /// The table's name: `nft delete table inet NAME` removes everything of the run.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Lets these rules work, in a chain named after a fault; whatever rules it had are gone.
    ///
    /// # Errors
    /// The packet filter refuses.
    pub async fn put(&self, fault: &str, rules: &[PacketRule]) -> Result<(), EnvironmentError> {
        let chain = format!("inet {} {}", self.table, chain(fault));
        let mut commands = format!("{}add chain {chain} {{ {}; }}; flush chain {chain}; ", self.makes, rule::HOOK);
        for rule in rules {
            commands += &format!("add rule {chain} {rule}; ");
        }
        nft::command(&commands).await
    }

    /// Removes a fault's chain with its rules; one that is not there is fine.
    ///
    /// # Errors
    /// The packet filter refuses.
    pub async fn take(&self, fault: &str) -> Result<(), EnvironmentError> {
        let chain = format!("inet {} {}", self.table, chain(fault));
        // What is not there cannot be deleted, so it is added before: all of it happens at once, or nothing.
        nft::command(&format!("{}add chain {chain}; flush chain {chain}; delete chain {chain}; ", self.makes)).await
    }

    /// The rules that work now in a fault's chain, with what each has counted; `None`: there is no such chain.
    ///
    /// # Errors
    /// The packet filter does not answer, or in words that nobody knows.
    pub async fn read(&self, fault: &str) -> Result<Option<Vec<Counted>>, EnvironmentError> {
        read::chain(&nft::list(&self.table).await?, &chain(fault))
    }
}

/// A chain must begin with a letter, and faults need not.
fn chain(fault: &str) -> String {
    format!("fault_{fault}")
}
