//! A condition on the broker's own numbers: `pending > 1000`, `lag of partition-0 >= 50`.

use reports::history::Gauge;
use std::fmt;

/// A number that is sampled of a broker once a second.
#[derive(Debug, PartialEq, Eq)]
pub struct GaugeSpec {
    /// As the history's table `gauges` calls it: `pending`.
    pub name: &'static str,
    /// Whether it is of consumers, each by itself: where nobody consumes it stays 0, or is not sampled at all.
    pub of_consumers: bool,
    /// How it adds up where a condition names nothing that it is of.
    total: Total,
}

/// How samples of one gauge become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Total {
    /// Over all partitions.
    Sum,
    /// The greatest.
    Most,
    /// The least.
    Least,
}

/// Every gauge that a condition can be about.
pub const GAUGES: &[GaugeSpec] = &[
    GaugeSpec { name: "length", of_consumers: false, total: Total::Sum },
    GaugeSpec { name: "lag", of_consumers: false, total: Total::Sum },
    GaugeSpec { name: "pending", of_consumers: true, total: Total::Sum },
    GaugeSpec { name: "oldest-pending-ms", of_consumers: true, total: Total::Most },
    GaugeSpec { name: "in-sync-replicas", of_consumers: false, total: Total::Least },
    GaugeSpec { name: "aof-rewrites", of_consumers: false, total: Total::Most },
];

/// What one half of a pair of `partition-0`, `partition-1` … begins with.
pub const PARTITION: &str = "partition-";

