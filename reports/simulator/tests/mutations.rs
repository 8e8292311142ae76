//! The errors that are put back into the judge by hand: each must still fit the judge as it is.

#![allow(clippy::unwrap_used)]

use std::path::Path;

/// What a patch expects to find: for each hunk, the file and the lines that stand there one after another.
fn expected(patch: &str) -> Vec<(&str, String)> {
    let (mut file, mut hunks) = ("", Vec::new());
    for line in patch.lines() {
        match (line.strip_prefix("--- a/"), hunks.last_mut()) {
            (Some(path), _) => file = path,
            _ if line.starts_with("@@ ") => hunks.push((file, String::new())),
            (None, Some((_, text))) => {
                if let Some(old) = line.strip_prefix([' ', '-']) {
                    *text += old;
                    text.push('\n');
                }
            }
            (None, None) => {}
        }
    }
    hunks
}

#[test]
fn every_mutation_still_applies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("reports/simulator/mutations");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let patches: Vec<_> = files.filter(|file| file.extension().is_some_and(|kind| kind == "patch")).collect();
    assert!(patches.len() > 50, "{} patches in {}", patches.len(), folder.display());
    let mut stale = Vec::new();
    for path in patches {
        let patch = std::fs::read_to_string(&path).unwrap();
        let hunks = expected(&patch);
        let fits = |(file, lines): &(&str, String)| {
            !lines.is_empty() && std::fs::read_to_string(root.join(file)).is_ok_and(|text| text.contains(lines))
        };
        if hunks.is_empty() || !hunks.iter().all(fits) {
            stale.push(path.display().to_string());
        }
    }
    assert!(stale.is_empty(), "make these patches again, for they no longer apply:\n{}", stale.join("\n"));
}

#[test]
fn a_patch_expects_what_it_keeps_and_what_it_takes_away() {
    let patch = "Why.\n\n--- a/one.rs\n+++ b/one.rs\n@@ -1,3 +1,3 @@\n kept\n-old\n+new\n@@ -9,1 +9,1 @@\n-gone\n";
    assert_eq!(expected(patch), [("one.rs", "kept\nold\n".to_owned()), ("one.rs", "gone\n".to_owned())]);
}
