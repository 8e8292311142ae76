//! What a trial leaves running, and how somebody gets at it.

use super::event::{Kept, KeptNode};
use super::stage::Place;
use crate::environment::Node;
use crate::model::Link;
use crate::scenario::System;

/// What a system leaves. `place`: what was started for it; `None`: it did not start.
pub(super) async fn kept(system: &System, place: Option<&Place>) -> Kept {
    let (mut nodes, mut ended) = (Vec::new(), Vec::new());
    for node in place.iter().filter_map(|place| place.nodes.as_ref()).flat_map(|nodes| nodes.all()) {
        // Of one that its host tells nothing of, what is known is told.
        if let Ok(Some(ending)) = node.ending().await {
            ended.push((node.name().to_owned(), ending.to_string()));
            continue;
        }
        let access = node.access(system.broker.client_command(node.port())).await;
        let paths = place.iter().flat_map(|place| &place.paths).map(|path| path.recipe());
        let paths = paths.filter(|path| path.link == Link::Client && path.to == node.name());
        nodes.push(KeptNode {
            paths: paths.map(|path| (path.name.clone(), path.address())).collect(),
            command: access.command,
            ..found(node, access.place)
        });
    }
    if let Some((node, _)) = place.and_then(|place| place.proxy.as_ref()) {
        let place = node.access(Vec::new()).await.place;
        let command = format!("curl http://{}/proxies", node.address());
        nodes.push(KeptNode { command, ..found(node, place) });
    }
    Kept { system: system.spec.name.clone(), nodes, ended }
}

fn found(node: &Node, place: String) -> KeptNode {
    let (name, address) = (node.name().to_owned(), node.address());
    KeptNode { name, address, paths: Vec::new(), place, command: String::new() }
}
