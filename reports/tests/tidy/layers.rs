//! Rooms: what depends on what, what each says of itself, how long and how named its files are.

use crate::Violations;
use crate::enforce;
use crate::imports::{circles, imports};
use crate::tree::folder_of;
use std::collections::BTreeMap;

/// What may not be named from a room, because data flows one way.
const ROOMS: &[(&str, &[&str])] = &[
    ("reports/src/history/", &["crate::measure", "crate::check", "crate::render", "crate::judge", "crate::result"]),
    ("reports/src/measure/", &["crate::check", "crate::render", "crate::judge"]),
    ("reports/src/check/", &["crate::history", "crate::render", "crate::judge"]),
    (
        "reports/src/uncertainty/",
        &["crate::history", "crate::measure", "crate::check", "crate::compare", "crate::render"],
    ),
    ("reports/src/search/", &["crate::history", "crate::measure", "crate::check", "crate::render"]),
    ("reports/src/compare/", &["crate::history", "crate::measure", "crate::check", "crate::render"]),
    ("reports/src/render/", &["crate::measure", "crate::check"]),
];

/// The rooms of the live side from the ground up: each imports only from those before it.
const LIVE_ROOMS: &[&str] =
    &["clock", "model", "environment", "worker", "broker", "fault", "scenario", "plan", "serve", "trial", "cli"];

/// Where the live side's code is.
const LIVE: &str = "harness/src/";

/// Only the command line may ask what a history means.
const JUDGING: &[&str] =
    &["reports::measure", "reports::check", "reports::compare", "reports::judge", "reports::render", "reports::result"];

/// Files of more than 400 lines without their tests, and why they are not split.
const LONG_FILES: &[(&str, &str)] = &[];

#[test]
fn the_pure_side_depends_on_nothing_live() {
    const LIVE: [&str; 7] = ["harness", "tokio", "reqwest", "redis", "rdkafka", "testcontainers", "bollard"];
    enforce(
        |tree| {
            let mut found = Violations::default();
            let mut section = "";
            for (number, line) in tree.lines("reports/Cargo.toml") {
                section = if line.starts_with('[') { line } else { section };
                let name = match section.split_once("dependencies.") {
                    Some((_, name)) => name.trim_end_matches(']'),
                    None => line.split(['.', '=', ' ']).next().unwrap_or_default(),
                };
                if section.contains("dependencies") && LIVE.contains(&name) {
                    found.add("reports/Cargo.toml", number, format!("`{name}` belongs to the live side"));
                }
            }
            found
        },
        &[("reports/Cargo.toml", "[dependencies]\nserde = \"1\"\ntokio.workspace = true\n")],
        "reports/Cargo.toml:3",
    );
}

#[test]
fn data_flows_one_way_from_room_to_room() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.code() {
                for (_, forbidden) in ROOMS.iter().filter(|(room, _)| path.starts_with(room)) {
                    for name in forbidden.iter().filter(|name| names(line, name)) {
                        found.add(path, number, format!("`{name}` may not be named from here"));
                    }
                }
                if path.starts_with("harness/src/") && !path.starts_with("harness/src/cli/") {
                    for name in JUDGING.iter().filter(|name| names(line, name)) {
                        found.add(path, number, format!("`{name}` may be named from `cli/` only"));
                    }
                }
            }
            found
        },
        &[("reports/src/check/lost.rs", "//! Lost.\nuse crate::render::Renderer;\n")],
        "reports/src/check/lost.rs:2",
    );
}

#[test]
fn each_room_of_the_live_side_imports_only_from_those_below() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            let place = |file: &str| LIVE_ROOMS.iter().position(|room| Some(*room) == room_of(file));
            for (file, taken) in imports(tree, LIVE).iter().filter(|(file, _)| !file.ends_with("/lib.rs")) {
                let Some(own) = place(file) else {
                    found.add(file, 1, "is in a room that has no place in the order of rooms");
                    continue;
                };
                for import in taken.iter().filter(|import| place(&import.from).is_none_or(|other| other > own)) {
                    found.add(file, import.line, format!("`{}` stands above, in {}", import.name, import.from));
                }
            }
            found
        },
        &[
            ("harness/src/environment/mod.rs", "//! E.\nmod ports;\npub use ports::Ports;\n"),
            ("harness/src/environment/ports.rs", "//! P.\nuse crate::worker::{\n    Ledger, Ticket};\n"),
            ("harness/src/worker/mod.rs", "//! W.\nmod ledger;\npub use ledger::{Ledger, Ticket};\n"),
            ("harness/src/worker/ledger.rs", "//! L.\n"),
        ],
        "harness/src/environment/ports.rs:3",
    );
}

