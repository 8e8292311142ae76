//! How a node is launched: the same words for a container of ours, an official image and a local process.

use super::cores::Cores;
use super::option::{CPUS, DISK, MEMORY};

/// One node: the same command and files serve a container of ours, an official image and a local process.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRecipe {
    /// `redis-0`.
    pub name: String,
    /// The image that it runs in, if it runs in a container.
    pub image: String,
    /// Program and arguments. `{dir}` stands for the folder that holds `files` and may be written to, `{home}` for the one
    /// below which programs lie that no package installs.
    pub command: Vec<String>,
    /// Files to put into the folder: name and text, in which `{dir}` is replaced too.
    pub files: Vec<(String, String)>,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
    /// Ports that it listens on, on 127.0.0.1.
    pub ports: Vec<u16>,
    /// How much of the machine it may use.
    pub limits: NodeLimits,
    /// What a local process needs: programs by name, files and folders by path (`{home}/kafka/libs`). Images have it all.
    pub needs: Vec<String>,
}

/// How much of the machine a node may use; `None`: as much as there is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeLimits {
    /// Its data, which lie in `{dir}/data`, have a disk of their own of so many bytes, in memory.
    pub disk: Option<u64>,
    /// Bytes of memory, the page cache for its files included; it has no swap.
    pub memory: Option<u64>,
    /// Seconds of CPU time a second.
    pub cpus: Option<f64>,
    /// The cores on which it may run.
    pub cores: Option<Cores>,
}

impl NodeLimits {
    /// The option that set the first of the limits that only a container can have, and what the node is to have by it.
    pub fn first(&self) -> Option<(&'static str, &'static str)> {
        let each = [
            (self.disk.is_some(), DISK.name, "a disk of its own"),
            (self.memory.is_some(), MEMORY.name, "a limit of memory"),
            (self.cpus.is_some(), CPUS.name, "a limit of CPU time"),
        ];
        each.into_iter().find(|(is_set, ..)| *is_set).map(|(_, option, what)| (option, what))
    }
}

/// What stands in commands, files, variables and needs for a place that the host decides.
const FOLDER: &str = "{dir}";
const HOME: &str = "{home}";

/// The places of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places<'a> {
    /// The folder that holds the recipe's files and may be written to.
    pub(crate) dir: &'a str,
    /// The folder below which programs that no package installs are unpacked, such as `kafka/libs`.
    pub(crate) home: &'a str,
}

impl Places<'_> {
    /// A text with `{dir}` and `{home}` replaced by these.
    pub(crate) fn put_into(&self, text: &str) -> String {
        text.replace(FOLDER, self.dir).replace(HOME, self.home)
    }
}

/// Where a node with a disk of its own keeps its data, in its folder.
pub(crate) const DATA: &str = "data";

impl NodeRecipe {
    /// The recipe with `{dir}` and `{home}` replaced by the folders that the node really gets.
    pub(crate) fn placed(&self, places: &Places<'_>) -> Self {
        let place = |text: &String| places.put_into(text);
        let place_second = |(name, text): &(String, String)| (name.clone(), place(text));
        Self {
            command: self.command.iter().map(place).collect(),
            files: self.files.iter().map(place_second).collect(),
            variables: self.variables.iter().map(place_second).collect(),
            needs: self.needs.iter().map(place).collect(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_are_named_in_commands_files_variables_and_needs() {
        let recipe = NodeRecipe {
            name: "redis-0".to_owned(),
            image: "redis:8".to_owned(),
            command: vec!["redis-server".to_owned(), "{dir}/redis.conf".to_owned()],
            files: vec![("redis.conf".to_owned(), "dir {dir}\ndbfilename {dir}.rdb".to_owned())],
            variables: vec![("DATA".to_owned(), "{dir}/data".to_owned())],
            ports: vec![10_000],
            limits: NodeLimits::default(),
            needs: vec!["{home}/redis/modules".to_owned()],
        };
        let placed = recipe.placed(&Places { dir: "/data", home: "/opt" });
        assert_eq!(placed.needs, ["/opt/redis/modules"]);
        assert_eq!(placed.command[1], "/data/redis.conf");
        assert_eq!(placed.files[0], ("redis.conf".to_owned(), "dir /data\ndbfilename /data.rdb".to_owned()));
        assert_eq!(placed.variables[0].1, "/data/data");
        assert_eq!(placed.ports, recipe.ports);
    }
}
