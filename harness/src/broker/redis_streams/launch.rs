//! How Redis is started: a primary, its replicas, and Sentinels.

use super::layout::{RedisNode, RedisNodes};
use super::{directives, options};
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{NodeRecipe, SystemSpec, Topology, Wiring};
use std::fmt::Write as _;

pub(super) fn topology(system: &SystemSpec, wiring: &Wiring, ports: &mut Ports) -> Result<Topology, EnvironmentError> {
    let group = RedisNodes::of(system, wiring, ports)?;
    let servers = group.servers.iter().map(|member| server(system, &group, member));
    let sentinels = group.sentinels.iter().map(|member| sentinel(system, member));
    Ok(Topology {
        nodes: servers.chain(sentinels).collect(),
        clients: group.clients(wiring),
        admin: group.admin(),
        paths: group.paths,
    })
}

/// A single server is told everything on its command line. One of several has a file, which Sentinel has it rewrite.
fn server(system: &SystemSpec, group: &RedisNodes, member: &RedisNode) -> NodeRecipe {
    let mut told = vec![("port".to_owned(), member.port.to_string())];
    told.extend(directives::of_servers(system));
    if options::replicas(system) == 0 {
        let mut command = vec!["redis-server".to_owned()];
        command.extend(told.into_iter().flat_map(|(name, value)| [format!("--{name}"), value]));
        return recipe(system, member, command, Vec::new());
    }
    if options::sentinels(system) > 0 {
        told.push(("replica-announce-ip".to_owned(), "127.0.0.1".to_owned()));
        told.push(("replica-announce-port".to_owned(), member.announced.to_string()));
    }
    let is_replica = group.servers.first().is_some_and(|primary| primary.name != member.name);
    if let Some(primary) = group.primary_for(member).filter(|_| is_replica) {
        told.push(("replicaof".to_owned(), format!("{} {}", primary.ip(), primary.port())));
    }
    let mut text = String::new();
    for (name, value) in told {
        let value = if value.is_empty() { "\"\"" } else { &value };
        let _ = writeln!(text, "{name} {value}");
    }
    let command = ["redis-server", "{dir}/redis.conf"].map(str::to_owned).to_vec();
    recipe(system, member, command, vec![("redis.conf".to_owned(), text)])
}

/// A Sentinel is told of the primary when its replicas are there (`sentinel.rs`): one that is told before would look for them again
/// only after ten seconds.
fn sentinel(system: &SystemSpec, member: &RedisNode) -> NodeRecipe {
    let (port, announced) = (member.port, member.announced);
    let text = format!(
        "port {port}\nbind 127.0.0.1\nprotected-mode no\ndir {{dir}}\n\
         sentinel announce-ip 127.0.0.1\nsentinel announce-port {announced}\n"
    );
    let command = ["redis-server", "{dir}/sentinel.conf", "--sentinel"].map(str::to_owned).to_vec();
    recipe(system, member, command, vec![("sentinel.conf".to_owned(), text)])
}

/// Redis's own client, at a node of any kind.
pub(super) fn client(port: u16) -> Vec<String> {
    ["redis-cli", "-p", &port.to_string()].map(str::to_owned).to_vec()
}

