//! `harness init`: a scenario to begin with, with a comment beside everything that one may want to change.

use super::{Exit, answer, exit};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const SCENARIO: &str = include_str!("init.toml");

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 it was written, 2 there is such a file already, 4 it could not be written.")]
pub(super) struct Options {
    /// The file to write; `-` prints it instead
    #[arg(default_value = "scenario.toml")]
    file: PathBuf,
}

pub(super) fn init(options: &Options) -> Exit {
    let file = &options.file;
    if file.as_os_str() == "-" {
        return answer::print(SCENARIO.trim_end());
    }
    match write(file) {
        Ok(()) => {
            let file = file.display();
            answer::print(&format!(
                "{file} was written\n  harness plan {file}   shows what it would do\n  harness run {file}    does it"
            ))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let help = "name another file, or print the scenario: harness init -";
            exit::explain(
                &miette::diagnostic!(help = help, "{} is there already, and is left as it is", file.display()),
                Exit::Usage,
            )
        }
        Err(error) => {
            exit::explain(&miette::diagnostic!("{} cannot be written: {error}", file.display()), Exit::Environment)
        }
    }
}

fn write(file: &Path) -> std::io::Result<()> {
    std::fs::File::create_new(file)?.write_all(SCENARIO.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::REGISTRY;
    use crate::scenario::{Overrides, load_text};

    #[test]
    fn what_is_written_is_a_scenario_without_a_warning() {
        let loaded = load_text("scenario.toml", SCENARIO, &Overrides::default(), &REGISTRY).expect("valid");
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        assert!(!crate::scenario::question(SCENARIO).is_empty());
    }

    /// What stands in comments must be valid, too, or whoever uncomments it is lost.
    #[test]
    fn what_stands_in_comments_is_valid_as_well() {
        let uncommented: Vec<String> =
            SCENARIO.lines().map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned()).collect();
        let text = uncommented.join("\n");
        assert_ne!(text, SCENARIO.trim_end());
        load_text("scenario.toml", &text, &Overrides::default(), &REGISTRY).expect("valid");
    }
}
