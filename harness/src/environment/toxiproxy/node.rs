//! Toxiproxy as a node.

use crate::model::NodeRecipe;

/// The server's name, in our image and in its releases.
const PROGRAM: &str = "toxiproxy-server";

/// How to run Toxiproxy with its HTTP interface on a port.
pub fn recipe(image: &str, port: u16) -> NodeRecipe {
    let command = [PROGRAM, "-host", "127.0.0.1", "-port", &port.to_string(), "-proxy-metrics"];
    NodeRecipe {
        name: "toxiproxy".to_owned(),
        image: image.to_owned(),
        command: command.map(str::to_owned).to_vec(),
        files: vec![],
        variables: vec![],
        ports: vec![port],
        limits: crate::model::NodeLimits::default(),
        needs: vec![],
    }
}