#[test]
fn no_two_files_import_each_other_in_a_loop() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for source in [LIVE, "reports/src/", "reports/simulator/src/"] {
                let imports = imports(tree, source);
                for circle in circles(&imports) {
                    for file in &circle {
                        for import in imports[*file].iter().filter(|import| circle.contains(import.from.as_str())) {
                            let why = format!("takes `{}` from {}, which leads back here", import.name, import.from);
                            found.add(file, import.line, why);
                        }
                    }
                }
            }
            found
        },
        &[
            (
                "reports/src/check/mod.rs",
                "//! C.\nmod lost;\npub use lost::Lost;\npub trait Check {}\nconst ALL: &[&dyn Check] = &[&Lost];\n",
            ),
            ("reports/src/check/lost.rs", "//! L.\nuse super::Check;\n"),
        ],
        "reports/src/check/lost.rs:2",
    );
}

/// The first folder below `src/`, or the file there.
fn room_of(file: &str) -> Option<&str> {
    file.strip_prefix(LIVE)?.split(['/', '.']).next()
}

#[test]
fn every_room_opens_with_three_lines_about_itself() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust().filter(|path| path.ends_with("/mod.rs")) {
                let opening = tree.lines(path).take(3).take_while(|(_, line)| line.starts_with("//! ")).count();
                if opening < 3 {
                    let what =
                        "should open with what lives here, what may be touched from here, what to copy for one more";
                    found.add(path, opening + 1, what);
                }
            }
            for folder in tree.rust().filter(|path| path.contains("/src/")).filter_map(|path| folder_of(path)) {
                if ["mod.rs", "lib.rs", "main.rs"].iter().all(|file| !tree.has(&format!("{folder}{file}"))) {
                    found.add(folder, 1, "has no mod.rs to say what lives here");
                }
            }
            found
        },
        &[("harness/src/room/mod.rs", "//! A room.\n//! Nothing is touched.\n\nmod thing;\n")],
        "harness/src/room/mod.rs:3",
    );
}

#[test]
fn no_file_is_too_long_for_one_head() {
    const LONGEST: usize = 400;
    enforce(
        |tree| {
            let mut lengths: BTreeMap<&str, usize> = BTreeMap::new();
            for (path, number, _) in tree.code() {
                lengths.insert(path, number);
            }
            let mut found = Violations::default();
            for (path, length) in &lengths {
                if *length > LONGEST && !LONG_FILES.iter().any(|(long, why)| long == path && !why.is_empty()) {
                    found.add(path, LONGEST + 1, format!("{length} lines without tests; split it by subject"));
                }
            }
            for (path, _) in LONG_FILES {
                if lengths.get(path).is_none_or(|length| *length <= LONGEST) {
                    found.add(path, 1, "needs no exception any more");
                }
            }
            found
        },
        &[("harness/src/long.rs", &"//\n".repeat(LONGEST + 1))],
        "harness/src/long.rs:401",
    );
}

#[test]
fn no_module_is_called_after_nothing_in_particular() {
    const EMPTY_NAMES: [&str; 9] =
        ["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "shared"];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust() {
                if path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)) {
                    found.add(path, 1, "name it after what lives in it");
                }
                for (number, line) in tree.lines(path) {
                    let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
                    let module = line.strip_prefix("mod ").map(|rest| rest.trim_end_matches([' ', '{', ';']));
                    if module.is_some_and(|module| EMPTY_NAMES.contains(&module)) {
                        found.add(path, number, "name it after what lives in it");
                    }
                }
            }
            found
        },
        &[("harness/src/lib.rs", "//! Lib.\nmod utils;\n")],
        "harness/src/lib.rs:2",
    );
}

fn names(line: &str, name: &str) -> bool {
    line.match_indices(name)
        .any(|(at, _)| !line[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}
