//! Tells the program which commit it is built from: `HARNESS_COMMIT` and `HARNESS_VERSION` of the compiler's environment.
//!
//! It is this package's business because nothing but the benches depends on it. It runs again when HEAD moves, and when a file
//! changes that the program is compiled from, so that a build with changes never passes for one without.

#[path = "build/commit.rs"]
mod commit;

use commit::Built;
use std::path::Path;

fn main() {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".to_owned());
    let root = Path::new(&package).join("..");
    let built = Built::of(&root);
    for file in built.watched() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=HARNESS_COMMIT={}", built.commit());
    println!("cargo::rustc-env=HARNESS_VERSION={version} ({})", built.words());
}
