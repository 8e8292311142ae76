//! The directives of redis.conf: what each wish of the scenario became in them.

use super::{durability, options, sentinel};
use crate::broker::refusal::Refusal;
use crate::model::{SystemSpec, Workload};
use reports::facts::Setting;

/// A server's directives beside its port; raw `server.NAME` settings of the scenario come last and win.
pub(super) fn of_servers(system: &SystemSpec) -> Vec<(String, String)> {
    let data = if system.limits().disk.is_some() { "{dir}/data" } else { "{dir}" };
    let fixed = [("bind", "127.0.0.1"), ("protected-mode", "no"), ("dir", data), ("save", "")];
    let all = fixed.into_iter().chain(durability::directives(system.durability));
    let mut settings: Vec<(String, String)> = all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    settings.extend(replication(system).into_iter().map(|(name, value, _)| (name, value)));
    settings.extend(
        system
            .settings
            .iter()
            .filter_map(|(name, value)| name.strip_prefix("server.").map(|name| (name.to_owned(), value.clone()))),
    );
    settings
}

/// What a server with replicas is told, and what that means.
fn replication(system: &SystemSpec) -> Vec<(String, String, &'static str)> {
    if options::replicas(system) == 0 {
        return Vec::new();
    }
    let at_once = "a replica that comes is sent the data at once, without waiting for others to come";
    let mut told = vec![("repl-diskless-sync-delay", "0".to_owned(), at_once)];
    let refuses = "while fewer replicas keep up, the primary refuses to write (NOREPLICAS)";
    if options::min_replicas(system) > 0 {
        told.push((options::MIN_REPLICAS, options::min_replicas(system).to_string(), refuses));
        told.push((options::MAX_LAG, options::max_lag_seconds(system).to_string(), refuses));
    }
    told.into_iter().map(|(name, value, note)| (name.to_owned(), value, note)).collect()
}

/// What the harness must set itself: where the node listens and keeps its data, and that it stays in sight.
const OURS: [&str; 13] = [
    "port",
    "bind",
    "unixsocket",
    "tls-port",
    "protected-mode",
    "daemonize",
    "dir",
    "requirepass",
    "cluster-enabled",
    "replicaof",
    "slaveof",
    "replica-announce-ip",
    "replica-announce-port",
];

/// Why a directive of redis.conf is not taken: clients would not find the node, or not be let in.
pub(super) fn refusal(name: &str) -> Option<Refusal> {
    let bare = name.strip_prefix("server.")?;
    OURS.contains(&bare).then(|| Refusal {
        why: format!("the harness sets `{bare}` itself, or needs it unset: otherwise clients could not connect"),
        instead: "leave it out".to_owned(),
    })
}

/// What each wish became at the server.
pub(super) fn fairness(system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
    let row = Setting::new;
    let appending = of_servers(system).into_iter().filter(|(name, _)| name.starts_with("append"));
    let mut rows: Vec<Setting> = appending.map(|(name, value)| row("durability", &name, value, None)).collect();
    let acknowledged = match options::wait(system) {
        0 => "answered by the primary".to_owned(),
        replicas => format!("answered by the primary, and WAIT by {replicas} of its replicas"),
    };
    rows.push(row("acknowledgement", "XADD", acknowledged, None));
    rows.extend(
        replication(system).into_iter().map(|(name, value, note)| row("replication", &name, value, Some(note))),
    );
    for (name, value) in sentinel::directives(system) {
        rows.push(row("failover", &format!("sentinel {name}"), value, None));
    }
    rows.push(row("partitions", "streams", workload.partitions.to_string(), Some("every consumer reads every stream")));
    rows
}
