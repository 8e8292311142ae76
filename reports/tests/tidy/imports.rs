//! Imports: which file of a crate takes a name from which other, read from the code.

use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// A name that a file takes from another file of its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// The file that defines the name.
    pub(crate) from: String,
    /// The name.
    pub(crate) name: String,
    /// The line that names it first.
    pub(crate) line: usize,
}

/// A module, by the names that lead to it from its crate's root.
type Module = Vec<String>;

/// A path as code writes it.
#[derive(Debug)]
struct Named {
    path: Vec<String>,
    line: usize,
    /// By a `use` that hands the name on.
    handed_on: bool,
}

/// A file's code: its paths, and how often each name stands in it outside of `use`.
#[derive(Default)]
struct Code {
    named: Vec<Named>,
    words: BTreeSet<String>,
}

/// The imports of every file below `source`, as `harness/src/`; tests are left out. A name that a module only hands on
/// (`pub use`) counts as taken from the file that defines it, and handing on is no import.
pub(crate) fn imports(tree: &Tree, source: &str) -> BTreeMap<String, Vec<Import>> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (path, _, line) in tree.code().filter(|(path, ..)| path.starts_with(source) && !path.ends_with("/main.rs")) {
        let text = texts.entry(path).or_default();
        text.push_str(line);
        text.push('\n');
    }
    let files: BTreeMap<Module, &str> = texts.keys().map(|path| (module(path, source), *path)).collect();
    let codes: BTreeMap<&Module, Code> = files.iter().map(|(module, path)| (module, read(&texts[path]))).collect();
    let mut handed_on: BTreeMap<(Module, String), Module> = BTreeMap::new();
    for (module, code) in &codes {
        for named in code.named.iter().filter(|named| named.handed_on) {
            if let (Some(full), Some(name)) = (absolute(module, &named.path, &files), named.path.last()) {
                handed_on.insert(((*module).clone(), name.clone()), full);
            }
        }
    }
    codes.iter().map(|(module, code)| (files[*module].to_owned(), taken(module, code, &files, &handed_on))).collect()
}

/// Groups of files that import each other in a loop, however long.
pub(crate) fn circles(imports: &BTreeMap<String, Vec<Import>>) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reachable(file, imports))).collect();
    let mut circles: Vec<BTreeSet<&str>> = Vec::new();
    for (file, others) in reached.iter().filter(|(file, others)| others.contains(*file)) {
        let circle: BTreeSet<&str> = others.iter().copied().filter(|other| reached[other].contains(file)).collect();
        if !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

fn reachable<'i>(file: &str, imports: &'i BTreeMap<String, Vec<Import>>) -> BTreeSet<&'i str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = vec![file];
    while let Some(file) = next.pop() {
        for import in imports.get(file).into_iter().flatten() {
            if let Some((known, _)) = imports.get_key_value(&import.from)
                && reached.insert(known.as_str())
            {
                next.push(known);
            }
        }
    }
    reached
}

fn module(path: &str, source: &str) -> Module {
    let bare = path.trim_start_matches(source).trim_end_matches(".rs");
    let parts = bare.split('/').filter(|part| !["mod", "lib"].contains(part));
    parts.map(str::to_owned).collect()
}

/// What a file takes from others, each file and name once.
fn taken(
    module: &Module,
    code: &Code,
    files: &BTreeMap<Module, &str>,
    handed_on: &BTreeMap<(Module, String), Module>,
) -> Vec<Import> {
    let mut imports: Vec<Import> = Vec::new();
    for named in &code.named {
        let is_used = !named.handed_on || named.path.last().is_some_and(|name| code.words.contains(name));
        let Some(full) = absolute(module, &named.path, files).filter(|_| is_used) else { continue };
        let (home, name) = defined(full, files, handed_on);
        let known = |import: &&mut Import| import.from == files[&home] && import.name == name;
        if home != *module && imports.iter_mut().find(known).is_none() {
            imports.push(Import { from: files[&home].to_owned(), name, line: named.line });
        }
    }
    imports
}

/// A path from the crate's root. `None`: it leads out of the crate, or begins with a name that is no module here.
fn absolute(module: &Module, path: &[String], files: &BTreeMap<Module, &str>) -> Option<Module> {
    let child = |name: &String| [module.as_slice(), std::slice::from_ref(name)].concat();
    let ups = path.iter().take_while(|part| *part == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module.as_slice(), &path[1..]].concat()),
        "super" => Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()),
        _ if files.contains_key(&child(&path[0])) => Some([module.as_slice(), path].concat()),
        _ => None,
    }
}

