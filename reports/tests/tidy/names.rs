//! Names: one name means one thing within a crate, so that no reader has to ask which.

use crate::Violations;
use crate::enforce;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Names that several public types of one crate share, and why nobody takes one for another.
const SHARED: &[(&str, &str)] =
    &[("Options", "clap's arguments of one subcommand, each private to its file of `cli/`")];

#[test]
fn no_two_types_of_a_crate_that_others_see_share_a_name() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            let types = types(tree);
            for ((_, name), places) in types.iter().filter(|(_, places)| places.len() > 1) {
                for (path, line) in places.iter().filter(|_| SHARED.iter().all(|(shared, _)| shared != name)) {
                    let others: Vec<&str> =
                        places.iter().map(|(other, _)| *other).filter(|other| other != path).collect();
                    found.add(path, *line, format!("`{name}` also names a type in {}", others.join(" and ")));
                }
            }
            for (shared, _) in SHARED {
                let is_shared = types.iter().any(|((_, name), places)| name == shared && places.len() > 1);
                if !is_shared && !types.is_empty() && tree.has("reports/tests/tidy/names.rs") {
                    found.add("reports/tests/tidy/names.rs", 1, format!("`{shared}` needs no exception any more"));
                }
            }
            found
        },
        &[
            ("harness/src/worker/ledger.rs", "//! L.\npub struct Ledger;\nstruct Slot;\n"),
            ("harness/src/trial/ledger.rs", "//! L.\nstruct Slot;\npub(super) enum Ledger {}\n"),
        ],
        "harness/src/trial/ledger.rs:3",
    );
}

/// Where each crate has its types that more than one file can see, by crate and name.
fn types(tree: &Tree) -> BTreeMap<(&str, &str), Vec<(&str, usize)>> {
    const KINDS: [&str; 4] = ["struct ", "enum ", "trait ", "type "];
    let mut types: BTreeMap<(&str, &str), Vec<(&str, usize)>> = BTreeMap::new();
    for (path, number, line) in tree.code() {
        let Some((name_of_crate, _)) = path.split_once("/src/") else { continue };
        let Some(declared) = line.strip_prefix("pub").and_then(|rest| rest.split_once(' ')) else { continue };
        let Some(rest) = KINDS.iter().find_map(|kind| declared.1.strip_prefix(kind)) else { continue };
        let name = rest.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next().unwrap_or_default();
        types.entry((name_of_crate, name)).or_default().push((path, number));
    }
    types
}
