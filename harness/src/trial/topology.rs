//! A system's layout: launched by us, found where somebody else runs it, or in this process.

use crate::environment::{EnvironmentError, Ports};
use crate::model::{ClientGroup, Endpoints, External, PathRecipe, Topology, path_of, reached_by};
use crate::scenario::{Scenario, System};
use reports::facts::Path;

/// A system's nodes, its paths, and where its clients connect. `None`: it lives in this process.
///
/// # Errors
/// There is no port for it.
pub fn topology(system: &System, scenario: &Scenario, ports: &mut Ports) -> Result<Option<Topology>, EnvironmentError> {
    let wiring = system.wiring(scenario);
    match &system.spec.external {
        Some(external) => found(external, system, &wiring.groups, ports).map(Some),
        None => system.broker.topology(&system.spec, &wiring, ports),
    }
}

/// A broker that advertises a proxy's address has one path for all clients; another has as many as there are groups.
fn found(
    external: &External,
    system: &System,
    groups: &[ClientGroup],
    ports: &Ports,
) -> Result<Topology, EnvironmentError> {
    let mut paths = Vec::new();
    match (system.spec.path, &external.listener) {
        (Path::Direct, _) => {}
        (Path::Proxied, Some(listener)) => {
            let clients = groups.iter().flat_map(|group| group.clients.clone()).collect();
            let all = ClientGroup { label: String::new(), clients };
            paths.push(PathRecipe::of_clients(&all, &system.spec.name, listener.advertised, listener.address.clone()));
        }
        (Path::Proxied, None) => {
            for group in groups {
                let (listen, upstream) = (ports.pick()?, external.address.clone());
                paths.push(PathRecipe::of_clients(group, &system.spec.name, listen, upstream));
            }
        }
    }
    let clients = reached_by(groups, |client| {
        let path = path_of(&paths, client, &system.spec.name);
        path.map_or_else(|| Endpoints::at(&external.address), |path| Endpoints::at(&path.address()))
    });
    Ok(Topology { nodes: Vec::new(), paths, clients, admin: Endpoints::at(&external.address) })
}
