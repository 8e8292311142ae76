//! Tells the program which commit it is built from: `HARNESS_COMMIT` and `HARNESS_VERSION` of the compiler's environment.
//!
//! It is in this package because only the benches depend on it, so that a new commit compiles little anew. It runs again when HEAD moves, and when a file
//! changes that the program is compiled from, so that a build with changes never passes for one without. A build for
//! development names none: nobody keeps its figures, and each commit would compile all its tests anew.

#[path = "build/commit.rs"]
mod commit;

use commit::Built;
use std::path::Path;

fn main() {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".to_owned());
    let root = Path::new(&package).join("..");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        println!("cargo::rerun-if-changed=build.rs");
        return tell("unknown", "unknown commit");
    }
    let built = Built::of(&root);
    for file in built.watched() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    tell(&built.commit(), &built.words());
}

fn tell(commit: &str, words: &str) {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=HARNESS_COMMIT={commit}");
    println!("cargo::rustc-env=HARNESS_VERSION={version} ({words})");
}
