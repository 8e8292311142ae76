//! On which cores nodes and workers really run, as the kernel tells it.

use super::crew::Crew;
use super::order::Order;
use super::stage::Place;
use crate::environment::cores_of;
use crate::model::Cores;
use reports::facts::Setting;

/// The rows of the fairness table that say on which cores the processes of a trial may run; none of those for which the scenario
/// leaves that open, and of those that cannot be looked at.
pub(super) fn in_force(order: &Order<'_>, place: &Place, crew: &Crew) -> Vec<Setting> {
    let nodes = place.nodes.iter().flat_map(|nodes| nodes.all());
    let nodes = nodes.map(|node| (node.name().to_owned(), node.pid().and_then(cores_of)));
    let clients = crew.processes().into_iter().map(|(name, pid)| (name, cores_of(pid)));
    let of_nodes = order.system.spec.limits().cores.map(|_| words(nodes));
    let of_clients = order.scenario.client.cores.map(|_| words(clients));
    if of_nodes == Some(None) || of_clients == Some(None) {
        tracing::warn!("on which cores the processes of {} run was not read back", order.system.spec.name);
    }
    Setting::of_cores(of_nodes.flatten(), of_clients.flatten())
}

/// The cores of all of them, once where they are the same. `None`: there is nobody, or somebody of whom they are not known.
fn words(each: impl Iterator<Item = (String, Option<Cores>)>) -> Option<String> {
    let each: Vec<(String, Cores)> = each.map(|(name, cores)| Some((name, cores?))).collect::<Option<_>>()?;
    let (_, first) = each.first()?;
    if each.iter().all(|(_, cores)| cores == first) {
        return Some(first.to_string());
    }
    Some(each.iter().map(|(name, cores)| format!("{name} {cores}")).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(each: &[(&str, Option<&str>)]) -> Option<String> {
        words(each.iter().map(|(name, list)| ((*name).to_owned(), list.and_then(Cores::parse))))
    }

    #[test]
    fn what_is_the_same_for_all_is_said_once_and_what_differs_with_names() {
        assert_eq!(said(&[("redis-0", Some("0-1")), ("redis-1", Some("0-1"))]).as_deref(), Some("0-1"));
        let differing = said(&[("redis-0", Some("0")), ("redis-1", Some("0-1"))]);
        assert_eq!(differing.as_deref(), Some("redis-0 0; redis-1 0-1"));
    }

    #[test]
    fn nothing_is_said_where_one_is_not_known() {
        assert_eq!(said(&[("redis-0", Some("0")), ("redis-1", None)]), None);
        assert_eq!(said(&[]), None);
    }
}
