//! Where the programs of local processes are looked for: in the harness's home, then on PATH.

use crate::environment::{EnvironmentError, shell};
use crate::model::{NodeRecipe, Places};
use rustix::fs::{Access, access};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Names the home, where it is not beside the harness.
const HOME: &str = "HARNESS_HOME";
/// The home's name beside the folder that holds the harness: `target/brokers` for `target/release/harness`.
const BESIDE: &str = "brokers";

/// The home, and the folders in which programs are looked for, in order.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    home: PathBuf,
    folders: Vec<PathBuf>,
}

impl Programs {
    /// As the environment says.
    pub(super) fn find() -> Self {
        let home = std::env::var_os(HOME).filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = home.and_then(|home| std::path::absolute(home).ok()).unwrap_or_else(beside_the_harness);
        Self::within(home, std::env::var_os("PATH").as_deref())
    }

    fn within(home: PathBuf, path: Option<&OsStr>) -> Self {
        let mut folders = vec![home.join("bin")];
        folders.extend(path.into_iter().flat_map(std::env::split_paths));
        // Debian keeps some servers where only root's PATH leads.
        folders.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        Self { home, folders }
    }

    /// `{home}` in recipes.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// PATH for nodes.
    pub(super) fn path(&self) -> OsString {
        std::env::join_paths(&self.folders).unwrap_or_default()
    }

    /// A node's program, by its path, if that and all else that the recipe needs is here.
    ///
    /// # Errors
    /// Something is missing.
    pub(super) fn must_be_here(&self, recipe: &NodeRecipe) -> Result<PathBuf, EnvironmentError> {
        let home = self.home.display().to_string();
        let placed = recipe.placed(&Places { dir: "", home: &home });
        let program = placed.command.first().map_or("", String::as_str);
        let missing = |what: &str| EnvironmentError::ProgramMissing {
            program: what.to_owned(),
            node: recipe.name.clone(),
            home: self.home.display().to_string(),
        };
        for need in &placed.needs {
            let here = if need.contains('/') { Path::new(need).exists() } else { self.program(need).is_some() };
            if !here {
                return Err(missing(need));
            }
        }
        self.program(program).ok_or_else(|| missing(program))
    }

    /// A client's program and arguments, ready for a shell; says so where the program is not here.
    pub(super) fn typed(&self, client: &[String]) -> String {
        let home = self.home.display().to_string();
        let places = Places { dir: "", home: &home };
        let mut words: Vec<String> = client.iter().map(|word| places.put_into(word)).collect();
        let Some(program) = words.first_mut() else { return String::new() };
        let found = self.program(program);
        let remark = found.is_none().then(|| format!("  # {program} is not on this machine"));
        found.iter().for_each(|path| *program = path.display().to_string());
        shell::typed(&words) + &remark.unwrap_or_default()
    }

    /// Where a program of this name is; a path stands for itself. `None`: it is not here.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let runnable = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
        if name.contains('/') {
            return Some(PathBuf::from(name)).filter(runnable);
        }
        self.folders.iter().map(|folder| folder.join(name)).find(runnable)
    }
}

/// `target/brokers` for `target/release/harness`, and for its tests below `target/release/deps`.
fn beside_the_harness() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let places: Vec<PathBuf> = program.ancestors().skip(2).take(2).map(|folder| folder.join(BESIDE)).collect();
    let found = places.iter().find(|place| place.is_dir()).or(places.first());
    found.cloned().unwrap_or_else(|| PathBuf::from(BESIDE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn recipe(program: &str, needs: &[&str]) -> NodeRecipe {
        NodeRecipe {
            name: "broker-0".to_owned(),
            image: "broker:1".to_owned(),
            command: vec![program.to_owned()],
            files: vec![],
            variables: vec![],
            ports: vec![],
            limits: crate::model::NodeLimits::default(),
            needs: needs.iter().map(|&need| need.to_owned()).collect(),
        }
    }

    fn put(folder: &Path, name: &str, mode: u32) {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(name), "#!/bin/sh\n").expect("written");
        std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(mode)).expect("set");
    }

    #[test]
    fn the_home_comes_before_the_path_and_what_cannot_be_run_is_not_found() {
        let place = tempfile::tempdir().expect("a folder");
        let (home, other) = (place.path().join("home"), place.path().join("other"));
        put(&home.join("bin"), "server", 0o755);
        put(&home.join("bin"), "text", 0o644);
        put(&other, "server", 0o755);
        put(&other, "tool", 0o755);
        let programs = Programs::within(home.clone(), Some(other.as_os_str()));
        assert_eq!(programs.program("server"), Some(home.join("bin/server")));
        assert_eq!(programs.program("tool"), Some(other.join("tool")));
        assert_eq!(programs.program("text"), None);
        assert_eq!(programs.program(other.join("tool").to_str().expect("text")), Some(other.join("tool")));
    }

    #[test]
    fn a_client_is_told_by_its_path_and_one_that_is_missing_is_said_to_be() {
        let place = tempfile::tempdir().expect("a folder");
        let home = place.path().to_owned();
        put(&home.join("bin"), "client", 0o755);
        let programs = Programs::within(home.clone(), None);
        let typed = |words: [&str; 2]| programs.typed(&words.map(str::to_owned));
        let home = home.display();
        assert_eq!(typed(["client", "{home}/libs"]), format!("{home}/bin/client {home}/libs"));
        assert_eq!(typed(["no-such-client", "-p"]), "no-such-client -p  # no-such-client is not on this machine");
    }

    #[test]
    fn what_a_recipe_needs_beside_its_program_must_be_there_too() {
        let place = tempfile::tempdir().expect("a folder");
        let home = place.path().to_owned();
        put(&home.join("bin"), "server", 0o755);
        let programs = Programs::within(home.clone(), None);
        let missing = |needs: &[&str]| match programs.must_be_here(&recipe("server", needs)) {
            Err(EnvironmentError::ProgramMissing { program, .. }) => program,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(&["no-such-runtime"]), "no-such-runtime");
        assert_eq!(missing(&["{home}/server/libs"]), format!("{}/server/libs", home.display()));
        std::fs::create_dir_all(home.join("server/libs")).expect("a folder");
        let found = programs.must_be_here(&recipe("server", &["{home}/server/libs"])).expect("all there");
        assert_eq!(found, home.join("bin/server"));
    }
}
