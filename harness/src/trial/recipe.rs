//! A system's recipe: launched, found where somebody else runs it, or in this process.

use crate::environment::{EnvironmentError, Ports};
use crate::model::{External, Link, ProxyRecipe, Recipe};
use crate::scenario::System;
use reports::facts::Path;

/// A system's nodes and paths. `None`: it lives in this process.
///
/// # Errors
/// There is no port for it.
pub fn recipe(system: &System, ports: &mut Ports) -> Result<Option<Recipe>, EnvironmentError> {
    match &system.spec.external {
        Some(external) => found(external, system, ports).map(Some),
        None => system.broker.launch(&system.spec, ports),
    }
}

fn found(external: &External, system: &System, ports: &Ports) -> Result<Recipe, EnvironmentError> {
    let proxies = match (system.spec.path, &external.listener) {
        (Path::Direct, _) => Vec::new(),
        (Path::Proxied, Some(listener)) => vec![path(system, listener.advertised, &listener.address)],
        (Path::Proxied, None) => vec![path(system, ports.pick()?, &external.address)],
    };
    let client_port = proxies.first().map(|proxy| format!("127.0.0.1:{}", proxy.listen));
    Ok(Recipe {
        nodes: Vec::new(),
        proxies,
        direct_address: external.address.clone(),
        client_address: client_port.unwrap_or_else(|| external.address.clone()),
    })
}

fn path(system: &System, listen: u16, upstream: &str) -> ProxyRecipe {
    let name = format!("client-{}", system.spec.name);
    ProxyRecipe { link: Link::Client, name, listen, upstream: upstream.to_owned() }
}
