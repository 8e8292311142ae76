//! How Redis is started, and what the scenario's wishes are in the server's words.

use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{Durability, Link, NodeRecipe, ProxyRecipe, Recipe, SystemSpec, Workload};
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

/// What each wish became at the server.
pub(super) fn fairness(system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
    let row = |topic: &str, setting: &str, value: String, note: Option<&str>| Setting {
        topic: topic.to_owned(),
        setting: setting.to_owned(),
        value,
        note: note.map(str::to_owned),
    };
    let appending = server_settings(system).into_iter().filter(|(name, _)| name.starts_with("append"));
    let mut rows: Vec<Setting> = appending.map(|(name, value)| row("durability", &name, value, None)).collect();
    rows.push(row("acknowledgement", "XADD", "answered by the one node".to_owned(), None));
    rows.push(row("partitions", "streams", workload.partitions.to_string(), Some("every consumer reads every stream")));
    rows
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
    fn the_fairness_table_shows_what_the_server_is_told() {
        let scenario = scenario("redis-streams = { durability = \"fsync\" }");
        let rows = fairness(&scenario.systems[0].spec, &scenario.workload);
        assert!(rows.iter().any(|row| row.setting == "appendfsync" && row.value == "always"), "{rows:?}");
    }
}
