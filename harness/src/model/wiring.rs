//! What a scenario asks of a system's layout: which clients go which way, and which links lead through the proxy.

use super::link::Link;
use super::selection::Selection;

/// Which clients share a path, and which links are faulted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wiring {
    /// All clients, in groups of those that share their paths.
    pub groups: Vec<ClientGroup>,
    /// The links on which there is a fault.
    pub faulted: Vec<Link>,
}

impl Wiring {
    /// Whether there is a fault on a link.
    pub fn is_faulted(&self, link: Link) -> bool {
        self.faulted.contains(&link)
    }
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
}
