//! What checks are shown, and how evidence reads.

use crate::facts::TrialFacts;
use crate::measure::Measures;
use crate::measure::accounting::Example;
use crate::plural::plural;
use crate::result::Reason;
use crate::units::Nanos;

/// A trial's facts and measures.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What was asked for.
    pub facts: &'a TrialFacts,
    /// What was measured.
    pub measures: &'a Measures,
}

impl Evidence<'_> {
    /// An instant as people read it: `+12.345 s` after the load's start, `−0.500 s` before it.
    pub fn instant(&self, at: Nanos) -> String {
        let start = self.measures.timeline.load.from;
        let (sign, length) = if at >= start { ('+', at.since(start)) } else { ('−', start.since(at)) };
        format!("{sign}{:.3} s", length.as_secs_f64())
    }

    /// Examples as a clause: `: producer-0 partition-1 seq 17 (at +3.210 s); …`. Empty where there are none.
    pub fn examples(&self, examples: &[Example], verb: &str) -> String {
        if examples.is_empty() {
            return String::new();
        }
        let each: Vec<_> = examples.iter().map(|example| self.example(example, verb)).collect();
        format!(": {}", each.join(", "))
    }

    fn example(&self, example: &Example, verb: &str) -> String {
        let mut details = Vec::new();
        if let Some(at) = example.at {
            let by = example.consumer.map_or_else(String::new, |consumer| format!(" by consumer-{}", consumer.0));
            details.push(format!("{verb} at {}{by}", self.instant(at)));
        }
        if let Some(position) = example.position {
            details.push(format!("position {}", position.0));
        }
        if let Some(earlier) = example.earlier {
            details.push(format!("settled at {}", self.instant(earlier)));
        }
        details.extend(example.note.clone());
        let name = example.message.map_or_else(
            || "a payload".to_owned(),
            |id| format!("producer-{} partition-{} seq {}", id.producer.0, id.partition.0, id.seq.0),
        );
        if details.is_empty() { name } else { format!("{name} ({})", details.join("; ")) }
    }
}

/// Reasons as a clause, the most frequent first: `: 12420 × OOM command not allowed, 3 × READONLY`. Empty where there are none.
pub fn reasons(reasons: &[Reason]) -> String {
    const NAMED: usize = 5;
    if reasons.is_empty() {
        return String::new();
    }
    let mut each: Vec<_> = reasons.iter().map(|reason| format!("{} × {}", reason.sends, reason.words)).collect();
    let more = each.len().saturating_sub(NAMED);
    each.truncate(NAMED);
    let more = if more > 0 { format!(", and {more} more reasons") } else { String::new() };
    format!(": {}{more}", each.join(", "))
}

/// `1 message was`, `3 messages were`.
pub fn messages(count: u64, rest: (&str, &str)) -> String {
    format!("{} {}", plural(count, "message"), if count == 1 { rest.0 } else { rest.1 })
}
