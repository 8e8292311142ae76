//! Gets a scenario's text: everything that can be wrong before the first key is read.

use super::node::{Builder, Table};
use super::origin::{SourceKind, TextPlace};
use super::problem::Finding;
use super::reading::ScenarioReading;
use std::path::Path;
use toml::de::DeTable;

/// No scenario is larger; what is, was named by mistake.
const LARGEST_FILE: u64 = 1 << 20;

/// The text of a file, or what is wrong with it.
pub(super) fn read(path: &Path, reading: &mut ScenarioReading) -> Option<String> {
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let help = "look at the path; `harness list` shows the scenarios in ./scenarios";
            reading.find(Finding::at(None, format!("{shown} cannot be read: {}", reason(&error))).help(help));
            return None;
        }
    };
    if metadata.is_dir() {
        reading.find(
            Finding::at(None, format!("{shown} is a folder, not a scenario"))
                .help("name a file; `harness run` also takes a folder and runs each *.toml in it and below it"),
        );
        return None;
    }
    if metadata.len() > LARGEST_FILE {
        reading
            .find(Finding::at(None, format!("{shown} is larger than 1 MiB")).help("a scenario is a short TOML file"));
        return None;
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let help = "make the file readable for this user";
            reading.find(Finding::at(None, format!("{shown} cannot be read: {}", reason(&error))).help(help));
            return None;
        }
    };
    match text(bytes) {
        Ok(text) => Some(text),
        Err(wrong) => {
            reading.find(Finding::at(None, format!("{shown} {}", wrong.what)).help(wrong.way_out));
            None
        }
    }
}

/// Why bytes are no text of a scenario.
struct NoText {
    what: String,
    way_out: &'static str,
}

const SAVE_AS_UTF_8: &str = "save it as UTF-8; `iconv -f UTF-16 -t UTF-8 FILE` converts one";

/// What some editors write in front of a text: how it is encoded. In UTF-8 it says nothing, and is left out.
fn text(mut bytes: Vec<u8>) -> Result<String, NoText> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let what = "is in UTF-16, as its byte-order mark says, and a scenario is in UTF-8".to_owned();
        return Err(NoText { what, way_out: SAVE_AS_UTF_8 });
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    // Every other byte of a Latin text in UTF-16 is zero, and no text in UTF-8 has any.
    if bytes.contains(&0) {
        let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
        let what = format!("is not text in UTF-8: byte {at} is zero, as in UTF-16 or in a binary file");
        return Err(NoText { what, way_out: SAVE_AS_UTF_8 });
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        NoText {
            what: format!("is not text: byte {at}, in line {line}, is not UTF-8"),
            way_out: "a scenario is a TOML file in UTF-8; save it as such, or take the odd character out",
        }
    })
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The tree of a text, as far as its syntax holds; every syntax error is found.
pub(super) fn parse(name: &str, text: &str, reading: &mut ScenarioReading) -> Table {
    let tree = tree(name, text, reading);
    if tree.entries.is_empty() && reading.findings.is_empty() {
        reading.find(Finding::at(None, format!("{name} is empty")).help(
            "begin with [workload] and its rate, and at least one [[systems]]; scenarios/baseline.toml is an example",
        ));
    }
    tree
}

/// As [`parse`], and nothing in it is no error.
pub(super) fn tree(name: &str, text: &str, reading: &mut ScenarioReading) -> Table {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = reading.sources.add(SourceKind::File, name, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reading.find(syntax(error, text, source));
    }
    let mut findings = Vec::new();
    let tree = Builder { source, offset: 0, findings: &mut findings }.table(table.get_ref());
    reading.findings.append(&mut findings);
    tree
}

fn syntax(error: &toml::de::Error, text: &str, source: usize) -> Finding {
    let span = error.span().unwrap_or(0..0);
    let place = TextPlace { source, start: span.start.min(text.len()), end: span.end.min(text.len()) };
    let reason = error.message().lines().collect::<Vec<_>>().join("; ");
    let message = if reason.contains("duplicate key") { "this key is given twice" } else { "this is not TOML" };
    let help = REMEDIES.iter().find(|(part, _)| reason.contains(part)).map_or(OTHERWISE, |(_, remedy)| remedy);
    Finding::at(Some(place), message).note(reason).help(help)
}

/// What helps, by a part of the parser's reason; the first that fits.
const REMEDIES: [(&str, &str); 8] = [
    ("duplicate key", "remove one of them, or bring their keys together"),
    ("unclosed table", HEADER),
    ("array table", HEADER),
    ("inline table", "close the table with }, and separate its keys with commas"),
    ("array", "close the list with ], and separate its elements with commas"),
    ("comma", "separate with commas, and close the table before with }"),
    ("string", "text, times and sizes stand in quotes, begun and ended on one line, as in \"5s\""),
    ("extra `=`", "write one = between key and value"),
];

const HEADER: &str = "close the header with ], as in [workload], or with ]] where it is [[systems]] or [[faults]]";

const OTHERWISE: &str = "write key = value, one to a line; text, times and sizes stand in quotes, as in \"5s\"";
