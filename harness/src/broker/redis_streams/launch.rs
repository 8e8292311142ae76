//! How Redis is started, and what the scenario's wishes are in its words.

use super::RedisStreams;
use crate::broker::Broker;
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{
    AckMode, ClientPolicy, Durability, Link, NodeRecipe, ProxyRecipe, Recipe, Role, SystemSpec, Workload,
};
use reports::facts::{Path, Setting};

pub(super) fn recipe(system: &SystemSpec, ports: &mut Ports) -> Result<Recipe, EnvironmentError> {
    let port = ports.pick()?;
    let mut command: Vec<String> = ["redis-server", "--port"].map(str::to_owned).to_vec();
    command.push(port.to_string());
    for (name, value) in server_settings(system) {
        command.push(format!("--{name}"));
        command.push(value);
    }
    let proxies = match system.path {
        Path::Direct => Vec::new(),
        Path::Proxied => {
            vec![ProxyRecipe {
                link: Link::Client,
                name: "client-redis-0".to_owned(),
                listen: ports.pick()?,
                upstream: format!("127.0.0.1:{port}"),
            }]
        }
    };
    let client_port = proxies.first().map_or(port, |proxy| proxy.listen);
    Ok(Recipe {
        nodes: vec![NodeRecipe {
            name: "redis-0".to_owned(),
            image: system.image.clone().unwrap_or_else(|| images::redis().to_owned()),
            command,
            files: Vec::new(),
            variables: Vec::new(),
            ports: vec![port],
            needs: Vec::new(),
        }],
        proxies,
        direct_address: format!("127.0.0.1:{port}"),
        client_address: format!("127.0.0.1:{client_port}"),
    })
}

/// The server's settings beside its port; raw `server.NAME` settings of the scenario come last and win.
fn server_settings(system: &SystemSpec) -> Vec<(String, String)> {
    let (append_only, fsync) = match system.durability {
        Durability::Memory => ("no", "no"),
        Durability::OsCache => ("yes", "everysec"),
        Durability::Fsync | Durability::Replicated => ("yes", "always"),
    };
    let fixed = [
        ("bind", "127.0.0.1"),
        ("protected-mode", "no"),
        ("dir", "{dir}"),
        ("save", ""),
        ("appendonly", append_only),
        ("appendfsync", fsync),
    ];
    let mut settings: Vec<(String, String)> = fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    settings.extend(
        system
            .settings
            .iter()
            .filter_map(|(name, value)| name.strip_prefix("server.").map(|name| (name.to_owned(), value.clone()))),
    );
    settings
}

pub(super) fn fairness(
    broker: &RedisStreams,
    system: &SystemSpec,
    client: &ClientPolicy,
    workload: &Workload,
) -> Vec<Setting> {
    let mut rows = Vec::new();
    let mut row = |topic: &str, setting: &str, value: String, note: Option<&str>| {
        rows.push(Setting {
            topic: topic.to_owned(),
            setting: setting.to_owned(),
            value,
            note: note.map(str::to_owned),
        });
    };
    for (name, value) in server_settings(system).into_iter().filter(|(name, _)| name.starts_with("append")) {
        row("durability", &name, value, None);
    }
    row("acknowledgement", "XADD", "answered by the one node".to_owned(), None);
    row("partitions", "streams", workload.partitions.to_string(), Some("every consumer reads every stream"));
    row("in-flight", "pipelined XADDs", format!("{} per producer", workload.in_flight), None);
    row(
        "retries",
        "of one send",
        "none".to_owned(),
        Some("a send without an answer is indeterminate and is not repeated"),
    );
    row("connect-timeout", "connect and PING", words(client.connect_timeout), None);
    row(
        "request-timeout",
        "response timeout",
        words(client.request_timeout),
        Some("an overdue answer gives the connection up"),
    );
    let (first, max) = (words(client.backoff.first), words(client.backoff.max));
    let (factor, jitter) = (client.backoff.factor, client.backoff.jitter * 100.0);
    row(
        "backoff",
        "waits",
        format!("{first} × {factor} up to {max}, ± {jitter} %"),
        Some("the first attempt comes after the first wait"),
    );
    let beat = &client.heartbeat;
    row(
        "heartbeat",
        "PING",
        format!("every {}, {} × {}", words(beat.every), beat.misses, words(beat.timeout)),
        Some("producers; a consumer's blocking read answers at least every 200 ms"),
    );
    row(
        "service time",
        "begins",
        "when written to a connection".to_owned(),
        Some("waits for a connection are part of the response time alone"),
    );
    let settling = match workload.ack {
        AckMode::AfterProcessing => "XACK after processing, by batch",
        AckMode::BeforeProcessing => "XACK on receipt",
        AckMode::Never => "none",
    };
    row("ack", "settling", settling.to_owned(), None);
    for (name, value) in broker.client_settings(system, client, Role::Producer) {
        row("producer", &name, value, None);
    }
    for (name, value) in broker.client_settings(system, client, Role::Consumer) {
        row("consumer", &name, value, None);
    }
    for (name, value) in &system.settings {
        row("raw settings", name, value.clone(), Some("as the scenario gives it"));
    }
    rows
}

