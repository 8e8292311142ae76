//! How Redis is started, and what the scenario's wishes are in the server's words.

use super::durability;
use crate::broker::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{ClientGroup, NodeRecipe, PathRecipe, SystemSpec, Topology, Workload, endpoints};
use reports::facts::{Path, Setting};

pub(super) const NODE: &str = "redis-0";

pub(super) fn topology(
    system: &SystemSpec,
    groups: &[ClientGroup],
    ports: &mut Ports,
) -> Result<Topology, EnvironmentError> {
    let port = ports.pick()?;
    let direct = format!("127.0.0.1:{port}");
    let mut command: Vec<String> = ["redis-server", "--port"].map(str::to_owned).to_vec();
    command.push(port.to_string());
    for (name, value) in server_settings(system) {
        command.push(format!("--{name}"));
        command.push(value);
    }
    let mut paths = Vec::new();
    if system.path == Path::Proxied {
        for group in groups {
            paths.push(PathRecipe::of_clients(group, NODE, ports.pick()?, direct.clone()));
        }
    }
    Ok(Topology {
        nodes: vec![NodeRecipe {
            name: NODE.to_owned(),
            image: system.image.clone().unwrap_or_else(|| images::redis().to_owned()),
            command,
            files: Vec::new(),
            variables: Vec::new(),
            ports: vec![port],
            needs: Vec::new(),
        }],
        clients: endpoints(groups, &paths, &direct),
        paths,
        admin: direct,
    })
}

/// The server's settings beside its port; raw `server.NAME` settings of the scenario come last and win.
fn server_settings(system: &SystemSpec) -> Vec<(String, String)> {
    let fixed = [("bind", "127.0.0.1"), ("protected-mode", "no"), ("dir", "{dir}"), ("save", "")];
    let all = fixed.into_iter().chain(durability::directives(system.durability));
    let mut settings: Vec<(String, String)> = all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    settings.extend(
        system
            .settings
            .iter()
            .filter_map(|(name, value)| name.strip_prefix("server.").map(|name| (name.to_owned(), value.clone()))),
    );
    settings
}

/// What the harness must set itself: where the node listens and keeps its data, and that it stays in sight.
const OURS: [&str; 9] =
    ["port", "bind", "unixsocket", "tls-port", "protected-mode", "daemonize", "dir", "requirepass", "cluster-enabled"];

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
    let appending = server_settings(system).into_iter().filter(|(name, _)| name.starts_with("append"));
    let mut rows: Vec<Setting> =
        appending.map(|(name, value)| Setting::new("durability", &name, value, None)).collect();
    rows.push(Setting::new("acknowledgement", "XADD", "answered by the one node".to_owned(), None));
    rows.push(Setting::new(
        "partitions",
        "streams",
        workload.partitions.to_string(),
        Some("every consumer reads every stream"),
    ));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn of(table: &str) -> Topology {
        let scenario = scenario(table);
        topology(&scenario.systems[0].spec, &scenario.systems[0].groups(&scenario), &mut Ports::default())
            .expect("ports")
    }

    /// What the server is told about a setting, the last word first.
    fn told<'a>(recipe: &'a Topology, name: &str) -> Vec<&'a str> {
        let command = &recipe.nodes[0].command;
        let mut values: Vec<_> =
            command.windows(2).filter(|pair| pair[0] == format!("--{name}")).map(|pair| pair[1].as_str()).collect();
        values.reverse();
        values
    }

    #[test]
    fn clients_go_through_the_proxy_and_the_administrator_past_it() {
        let topology = of("redis-streams = {}");
        let port = topology.nodes[0].ports[0];
        assert_eq!((topology.nodes.len(), topology.paths.len()), (1, 1));
        assert_eq!(topology.paths[0].upstream, format!("127.0.0.1:{port}"));
        assert_eq!(topology.admin, format!("127.0.0.1:{port}"));
        let listen = format!("127.0.0.1:{}", topology.paths[0].listen);
        assert!(topology.clients.len() == 2 && topology.clients.values().all(|address| *address == listen));
        assert_ne!(topology.paths[0].listen, port);
    }

    #[test]
    fn without_a_proxy_both_go_the_same_way() {
        let topology = of("path = \"direct\"\nredis-streams = {}");
        assert!(topology.paths.is_empty() && topology.clients.values().all(|address| *address == topology.admin));
    }

    #[test]
    fn a_durability_is_a_way_to_append_and_to_flush() {
        for (durability, expected) in
            [("memory", ["no", "no"]), ("os-cache", ["yes", "everysec"]), ("fsync", ["yes", "always"])]
        {
            let recipe = of(&format!("redis-streams = {{ durability = \"{durability}\" }}"));
            let all = ["appendonly", "appendfsync"].map(|name| told(&recipe, name)[0]);
            assert_eq!(all, expected, "{durability}");
        }
    }

    #[test]
    fn the_scenarios_own_word_comes_last_and_the_image_is_its_own() {
        let raw = r#"redis-streams = { image = "redis:8", settings = { "server.appendfsync" = "no" } }"#;
        let recipe = of(raw);
        assert_eq!(told(&recipe, "appendfsync")[0], "no");
        assert_eq!(recipe.nodes[0].image, "redis:8");
    }

    #[test]
    fn the_fairness_table_shows_what_the_server_is_told() {
        let scenario = scenario("redis-streams = { durability = \"fsync\" }");
        let rows = fairness(&scenario.systems[0].spec, &scenario.workload);
        assert!(rows.iter().any(|row| row.setting == "appendfsync" && row.value == "always"), "{rows:?}");
    }
}
