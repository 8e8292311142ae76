//! Settings of a cluster that cannot be had together.

use super::{durability, options};
use crate::broker::contradiction::Contradiction;
use crate::model::{Durability, MEMORY, SystemSpec, size};

pub(super) fn find(system: &SystemSpec) -> Vec<Contradiction> {
    if system.external.is_some() {
        // How many brokers there are, only whoever started them knows.
        return Vec::new();
    }
    let found = [
        two_brokers(system),
        too_many_copies(system),
        too_many_in_sync(system),
        not_replicated(system),
        durability::contradiction(system),
        heap_above_memory(system),
    ];
    found.into_iter().flatten().collect()
}

fn two_brokers(system: &SystemSpec) -> Option<Contradiction> {
    (system.brokers == 2).then(|| {
        Contradiction::of_options(
            &["brokers"],
            "two brokers are two controllers, and when one of them is gone the other has no majority".to_owned(),
            "write brokers = 1, or 3 and more",
        )
    })
}

fn too_many_copies(system: &SystemSpec) -> Option<Contradiction> {
    let (copies, brokers) = (options::replication_factor(system), i64::from(system.brokers));
    (copies > brokers).then(|| {
        Contradiction::of_options(
            &[options::REPLICATION_FACTOR],
            format!("a partition cannot be kept by {copies} brokers where there are {brokers}"),
            &format!("write brokers = 3 or more, or {} = {brokers} or less", options::REPLICATION_FACTOR),
        )
    })
}

fn too_many_in_sync(system: &SystemSpec) -> Option<Contradiction> {
    let (in_sync, copies) = (options::min_insync_replicas(system), options::replication_factor(system));
    let is_given = system.durability != Durability::Replicated || copies > 1;
    (in_sync > copies && is_given).then(|| {
        Contradiction::of_options(
            &[options::MIN_INSYNC, options::REPLICATION_FACTOR],
            format!("{in_sync} replicas can never be in sync where there are {copies}: every message would be refused"),
            &format!("write {} = {copies} or less", options::MIN_INSYNC),
        )
    })
}

/// What is to outlive the loss of a node has to be on two of them when it is acknowledged.
fn not_replicated(system: &SystemSpec) -> Option<Contradiction> {
    if system.durability != Durability::Replicated || system.brokers == 2 {
        return None;
    }
    let copies = options::replication_factor(system);
    let acknowledged_by = options::choice(system, "acks").filter(|acks| *acks != "all");
    let (key, what, instead) = if copies < 2 {
        (
            if system.brokers < 2 { "durability" } else { options::REPLICATION_FACTOR },
            "there is one copy".to_owned(),
            "write brokers = 3",
        )
    } else if options::min_insync_replicas(system) < 2 {
        (options::MIN_INSYNC, "one replica in sync is enough".to_owned(), "write 2 or more, or leave it out")
    } else {
        let acks = acknowledged_by?;
        ("acks", format!("acks = {acks} does not wait for the replicas"), "leave it out, or write acks = \"all\"")
    };
    let why = format!("`replicated` means that a message outlives the loss of a node, and {what}");
    Some(Contradiction::of_options(&[key, "durability"], why, instead))
}

/// The heap is touched as it fills, and a node that wants more than it may have is killed.
fn heap_above_memory(system: &SystemSpec) -> Option<Contradiction> {
    const MIB: u64 = 1 << 20;
    let (heap, memory) = (u64::try_from(options::heap(system)).unwrap_or(0), system.limits().memory?);
    (heap.saturating_mul(MIB) >= memory).then(|| {
        Contradiction::of_options(
            &[MEMORY.name, "heap"],
            format!("a heap of {heap} MiB does not fit into a memory of {}", size::show(memory)),
            "write a smaller heap, in MiB, or a larger memory: besides its heap a broker needs some 300 MiB and room for the page cache",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::broker::tests::errors;

    #[test]
    fn what_can_be_had_together_is_left_alone() {
        for table in [
            "",
            "brokers = 3",
            "cpus = 1, memory = \"800MiB\", heap = 400",
            "brokers = 3, durability = \"replicated\"",
            "brokers = 3, replication-factor = 2, min-insync-replicas = 2, acks = \"1\", idempotent = false",
            "brokers = 5, replication-factor = 5, min-insync-replicas = 3",
        ] {
            assert_eq!(errors(&format!("kafka = {{ {table} }}")), "", "{table}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_way_out() {
        for (table, words) in [
            ("brokers = 2", "no majority"),
            ("brokers = 10", "at most 9 brokers, not with 10"),
            ("memory = \"512MiB\"", "a heap of 1024 MiB does not fit into a memory of 512MiB"),
            ("replication-factor = 3", "cannot be kept by 3 brokers where there are 1"),
            ("brokers = 3, replication-factor = 2, min-insync-replicas = 3", "3 replicas can never be in sync"),
            ("durability = \"replicated\"", "there is one copy"),
            ("brokers = 3, durability = \"replicated\", min-insync-replicas = 1", "one replica in sync is enough"),
            (
                "brokers = 3, durability = \"replicated\", acks = \"1\", idempotent = false",
                "does not wait for the replicas",
            ),
        ] {
            let said = errors(&format!("kafka = {{ {table} }}"));
            assert!(said.contains(words), "{table}: {said}");
        }
    }
}
