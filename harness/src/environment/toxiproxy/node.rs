//! Toxiproxy as a node.

use crate::model::NodeRecipe;

/// How to run Toxiproxy with its HTTP interface on a port. `/toxiproxy` is where the official image has it; ours has it there too.
pub fn recipe(image: &str, port: u16) -> NodeRecipe {
    let command = ["/toxiproxy", "-host", "127.0.0.1", "-port", &port.to_string(), "-proxy-metrics"];
    NodeRecipe {
        name: "toxiproxy".to_owned(),
        image: image.to_owned(),
        command: command.map(str::to_owned).to_vec(),
        files: vec![],
        variables: vec![],
        ports: vec![port],
    }
}