/// The module that defines what a path from the root names, and the name.
fn defined(
    mut full: Module,
    files: &BTreeMap<Module, &str>,
    handed_on: &BTreeMap<(Module, String), Module>,
) -> (Module, String) {
    const LONGEST_CHAIN: usize = 10;
    let mut home = 0;
    for _ in 0..LONGEST_CHAIN {
        home = (0..full.len()).take_while(|&at| files.contains_key(&full[..=at])).count();
        let Some(name) = full.get(home) else { break };
        let Some(beyond) = handed_on.get(&(full[..home].to_vec(), name.clone())) else { break };
        full = [beyond.as_slice(), &full[home + 1..]].concat();
    }
    let name = full.get(home).or(full.last()).cloned().unwrap_or_default();
    (full[..home].to_vec(), name)
}

/// The paths and words of code, without comments and literals.
fn read(text: &str) -> Code {
    let tokens = tokens(&without_literals(text));
    let mut code = Code::default();
    let mut at = 0;
    while at < tokens.len() {
        let (token, line) = &tokens[at];
        if token == "use" {
            let handed_on = at > 0 && ["pub", ")"].contains(&tokens[at - 1].0.as_str());
            let mut tree = Branches { tokens: &tokens, at: at + 1, handed_on, named: &mut code.named };
            tree.read(&[]);
            at = tree.at;
        } else if is_word(token) {
            let mut path = vec![token.clone()];
            let limits_visibility = at > 0 && tokens[at - 1].0 == "in";
            while tokens.get(at + 1).is_some_and(|(next, _)| next == "::")
                && tokens.get(at + 2).is_some_and(|(next, _)| is_word(next))
            {
                path.push(tokens[at + 2].0.clone());
                at += 2;
            }
            code.words.extend(path.iter().cloned());
            if path.len() > 1 && !limits_visibility {
                code.named.push(Named { path, line: *line, handed_on: false });
            }
        }
        at += 1;
    }
    code
}

/// The tree of one `use`.
struct Branches<'t> {
    tokens: &'t [(String, usize)],
    at: usize,
    handed_on: bool,
    named: &'t mut Vec<Named>,
}

impl Branches<'_> {
    /// Reads one branch below `prefix`, up to the token that ends it.
    fn read(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        while let Some((token, line)) = self.tokens.get(self.at) {
            match token.as_str() {
                "::" => self.at += 1,
                "as" => self.at += 2,
                "{" => {
                    self.at += 1;
                    while self.tokens.get(self.at).is_some_and(|(token, _)| token != "}") {
                        self.read(&path);
                        if self.tokens.get(self.at).is_some_and(|(token, _)| token == ",") {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "self" if !prefix.is_empty() => self.at += 1,
                word if is_word(word) || word == "*" => {
                    path.push(word.to_owned());
                    self.at += 1;
                }
                _ => {
                    self.named.push(Named { path, line: *line, handed_on: self.handed_on });
                    return;
                }
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Words, `::` and single signs, each with its line.
fn tokens(text: &str) -> Vec<(String, usize)> {
    let mut tokens = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_inside = |letter: char| letter.is_alphanumeric() || letter == '_';
            let length = match first {
                _ if is_inside(first) => rest.find(|letter| !is_inside(letter)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                other => other.len_utf8(),
            };
            let (token, after) = rest.split_at(length);
            tokens.push((token.to_owned(), number));
            rest = after.trim_start();
        }
    }
    tokens
}

/// Comments, texts and characters replaced by nothing; lines stay where they are.
fn without_literals(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hashes = rest.strip_prefix('r').map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
        let is_raw =
            rest.starts_with('r') && rest[1 + hashes..].starts_with('"') && !kept.ends_with(char::is_alphanumeric);
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if is_raw {
            let end = format!("\"{}", "#".repeat(hashes));
            let opening = hashes + 2;
            rest[opening..].find(&end).map_or(rest.len(), |at| opening + at + end.len())
        } else if first == '"' {
            quoted(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            rest[2..].find('\'').map_or(rest.len(), |at| at + 3)
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (skipped, after) = rest.split_at(length);
        kept.extend(skipped.chars().filter(|letter| *letter == '\n'));
        rest = after;
    }
    kept
}

/// The length of a text in quotes, which it begins with.
fn quoted(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