fn recipe(system: &SystemSpec, member: &RedisNode, command: Vec<String>, files: Vec<(String, String)>) -> NodeRecipe {
    NodeRecipe {
        name: member.name.clone(),
        image: system.image.clone().unwrap_or_else(|| images::redis().to_owned()),
        command,
        files,
        variables: Vec::new(),
        ports: vec![member.port],
        limits: system.limits(),
        needs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;
    use crate::model::{Link, PathRecipe};
    use std::collections::BTreeSet;

    fn of(table: &str) -> Topology {
        let scenario = scenario(table);
        let system = &scenario.systems[0];
        topology(&system.spec, &system.wiring(&scenario), &mut Ports::default()).expect("ports")
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
        assert_eq!(topology.admin.contact, format!("127.0.0.1:{port}"));
        let listen = topology.paths[0].address();
        assert!(topology.clients.len() == 2 && topology.clients.values().all(|reached| reached.contact == listen));
        assert_ne!(topology.paths[0].listen.port(), port);
    }

    #[test]
    fn without_a_proxy_both_go_the_same_way() {
        let topology = of("path = \"direct\"\nredis-streams = {}");
        assert!(topology.paths.is_empty() && topology.clients.values().all(|reached| *reached == topology.admin));
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
        let rows = directives::fairness(&scenario.systems[0].spec, &scenario.workload);
        assert!(rows.iter().any(|row| row.setting == "appendfsync" && row.value == "always"), "{rows:?}");
    }

    fn with(table: &str, faulted: &[Link]) -> Topology {
        let scenario = scenario(&format!("redis-streams = {{ {table} }}"));
        let system = &scenario.systems[0];
        let wiring = Wiring { faulted: faulted.to_vec(), ..system.wiring(&scenario) };
        topology(&system.spec, &wiring, &mut Ports::default()).expect("ports")
    }

    fn file(topology: &Topology, node: &str) -> String {
        let node = topology.nodes.iter().find(|known| known.name == node).expect("a node");
        node.files[0].1.clone()
    }

    fn no_place_is_given_twice(topology: &Topology) {
        let mut places: Vec<String> = topology.paths.iter().map(PathRecipe::address).collect();
        places.extend(topology.nodes.iter().flat_map(|node| &node.ports).map(|port| format!("127.0.0.1:{port}")));
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{places:?}");
    }

    #[test]
    fn each_replica_finds_the_primary_over_a_path_of_its_own() {
        let redis = with("replicas = 2", &[Link::Peer]);
        let names: Vec<&str> = redis.paths.iter().map(|path| path.name.as_str()).collect();
        assert_eq!(names, ["peer-redis-0-redis-1", "peer-redis-0-redis-2", "client-redis-0"]);
        for (node, path) in [("redis-1", 0), ("redis-2", 1)] {
            let port = redis.paths[path].listen.port();
            assert!(file(&redis, node).contains(&format!("replicaof 127.0.0.1 {port}\n")), "{}", file(&redis, node));
        }
        assert!(!file(&redis, "redis-0").contains("replicaof"));
        assert_eq!(redis.clients["producer-0"].nodes.len(), 1, "nobody would tell a client of another primary");
        no_place_is_given_twice(&redis);
    }

    #[test]
    fn a_link_without_a_fault_has_no_proxy() {
        let redis = with("replicas = 1", &[]);
        assert_eq!(redis.paths.len(), 1);
        let primary = redis.nodes[0].ports[0];
        assert!(file(&redis, "redis-1").contains(&format!("replicaof 127.0.0.1 {primary}\n")));
    }

    #[test]
    fn with_sentinels_a_node_announces_its_one_path_and_clients_translate_it_to_their_own() {
        let redis = with("replicas = 2, sentinels = 3", &[Link::Peer]);
        let names: Vec<&str> = redis.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["redis-0", "redis-1", "redis-2", "sentinel-0", "sentinel-1", "sentinel-2"]);
        let path = |name: &str| redis.paths.iter().find(|path| path.name == name).expect("a path");
        let announced = path("peer-redis-1").listen.port();
        assert!(file(&redis, "redis-1").contains(&format!("replica-announce-port {announced}\n")));
        assert_eq!(path("peer-redis-1").from, ["redis-0", "redis-2", "sentinel-0", "sentinel-1", "sentinel-2"]);
        assert_eq!(path("peer-sentinel-1").from, ["sentinel-0", "sentinel-2"]);
        let announced = path("peer-sentinel-1").listen.port();
        assert!(file(&redis, "sentinel-1").contains(&format!("sentinel announce-port {announced}\n")));
        let client = &redis.clients["consumer-0"].nodes;
        assert_eq!(client.len(), 6);
        assert_eq!(client[1].announced, Some(path("peer-redis-1").address()));
        assert_eq!(client[1].address, path("client-redis-1").address());
        no_place_is_given_twice(&redis);
    }

    #[test]
    fn replicas_that_must_keep_up_are_told_to_the_server() {
        let redis = with("replicas = 2, min-replicas-to-write = 1, min-replicas-max-lag = \"3s\"", &[]);
        for line in ["min-replicas-to-write 1\n", "min-replicas-max-lag 3\n", "save \"\"\n"] {
            assert!(file(&redis, "redis-0").contains(line), "{}", file(&redis, "redis-0"));
        }
    }
}
