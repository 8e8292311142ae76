//! The text format of Prometheus: families of samples, each with its HELP and TYPE.

use crate::render::text::one_line;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A sample's labels, in the order in which they are written.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What Prometheus is told of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gauge,
    Counter,
    /// Quantiles, with `_sum` and `_count`.
    Summary,
}

/// One metric.
pub(super) struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: Vec<(&'static str, Labels, f64)>,
}

impl Family {
    pub(super) fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, help, kind, samples: Vec::new() }
    }

    pub(super) fn add(&mut self, labels: Labels, value: f64) {
        self.samples.push(("", labels, value));
    }

    /// A sample of a name that is the family's with an ending: `_sum`.
    pub(super) fn add_ending(&mut self, ending: &'static str, labels: Labels, value: f64) {
        self.samples.push((ending, labels, value));
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// Takes another run's samples of the same family.
    pub(super) fn absorb(&mut self, other: Self) {
        self.samples.extend(other.samples);
    }

    /// Nothing where it has no sample. Of samples with the same labels only the first: two would make the whole file invalid.
    pub(super) fn render(&self) -> String {
        let kind = match self.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Summary => "summary",
        };
        let mut lines = BTreeSet::new();
        let mut text = String::new();
        for (ending, labels, value) in &self.samples {
            let series = format!("{}{ending}{}", self.name, written(labels));
            if lines.insert(series.clone()) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{series} {}", number(*value));
            }
        }
        match text.is_empty() {
            true => text,
            false => format!("# HELP {0} {1}\n# TYPE {0} {kind}\n{text}", self.name, self.help),
        }
    }
}

fn written(labels: &Labels) -> String {
    let each: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
    format!("{{{}}}", each.join(","))
}

/// Everything that could end a label's value is escaped. Line breaks and what steers a terminal are gone before.
fn escape(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_value_stays_in_its_label() {
        let mut family = Family::new("m", Kind::Gauge, "A figure.");
        family.add(vec![("system", "a\"} 1\n# HELP x\\".to_owned())], 0.5);
        family.add(vec![("system", "a\"} 1\n# HELP x\\".to_owned())], 0.7);
        assert_eq!(family.render(), "# HELP m A figure.\n# TYPE m gauge\nm{system=\"a\\\"} 1 # HELP x\\\\\"} 0.5\n");
    }

    #[test]
    fn a_family_without_samples_is_not_there() {
        assert_eq!(Family::new("m", Kind::Gauge, "A figure.").render(), "");
    }

    #[test]
    fn what_is_no_number_is_written_as_prometheus_reads_it() {
        let written = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0, 1e-9].map(number);
        assert_eq!(written, ["NaN", "+Inf", "-Inf", "1", "0.000000001"]);
    }
}
