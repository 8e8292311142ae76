//! How a system is laid out, worked out before anything of it is started: nodes, paths through the proxy, and who connects where.

use super::link::Link;
use super::recipe::NodeRecipe;
use super::selection::Selection;
use std::collections::BTreeMap;

/// A system's layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    /// The nodes, in the order of their start.
    pub nodes: Vec<NodeRecipe>,
    /// The proxied paths; empty where the system is reached directly.
    pub paths: Vec<PathRecipe>,
    /// `host:port` that each client connects to, by the client's name.
    pub clients: BTreeMap<String, String>,
    /// `host:port` past the proxy, for administration.
    pub admin: String,
}

/// One path through the proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct PathRecipe {
    /// Which link it belongs to.
    pub link: Link,
    /// The clients that take it, by name.
    pub from: Vec<String>,
    /// The node that it leads to.
    pub to: String,
    /// Its name at the proxy: `client-redis-0`, `client-redis-0-consumer-1`.
    pub name: String,
    /// Where it listens, on 127.0.0.1.
    pub listen: u16,
    /// `host:port` where it leads to.
    pub upstream: String,
}

/// Clients that share a path, because every fault is done to all of them or to none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientGroup {
    /// What tells its paths from those of others; empty for those to which no fault is done apart.
    pub label: String,
    /// Their names, at least one.
    pub clients: Vec<String>,
}

impl ClientGroup {
    /// The fewest groups of these clients in which each selection holds a group wholly or not at all.
    pub fn of<'s>(
        clients: impl IntoIterator<Item = String>,
        apart: impl IntoIterator<Item = &'s Selection>,
    ) -> Vec<Self> {
        let apart: Vec<&Selection> = apart.into_iter().filter(|selection| **selection != Selection::All).collect();
        let mut groups: Vec<(Vec<bool>, Self)> = Vec::new();
        for client in clients {
            let membership: Vec<bool> = apart.iter().map(|selection| selection.contains(&client)).collect();
            match groups.iter_mut().find(|(known, _)| *known == membership) {
                Some((_, group)) => group.clients.push(client),
                None => {
                    let is_rest = !membership.contains(&true);
                    let label = if is_rest { String::new() } else { client.clone() };
                    groups.push((membership, Self { label, clients: vec![client] }));
                }
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

impl PathRecipe {
    /// The path of a group of clients to a node.
    pub fn of_clients(group: &ClientGroup, node: &str, listen: u16, upstream: String) -> Self {
        let name = match group.label.as_str() {
            "" => format!("client-{node}"),
            label => format!("client-{node}-{label}"),
        };
        Self { link: Link::Client, from: group.clients.clone(), to: node.to_owned(), name, listen, upstream }
    }
}

/// Where each client connects: at its path, or past the proxy where it has none.
pub fn endpoints(groups: &[ClientGroup], paths: &[PathRecipe], direct: &str) -> BTreeMap<String, String> {
    let place = |client: &String| {
        let path = paths.iter().find(|path| path.link == Link::Client && path.from.contains(client));
        path.map_or_else(|| direct.to_owned(), |path| format!("127.0.0.1:{}", path.listen))
    };
    groups.iter().flat_map(|group| &group.clients).map(|client| (client.clone(), place(client))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    fn groups(apart: &[&[&str]]) -> Vec<(String, Vec<String>)> {
        let clients = names(&["producer-0", "consumer-0", "consumer-1", "consumer-2"]);
        let apart: Vec<Selection> = apart.iter().map(|selection| Selection::of(names(selection))).collect();
        ClientGroup::of(clients, &apart).into_iter().map(|group| (group.label, group.clients)).collect()
    }

    #[test]
    fn where_faults_are_done_to_all_clients_they_share_one_path() {
        let [(label, clients)] = &groups(&[&[]])[..] else { panic!("more than one") };
        assert_eq!((label.as_str(), clients.len()), ("", 4));
    }

    #[test]
    fn a_client_that_a_fault_is_aimed_at_is_apart_from_the_rest() {
        let rest = names(&["producer-0", "consumer-0", "consumer-2"]);
        let alone = ("consumer-1".to_owned(), names(&["consumer-1"]));
        assert_eq!(groups(&[&["consumer-1"], &[]]), [(String::new(), rest), alone]);
    }

    #[test]
    fn no_group_lies_partly_in_a_selection() {
        let selections: [&[&str]; 2] = [&["consumer-0", "consumer-1"], &["consumer-1", "consumer-2", "producer-0"]];
        let all = groups(&selections);
        assert_eq!(all.iter().map(|(_, clients)| clients.len()).sum::<usize>(), 4);
        for selection in selections {
            for (label, clients) in &all {
                let inside = clients.iter().filter(|client| selection.contains(&client.as_str())).count();
                assert!(inside == 0 || inside == clients.len(), "{label}: {clients:?} and {selection:?}");
            }
        }
    }

    #[test]
    fn clients_connect_at_their_path_and_past_the_proxy_where_they_have_none() {
        let groups = ClientGroup::of(names(&["producer-0", "consumer-0"]), [&Selection::Only(names(&["consumer-0"]))]);
        let paths: Vec<PathRecipe> = (1_u16..)
            .zip(&groups)
            .map(|(port, group)| PathRecipe::of_clients(group, "redis-0", port, "127.0.0.1:9".to_owned()))
            .collect();
        assert_eq!(paths[1].name, "client-redis-0-consumer-0");
        let at = endpoints(&groups, &paths, "127.0.0.1:9");
        assert_eq!((at["producer-0"].as_str(), at["consumer-0"].as_str()), ("127.0.0.1:1", "127.0.0.1:2"));
        assert_eq!(endpoints(&groups, &[], "127.0.0.1:9")["consumer-0"], "127.0.0.1:9");
    }
}
