//! From one value of the tree to the type that a key takes, or to what is wrong with it.

use super::node::{TreeNode, Value};
use super::problem::Finding;
use super::reading::ScenarioReading;
use super::secret::{self, Part};
use crate::model::duration::{self, DurationError};
use crate::model::size::{self, SizeError};
use std::time::Duration;

/// What a key can take.
pub(super) trait FromNode: Sized {
    /// As an error proposes it.
    const EXAMPLE: &'static str;
    /// The value, or `None` after it has been reported.
    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self>;
    /// As a scenario would write it.
    fn show(&self) -> String;
}

fn wrong<T>(node: &TreeNode, path: &str, wanted: &str, example: &str, reading: &mut ScenarioReading) -> Option<T> {
    if !matches!(node.value, Value::Broken) {
        reading.find(
            Finding::at(Some(node.place), format!("`{path}` takes {wanted}, not {}", node.value.kind()))
                .note(format!("{wanted} belongs here"))
                .help(format!("write it as in {example}")),
        );
    }
    None
}

impl FromNode for String {
    const EXAMPLE: &'static str = "\"…\"";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        let Value::String(text) = &node.value else { return wrong(node, path, "a string", "\"text\"", reading) };
        let mut whole = Self::new();
        let mut sound = true;
        for part in secret::split(text) {
            match part {
                Part::Plain(plain) => whole.push_str(plain),
                Part::Variable(name) => match reading.variables.get(name).cloned() {
                    Some(value) => {
                        reading.secrets.add(name, &value);
                        whole.push_str(&value);
                    }
                    None => {
                        sound = false;
                        reading.find(
                            Finding::at(
                                Some(node.place),
                                format!("`{path}` needs the variable {name}, which is not set"),
                            )
                            .note(format!("${{{name}}} stands here"))
                            .help(format!("export {name}=… before the run, or write $${{{name}}} for the text itself")),
                        );
                    }
                },
                Part::Malformed(piece) => {
                    sound = false;
                    reading.find(
                        Finding::at(Some(node.place), format!("`{path}` holds `{piece}`, which names no variable"))
                            .note("letters, digits and _ between ${ and }")
                            .help("write ${NAME} for a variable, or $${ for the text ${ itself"),
                    );
                }
            }
        }
        sound.then_some(whole)
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl FromNode for Duration {
    const EXAMPLE: &'static str = "\"5s\"";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        let number = match node.value {
            Value::Integer(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            _ => None,
        };
        if let Some(number) = number {
            reading.find(
                Finding::at(Some(node.place), format!("`{path}` takes a length of time with its unit"))
                    .note(format!("{number} of what?"))
                    .help(format!("write \"{number}s\" for seconds or \"{number}ms\" for milliseconds")),
            );
            return None;
        }
        if !matches!(node.value, Value::String(_)) {
            return wrong(node, path, "a length of time", "\"5s\", \"200ms\" or \"1m30s\"", reading);
        }
        let text = String::from_node(node, path, reading)?;
        match duration::parse(&text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                let help = match &error {
                    DurationError::NoUnit => format!("write \"{text}s\" for seconds or \"{text}ms\" for milliseconds"),
                    DurationError::Negative => {
                        "times count from the start of the load; write \"0s\" or more".to_owned()
                    }
                    _ => "write \"5s\", \"200ms\" or \"1m30s\"; the units are h, m, s, ms, us and ns".to_owned(),
                };
                reading.find(
                    Finding::at(Some(node.place), format!("`{path}`: {error}")).note("not a length of time").help(help),
                );
                None
            }
        }
    }

    fn show(&self) -> String {
        format!("\"{}\"", duration::show(*self))
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bytes(pub(super) u64);

impl FromNode for Bytes {
    const EXAMPLE: &'static str = "\"1KiB\"";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        if let Value::Integer(number) = node.value {
            reading.find(
                Finding::at(Some(node.place), format!("`{path}` takes a size with its unit"))
                    .note(format!("{number} of what?"))
                    .help(format!("write \"{number}B\" for bytes or \"{number}KiB\" for units of 1024")),
            );
            return None;
        }
        if !matches!(node.value, Value::String(_)) {
            return wrong(node, path, "a size", "\"1KiB\" or \"512B\"", reading);
        }
        let text = String::from_node(node, path, reading)?;
        match size::parse(&text) {
            Ok(bytes) => Some(Self(bytes)),
            Err(error) => {
                let help = match &error {
                    SizeError::NoUnit => format!("write \"{text}B\" for bytes or \"{text}KiB\" for units of 1024"),
                    _ => {
                        "write \"512B\", \"1KiB\" or \"1MB\"; the units are B, KiB, MiB, GiB, KB, MB and GB".to_owned()
                    }
                };
                reading.find(Finding::at(Some(node.place), format!("`{path}`: {error}")).note("not a size").help(help));
                None
            }
        }
    }

    fn show(&self) -> String {
        format!("\"{}\"", size::show(self.0))
    }
}

impl FromNode for f64 {
    const EXAMPLE: &'static str = "2000";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        match node.value {
            Value::Integer(number) => Some(number as Self),
            Value::Float(number) => Some(number),
            _ => wrong(node, path, "a number", "2000 or 0.5", reading),
        }
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl FromNode for bool {
    const EXAMPLE: &'static str = "true";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        match node.value {
            Value::Boolean(truth) => Some(truth),
            _ => wrong(node, path, "true or false", "true", reading),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl FromNode for i64 {
    const EXAMPLE: &'static str = "1";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        match node.value {
            Value::Integer(number) => Some(number),
            _ => wrong(node, path, "a whole number", "1", reading),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl FromNode for $number {
            const EXAMPLE: &'static str = "1";

            fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
                let number = i64::from_node(node, path, reading)?;
                let fits = Self::try_from(number).ok();
                if fits.is_none() {
                    let bounds = match i64::try_from(Self::MAX) {
                        Ok(most) => format!("from 0 to {most}"),
                        Err(_) => "of 0 or more".to_owned(),
                    };
                    reading.find(
                        Finding::at(Some(node.place), format!("`{path}` cannot be {number}"))
                            .note(if number < 0 { "negative" } else { "too large" })
                            .help(format!("write a whole number {bounds}")),
                    );
                }
                fits
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

whole_numbers!(u16, u32, u64, usize);

impl<T: FromNode> FromNode for Vec<T> {
    const EXAMPLE: &'static str = "[…]";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        let Value::Array(items) = &node.value else { return wrong(node, path, "a list", "[ … ]", reading) };
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                reading.note_element(path, index, item.place);
                T::from_node(item, path, reading)
            })
            .collect();
        read.into_iter().collect()
    }

    fn show(&self) -> String {
        format!("[{}]", self.iter().map(T::show).collect::<Vec<_>>().join(", "))
    }
}

/// One name, or a list of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names(pub(super) Vec<String>);

impl FromNode for Names {
    const EXAMPLE: &'static str = "\"…\"";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        if let Value::Array(_) = node.value {
            return Vec::from_node(node, path, reading).map(Self);
        }
        reading.note_element(path, 0, node.place);
        String::from_node(node, path, reading).map(|name| Self(vec![name]))
    }

    fn show(&self) -> String {
        self.0.show()
    }
}
