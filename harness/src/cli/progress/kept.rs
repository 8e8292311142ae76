//! What is told of brokers that are left running: where they are, what looks into them, and how they are removed.

use crate::trial::{Kept, KeptNode};
use reports::render::text::one_line;

/// The lines; a command stands on a line of its own, to be copied.
pub(super) fn lines(kept: &Kept) -> Vec<String> {
    let system = one_line(&kept.system);
    let ended = kept.ended.iter().map(|(node, how)| format!("  {}", one_line(&format!("{node} has ended: {how}"))));
    if kept.nodes.is_empty() && kept.ended.is_empty() {
        return vec![format!(
            "{system}: nothing of it is known to be left running; `harness clean` removes whatever is"
        )];
    }
    let head = if kept.nodes.is_empty() { "nothing of it runs any more" } else { "left running" };
    let mut lines = vec![format!("{system}: {head}")];
    for node in &kept.nodes {
        lines.push(format!("  {}", one_line(&where_it_is(node))));
        lines.push(format!("    {}", one_line(&node.command)));
    }
    lines.extend(ended);
    lines.push("  `harness clean` removes all of this, and so does the next run".to_owned());
    lines
}

fn where_it_is(node: &KeptNode) -> String {
    let through = match node.paths.as_slice() {
        [] => String::new(),
        [(_, address)] => format!(", through the proxy at {address}"),
        several => {
            let each: Vec<String> = several.iter().map(|(name, address)| format!("{address} ({name})")).collect();
            format!(", through the proxy at {}", each.join(", "))
        }
    };
    format!("{} at {}{through}, {}", node.name, node.address, node.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, paths: &[(&str, &str)]) -> KeptNode {
        KeptNode {
            name: name.to_owned(),
            address: "127.0.0.1:7000".to_owned(),
            paths: paths.iter().map(|(name, address)| ((*name).to_owned(), (*address).to_owned())).collect(),
            place: "container focused_curie".to_owned(),
            command: "docker exec -it focused_curie redis-cli -p 7000".to_owned(),
        }
    }

    fn told(nodes: &[KeptNode]) -> Vec<String> {
        lines(&Kept { system: "redis".to_owned(), nodes: nodes.to_vec(), ended: Vec::new() })
    }

    #[test]
    fn of_a_node_that_has_ended_is_told_how_and_no_command_is_offered() {
        let ended = vec![("redis-1".to_owned(), "exit code 137".to_owned())];
        let kept = Kept { system: "redis".to_owned(), nodes: vec![node("redis-0", &[])], ended };
        let told = lines(&kept);
        assert_eq!(told[3], "  redis-1 has ended: exit code 137", "{told:#?}");
        assert_eq!(told.iter().filter(|line| line.contains("docker exec")).count(), 1, "{told:#?}");
        let told = lines(&Kept { nodes: Vec::new(), ..kept });
        assert_eq!(told[..2], ["redis: nothing of it runs any more", "  redis-1 has ended: exit code 137"]);
    }

    #[test]
    fn of_each_node_is_told_where_it_is_and_what_looks_into_it() {
        let expected = [
            "redis: left running",
            "  redis-0 at 127.0.0.1:7000, through the proxy at 127.0.0.1:7001, container focused_curie",
            "    docker exec -it focused_curie redis-cli -p 7000",
            "  `harness clean` removes all of this, and so does the next run",
        ];
        assert_eq!(told(&[node("redis-0", &[("client-redis-0", "127.0.0.1:7001")])]), expected);
    }

    #[test]
    fn several_paths_to_a_node_are_told_apart_and_none_is_told_where_there_is_none() {
        let paths = [("client-redis-0", "127.0.0.1:7001"), ("client-redis-0-consumer-1", "127.0.0.1:7002")];
        let told = told(&[node("redis-0", &paths), node("redis-1", &[])]);
        assert!(
            told[1].contains("proxy at 127.0.0.1:7001 (client-redis-0), 127.0.0.1:7002 (client-redis-0-consumer-1),")
        );
        assert_eq!(told[3], "  redis-1 at 127.0.0.1:7000, container focused_curie");
    }

    #[test]
    fn where_nothing_was_started_that_is_said() {
        let told = told(&[]);
        assert!(told.len() == 1 && told[0].starts_with("redis: nothing of it is known to be left running"), "{told:?}");
    }
}
