//! Where a value comes from: every value of a scenario remembers the text and the place in it.

use std::fmt;
use std::sync::Arc;

/// What kind of text a value was read from; later ones win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The scenario file.
    File,
    /// A `[profile.NAME]` table of the scenario file.
    Profile(String),
    /// An environment variable.
    Variable(String),
    /// A `--set key=value` of the command line.
    Set,
}

/// A text from which values are read.
#[derive(Clone, Debug)]
pub(super) struct SourceText {
    pub(super) kind: SourceKind,
    /// The name that an error shows: a path, `--set`, a variable's name.
    pub(super) name: String,
    pub(super) text: Arc<str>,
}

/// The texts of one reading. The first is the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources(Vec<SourceText>);

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextPlace {
    pub(super) source: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Sources {
    pub(super) fn add(&mut self, kind: SourceKind, name: impl Into<String>, text: impl Into<Arc<str>>) -> usize {
        self.0.push(SourceText { kind, name: name.into(), text: text.into() });
        self.0.len() - 1
    }

    pub(super) fn get(&self, place: TextPlace) -> Option<&SourceText> {
        self.0.get(place.source)
    }

    /// The text at a place, as it was written.
    pub(super) fn slice(&self, place: TextPlace) -> &str {
        self.get(place).and_then(|source| source.text.get(place.start..place.end)).unwrap_or_default()
    }

    pub(super) fn origin(&self, place: Option<TextPlace>) -> Origin {
        let Some((place, source)) = place.and_then(|place| Some((place, self.get(place)?))) else {
            return Origin::Default;
        };
        let before = source.text.get(..place.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        match &source.kind {
            SourceKind::File => Origin::File { file: source.name.clone(), line },
            SourceKind::Profile(profile) => {
                Origin::Profile { file: source.name.clone(), line, profile: profile.clone() }
            }
            SourceKind::Variable(name) => Origin::Variable { name: name.clone() },
            SourceKind::Set => Origin::Set { text: source.text.to_string() },
        }
    }
}

/// Where a final value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The scenario file.
    File {
        /// Its path as given.
        file: String,
        /// From 1.
        line: usize,
    },
    /// A profile of the scenario file.
    Profile {
        /// Its path as given.
        file: String,
        /// From 1.
        line: usize,
        /// The profile.
        profile: String,
    },
    /// An environment variable.
    Variable {
        /// `HARNESS_WORKLOAD__PRODUCERS`.
        name: String,
    },
    /// The command line.
    Set {
        /// `workload.producers=4`.
        text: String,
    },
    /// Nobody gave it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::File { file, line } => format!("{file}:{line}"),
            Self::Profile { file, line, profile } => format!("{file}:{line} [profile.{profile}]"),
            Self::Variable { name } => name.clone(),
            Self::Set { text } => format!("--set {}", text.split('=').next().unwrap_or_default().trim()),
            Self::Default => "default".to_owned(),
        };
        out.pad(&text)
    }
}

/// One key that was read, with its final value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOrigin {
    /// Its path, as `--set` takes it: `workload.producers`, `systems.redis.redis-streams.durability`.
    pub key: String,
    /// Its value as written; secrets stay `${NAME}`.
    pub value: String,
    /// Where from.
    pub origin: Origin,
}
