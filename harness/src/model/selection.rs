//! Which of a system's clients something is about.

use super::role::Role;

/// Some clients of a system, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Every one.
    #[default]
    All,
    /// Those of these names: `consumer-1`.
    Only(Vec<String>),
}

impl Selection {
    /// Those of these names; of none: all.
    pub fn of(names: Vec<String>) -> Self {
        if names.is_empty() { Self::All } else { Self::Only(names) }
    }

    /// Their names; empty: all.
    pub fn names(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Only(names) => names,
        }
    }

    /// Whether the client of this name is one of them.
    pub fn contains(&self, client: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == client),
        }
    }

    /// Whether one of them sends.
    pub fn send(&self) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name.starts_with(Role::Producer.name())),
        }
    }

    /// Whether some client is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => true,
            (Self::Only(names), other) => names.iter().any(|name| other.contains(name)),
        }
    }
}
