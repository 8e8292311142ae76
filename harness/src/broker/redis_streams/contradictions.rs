//! Settings of replicated Redis that cannot be had together.

use super::{durability, options};
use crate::broker::contradiction::Contradiction;
use crate::model::{Durability, OptionValue, SystemSpec};
use reports::plural::plural;

pub(super) fn find(system: &SystemSpec) -> Vec<Contradiction> {
    if system.external.is_some() {
        // How many replicas there are, only whoever started them knows; a pool is a client's.
        return pool(system);
    }
    let replicas = options::replicas(system);
    let mut found: Vec<Contradiction> = durability::contradiction(system).into_iter().collect();
    if options::sentinels(system) > 0 && replicas == 0 {
        let why = "Sentinels have nothing to promote where there is no replica";
        found.push(Contradiction::of_options(
            &[options::SENTINELS],
            why.to_owned(),
            "write replicas = 2, or leave `sentinels` out",
        ));
    }
    if system.durability == Durability::Replicated {
        found.extend(not_replicated(system));
    }
    let demands = [
        (options::MIN_REPLICAS, options::min_replicas(system), "the primary would refuse every message"),
        (options::WAIT, options::wait(system), "no message would ever count as acknowledged"),
    ];
    let is_replicated = system.durability != Durability::Replicated || replicas > 0;
    for (key, wanted, then) in demands.into_iter().filter(|(_, wanted, _)| *wanted > replicas && is_replicated) {
        let wants = plural(wanted.into(), "replica");
        let why = format!("`{key}` wants {wants} where there are {replicas}: {then}");
        let instead = format!("write replicas = {wanted} or more, or {key} = {replicas} or less");
        found.push(Contradiction::of_options(&[key], why, &instead));
    }
    found.extend(pool(system));
    if options::max_lag_seconds(system) == 0 {
        let why = format!("Redis counts `{}` in whole seconds", options::MAX_LAG);
        found.push(Contradiction::of_options(&[options::MAX_LAG], why, "write \"1s\" or more"));
    }
    found
}

/// A pool whose limits contradict each other, or limits without a pool.
fn pool(system: &SystemSpec) -> Vec<Contradiction> {
    let Some(total) = options::count(system, options::POOL_MAX_TOTAL) else {
        let of_pools = [options::POOL_MAX_IDLE, options::POOL_MIN_IDLE, options::POOL_MAX_WAIT];
        let given = |key: &&str| !matches!(system.options.get(key), None | Some(OptionValue::Unset));
        let refuse = |key| {
            let why = format!("`{key}` belongs to a pool, and there is none");
            Contradiction::of_options(
                &[key],
                why,
                &format!("write {} = 50 beside it, or leave it out", options::POOL_MAX_TOTAL),
            )
        };
        return of_pools.into_iter().filter(given).map(refuse).collect();
    };
    let most_idle = options::count(system, options::POOL_MAX_IDLE).unwrap_or(total);
    let least_idle = options::count(system, options::POOL_MIN_IDLE).unwrap_or(0);
    let order = [
        ((options::POOL_MAX_IDLE, most_idle), (options::POOL_MAX_TOTAL, total)),
        ((options::POOL_MIN_IDLE, least_idle), (options::POOL_MAX_IDLE, most_idle)),
    ];
    let wrong = order.into_iter().filter(|((_, less), (_, more))| less > more);
    let refuse = |((key, less), (other, more)): ((&'static str, usize), (&'static str, usize))| {
        let why = format!("`{key}` is {less}, and `{other}` {more}: the pool could never be so");
        Contradiction::of_options(&[key, other], why, &format!("write {key} = {more} or less"))
    };
    wrong.map(refuse).collect()
}

/// What is to outlive the loss of a node has to be on two of them when it is acknowledged.
fn not_replicated(system: &SystemSpec) -> Option<Contradiction> {
    let means = "`replicated` means that a message outlives the loss of a node, and";
    if options::replicas(system) == 0 {
        return Some(Contradiction::of_options(
            &["durability"],
            format!("{means} there is one node"),
            "write replicas = 1 or more",
        ));
    }
    let waits = options::wait(system) > 0;
    let why = format!("{means} without WAIT an acknowledgement is the primary's alone");
    (!waits).then(|| Contradiction::of_options(&[options::WAIT], why, "write wait = 1 or more, or leave it out"))
}

#[cfg(test)]
mod tests {
    use crate::broker::tests::errors;

    #[test]
    fn what_can_be_had_together_is_left_alone() {
        for table in [
            "",
            "replicas = 2",
            "replicas = 2, sentinels = 3",
            "pool-max-total = 50, pool-max-idle = 8, pool-min-idle = 2, pool-max-wait = \"2s\"",
            "replicas = 1, durability = \"replicated\"",
            "replicas = 2, min-replicas-to-write = 1, min-replicas-max-lag = \"1s\", wait = 2",
        ] {
            assert_eq!(errors(&format!("redis-streams = {{ {table} }}")), "", "{table}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_way_out() {
        for (table, words) in [
            ("sentinels = 3", "nothing to promote"),
            ("pool-max-wait = \"2s\"", "belongs to a pool"),
            ("pool-max-total = 4, pool-max-idle = 5", "the pool could never be so"),
            ("pool-max-total = 4, pool-max-idle = 2, pool-min-idle = 3", "write pool-min-idle = 2 or less"),
            ("durability = \"replicated\"", "there is one node"),
            ("replicas = 1, durability = \"replicated\", wait = 0", "without WAIT"),
            ("replicas = 1, wait = 2", "`wait` wants 2 replicas where there are 1"),
            ("min-replicas-to-write = 1", "`min-replicas-to-write` wants 1 replica where there are 0"),
            ("replicas = 1, min-replicas-max-lag = \"500ms\"", "whole seconds"),
            ("brokers = 2", "with one broker, not with 2"),
        ] {
            let said = errors(&format!("redis-streams = {{ {table} }}"));
            assert!(said.contains(words), "{table}: {said}");
        }
    }

    #[test]
    fn a_node_whose_disk_ends_with_it_is_not_started_again() {
        let with = |fault: &str| {
            let faults = format!("[[faults]]\nat = \"100ms\"\nfor = \"500ms\"\n{fault} = {{}}");
            errors(&format!("redis-streams = {{ disk = \"96MiB\" }}\n{faults}"))
        };
        for restarts in ["node = \"any\"\nkill", "node = \"any\"\nrestart", "leader-kill", "rolling-restart"] {
            let found = with(restarts);
            assert!(found.contains("whose disks end with them"), "{restarts}: {found}");
        }
        assert_eq!(with("node = \"any\"\npause"), "");
    }
}
