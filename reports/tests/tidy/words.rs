//! Words that project text does not have. Needles are written in pieces, so that this file does not break its own rules.

use crate::Violations;
use crate::enforce;

/// Hosts that project text may name: standards, licences, and where the dependencies' sources are.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "arrow.apache.org",
    "github.com",
    "json-schema.org",
    "localhost",
    "maven.apache.org",
    "www.apache.org",
    "www.w3.org",
];

#[test]
fn text_names_no_host_but_those_that_everybody_can_reach() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines() {
                for (scheme, rest) in
                    line.match_indices("://").map(|(at, sign)| (&line[..at], &line[at + sign.len()..]))
                {
                    let host = rest.split(|letter: char| !(letter.is_alphanumeric() || ".-".contains(letter))).next();
                    let host = host.unwrap_or_default();
                    let is_known = host.is_empty() || host.ends_with(".example") || HOSTS.contains(&host);
                    if !is_known && ["http", "https"].iter().any(|web| scheme.ends_with(web)) {
                        found.add(path, number, format!("{host} is not on the list of hosts"));
                    }
                }
            }
            found
        },
        &[("Cargo.lock", concat!("source = \"registry+https", "://mirror.internal/crates\"\n"))],
        "Cargo.lock:1",
    );
}

#[test]
fn text_names_packages_and_not_the_hosts_that_they_come_from() {
    const PACKAGE_HOSTS: [&str; 7] = [
        concat!("deb.", "debian.org"),
        concat!("repo1.", "maven"),
        concat!("repo.", "maven"),
        concat!("proxy.", "golang"),
        concat!("registry.", "npmjs"),
        concat!("crates.io", "/api"),
        concat!("files.", "pythonhosted"),
    ];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines() {
                for host in PACKAGE_HOSTS.iter().filter(|host| line.contains(**host)) {
                    found.add(path, number, format!("{host} is a package host"));
                }
            }
            found
        },
        &[("docker/setup.sh", concat!("#!/bin/sh\nmirror=proxy.", "golang.org\n"))],
        "docker/setup.sh:2",
    );
}

#[test]
fn text_names_no_folder_of_one_machine() {
    const HOMES: [&str; 4] =
        [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines() {
                for home in HOMES {
                    let starts_here = |(at, _): (usize, &str)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}".contains(c))
                    };
                    if line.match_indices(home).any(starts_here) {
                        found.add(path, number, format!("{home} is a folder of one machine"));
                    }
                }
            }
            found
        },
        &[("docs/notes.md", concat!("# Notes\nSee /wo", "rk/notes.\n"))],
        "docs/notes.md:2",
    );
}

#[test]
fn nothing_pretends_to_be_finished() {
    const UNFINISHED: [&str; 4] =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimplemented", "!(")];
    const IGNORED: &str = concat!("#[ign", "ore");
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust() {
                for (number, line) in tree.lines(path) {
                    for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
                        found.add(path, number, format!("`{word}` marks what is not finished"));
                    }
                    // A test that another one runs in a process of its own is not left out.
                    if line.contains(IGNORED) && !line.contains(&format!("{IGNORED} = \"run by ")) {
                        found.add(path, number, "leaves a test out");
                    }
                }
            }
            found
        },
        &[("harness/src/new.rs", concat!("//! New.\nfn new() { todo", "!() }\n"))],
        "harness/src/new.rs:2",
    );
}