/// A gauge, and beyond which number it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Which gauge.
    pub gauge: &'static GaugeSpec,
    /// Of what: a partition or a consumer; `None`: over all.
    pub of: Option<String>,
    than: Than,
    number: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Than {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// Longer ones first: each begins with a shorter one.
const SIGNS: [(&str, Than); 4] = [(">=", Than::AtLeast), ("<=", Than::AtMost), (">", Than::Above), ("<", Than::Below)];

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCondition {
    /// It has no sign, or not one only.
    Sign,
    /// This is no gauge.
    Gauge(String),
    /// What stands before the sign is neither a gauge nor a gauge of something.
    Subject,
    /// This is no number that a gauge can have.
    Number(String),
}

impl Condition {
    /// From a scenario's words.
    ///
    /// # Errors
    /// They are none.
    pub fn parse(text: &str) -> Result<Self, NoCondition> {
        let found = SIGNS.iter().find_map(|(sign, than)| Some((text.split_once(sign)?, *than)));
        let ((left, right), than) = found.ok_or(NoCondition::Sign)?;
        if right.contains(['<', '>', '=']) {
            return Err(NoCondition::Sign);
        }
        let words: Vec<&str> = left.split_whitespace().collect();
        let (name, of) = match words[..] {
            [name] => (name, None),
            [name, "of", of] => (name, Some(of.to_owned())),
            _ => return Err(NoCondition::Subject),
        };
        let gauge =
            GAUGES.iter().find(|gauge| gauge.name == name).ok_or_else(|| NoCondition::Gauge(name.to_owned()))?;
        let right = right.trim();
        let number: f64 = right.parse().map_err(|_| NoCondition::Number(right.to_owned()))?;
        if !(number.is_finite() && number >= 0.0) {
            return Err(NoCondition::Number(right.to_owned()));
        }
        Ok(Self { gauge, of, than, number })
    }

    /// The number that it is about, of one sample of all gauges; `None`: it was not sampled.
    pub fn value(&self, sample: &[Gauge]) -> Option<f64> {
        let of_gauge = sample.iter().filter(|row| row.metric == self.gauge.name);
        let meant = of_gauge.filter(|row| match &self.of {
            Some(of) => row.subject == *of,
            // What consumers hold is counted once more by partition.
            None => self.gauge.total != Total::Sum || row.subject.starts_with(PARTITION),
        });
        meant.map(|row| row.value).reduce(|one, other| match self.gauge.total {
            Total::Sum => one + other,
            Total::Most => one.max(other),
            Total::Least => one.min(other),
        })
    }

    /// Whether it cannot come true where nobody consumes.
    pub fn needs_consumers(&self) -> bool {
        let stays_at_zero = self.gauge.total == Total::Sum;
        self.gauge.of_consumers && !(stays_at_zero && self.is_met(0.0))
    }

    /// Whether it is true of this number.
    pub fn is_met(&self, value: f64) -> bool {
        match self.than {
            Than::Above => value > self.number,
            Than::AtLeast => value >= self.number,
            Than::Below => value < self.number,
            Than::AtMost => value <= self.number,
        }
    }

    /// Of two numbers that do not meet it, the one that comes nearer.
    pub fn nearer(&self, one: f64, other: f64) -> f64 {
        match self.than {
            Than::Above | Than::AtLeast => one.max(other),
            Than::Below | Than::AtMost => one.min(other),
        }
    }

    /// What the nearest number is called: `most`.
    pub const fn extreme(&self) -> &'static str {
        match self.than {
            Than::Above | Than::AtLeast => "most",
            Than::Below | Than::AtMost => "least",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = SIGNS.iter().find(|(_, than)| *than == self.than).map_or("", |(sign, _)| sign);
        out.write_str(self.gauge.name)?;
        if let Some(of) = &self.of {
            write!(out, " of {of}")?;
        }
        write!(out, " {sign} {}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::units::Nanos;

    fn sample() -> Vec<Gauge> {
        let row = |metric: &str, subject: &str, value| Gauge {
            at: Nanos(1),
            metric: metric.to_owned(),
            subject: subject.to_owned(),
            value,
        };
        vec![
            row("pending", "partition-0", 3.0),
            row("pending", "partition-1", 4.0),
            row("pending", "consumer-0", 7.0),
            row("oldest-pending-ms", "consumer-0", 5.0),
            row("oldest-pending-ms", "consumer-1", 9.0),
            row("in-sync-replicas", "partition-0", 3.0),
            row("in-sync-replicas", "partition-1", 2.0),
        ]
    }

    #[test]
    fn a_condition_is_read_and_shown_as_it_is_written() {
        for text in
            ["pending > 1000", "lag of partition-0 >= 50", "in-sync-replicas < 3", "pending of consumer-1 <= 0.5"]
        {
            assert_eq!(Condition::parse(text).expect("one").to_string(), text);
        }
        assert_eq!(Condition::parse("pending>5").expect("one").to_string(), "pending > 5");
    }

    #[test]
    fn what_is_none_says_which_part_is_wrong() {
        for (text, wrong) in [
            ("pending", NoCondition::Sign),
            ("pending == 5", NoCondition::Sign),
            ("1 < pending < 5", NoCondition::Sign),
            ("pendign > 5", NoCondition::Gauge("pendign".to_owned())),
            ("pending in partition-0 > 5", NoCondition::Subject),
            ("> 5", NoCondition::Subject),
            ("pending > many", NoCondition::Number("many".to_owned())),
            ("pending > -1", NoCondition::Number("-1".to_owned())),
            ("pending > inf", NoCondition::Number("inf".to_owned())),
        ] {
            assert_eq!(Condition::parse(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn a_gauge_adds_up_over_partitions_or_is_that_of_one_subject() {
        let value = |text: &str| Condition::parse(text).expect("one").value(&sample());
        assert_eq!(value("pending > 0"), Some(7.0));
        assert_eq!(value("pending of partition-1 > 0"), Some(4.0));
        assert_eq!(value("pending of consumer-0 > 0"), Some(7.0));
        assert_eq!(value("oldest-pending-ms > 0"), Some(9.0));
        assert_eq!(value("in-sync-replicas < 3"), Some(2.0));
        assert_eq!((value("lag > 0"), value("pending of consumer-9 > 0")), (None, None));
    }

    #[test]
    fn what_only_consumers_hold_cannot_be_waited_for_where_nobody_consumes() {
        let needs = |text: &str| Condition::parse(text).expect("one").needs_consumers();
        assert!(needs("pending > 0") && needs("pending of partition-0 >= 5") && needs("oldest-pending-ms < 9"));
        assert!(!needs("pending < 5") && !needs("pending >= 0") && !needs("lag > 5") && !needs("length > 5"));
    }

    #[test]
    fn it_is_met_beyond_its_number_and_the_nearest_value_is_told() {
        let met = |text: &str, value| Condition::parse(text).expect("one").is_met(value);
        assert!(met("pending > 5", 5.5) && !met("pending > 5", 5.0) && met("pending >= 5", 5.0));
        assert!(met("pending < 5", 4.0) && !met("pending < 5", 5.0) && met("pending <= 5", 5.0));
        let above = Condition::parse("pending > 5").expect("one");
        assert_eq!((above.nearer(1.0, 2.0), above.extreme()), (2.0, "most"));
        let below = Condition::parse("pending < 5").expect("one");
        assert_eq!((below.nearer(7.0, 6.0), below.extreme()), (6.0, "least"));
    }
}