fn words(duration: std::time::Duration) -> String {
    reports::units::Nanos::from(duration).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn of(table: &str) -> Recipe {
        let scenario = scenario(table);
        recipe(&scenario.systems[0].spec, &mut Ports::default()).expect("ports")
    }

    /// What the server is told about a setting, the last word first.
    fn told<'a>(recipe: &'a Recipe, name: &str) -> Vec<&'a str> {
        let command = &recipe.nodes[0].command;
        let mut values: Vec<_> =
            command.windows(2).filter(|pair| pair[0] == format!("--{name}")).map(|pair| pair[1].as_str()).collect();
        values.reverse();
        values
    }

    #[test]
    fn clients_go_through_the_proxy_and_the_administrator_past_it() {
        let recipe = of("redis-streams = {}");
        let port = recipe.nodes[0].ports[0];
        assert_eq!((recipe.nodes.len(), recipe.proxies.len()), (1, 1));
        assert_eq!(recipe.proxies[0].upstream, format!("127.0.0.1:{port}"));
        assert_eq!(recipe.direct_address, format!("127.0.0.1:{port}"));
        assert_eq!(recipe.client_address, format!("127.0.0.1:{}", recipe.proxies[0].listen));
        assert_ne!(recipe.proxies[0].listen, port);
    }

    #[test]
    fn without_a_proxy_both_go_the_same_way() {
        let recipe = of("path = \"direct\"\nredis-streams = {}");
        assert!(recipe.proxies.is_empty());
        assert_eq!(recipe.direct_address, recipe.client_address);
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
    fn the_fairness_table_shows_what_the_server_and_the_clients_are_told() {
        let scenario = scenario("redis-streams = { durability = \"fsync\", claim-idle = \"7s\" }");
        let rows = fairness(&RedisStreams, &scenario.systems[0].spec, &scenario.client, &scenario.workload);
        let shown = |setting: &str| rows.iter().find(|row| row.setting == setting).map(|row| row.value.as_str());
        assert_eq!((shown("appendfsync"), shown("claim-idle-ms")), (Some("always"), Some("7000")));
        assert_eq!(shown("response timeout"), Some("300 ms"));
        for role in [Role::Producer, Role::Consumer] {
            for (name, value) in RedisStreams.client_settings(&scenario.systems[0].spec, &scenario.client, role) {
                assert_eq!(shown(&name), Some(value.as_str()));
            }
        }
    }

    /// What is pending counts as left behind when its consumer counts as dead.
    #[test]
    fn entries_are_taken_over_after_the_missed_heartbeats_unless_said_otherwise() {
        let scenario = scenario("redis-streams = {}");
        let settings = RedisStreams.client_settings(&scenario.systems[0].spec, &scenario.client, Role::Consumer);
        assert_eq!(settings["claim-idle-ms"], "6000");
        assert!(super::super::settings::ConsumerSettings::from_settings(&settings).is_ok());
    }
}
