//! What the words on the page mean.

use crate::result::RunResult;
use maud::{Markup, html};

const TERMS: [(&str, &str); 15] = [
    (
        "response time",
        "From the instant at which the schedule wanted a message sent until its outcome was known. It includes the wait of messages that could not be sent in time, which coordinated omission would hide.",
    ),
    (
        "service time",
        "From the hand-over to the client library until the outcome was known. Which waits it includes differs by library: see “service time” in the fairness table.",
    ),
    ("end-to-end", "From the intended send time, which the payload carries, until a consumer received the message."),
    ("p99", "99 of 100 values are at most this. Histograms keep three significant digits."),
    ("offered", "Sends that the schedule asked for and a producer began."),
    ("acknowledged", "Sends that the broker confirmed."),
    (
        "indeterminate",
        "Sends that ended in a timeout or a lost connection: they may or may not have happened, so they are never counted as lost.",
    ),
    ("lost", "Acknowledged and never delivered, when nothing more can come."),
    ("duplicated", "One message at two positions of the log. Not the same as redelivered."),
    (
        "redelivered",
        "Deliveries beyond a message's first: after a claim, a rebalance, a reconnect. Expected of at-least-once delivery.",
    ),
    ("resurrected", "Delivered again although its acknowledgement had been confirmed."),
    ("heal", "The instant at which a fault was confirmed to be over, by reading it back."),
    (
        "steady",
        "For five seconds, in every second at most 5 % of the messages due were never acknowledged or consumed, and at most 1 % took more than twice the p99 of before the first fault.",
    ),
    (
        "envelope",
        "The waits between connection attempts that a client's declared backoff allows: first wait, factor, cap and jitter.",
    ),
    (
        "unknown",
        "The evidence does not allow an answer. It is not a pass: a fault that was not confirmed, a load generator that did not keep up, a trial that was not drained.",
    ),
];

/// What a term means where nobody consumes, and the broker's log is all that there is. `None`: nothing.
fn without_consumers(term: &str, meaning: &'static str) -> Option<&'static str> {
    match term {
        "end-to-end" | "redelivered" | "resurrected" => None,
        "lost" => Some("Acknowledged and missing from the broker's log, and not because that was trimmed."),
        "duplicated" => Some("One message at two positions of the log."),
        "steady" => Some(
            "For five seconds, in every second at most 5 % of the messages due were never acknowledged, and at most 1 % took more than twice the p99 of before the first fault.",
        ),
        _ => Some(meaning),
    }
}

pub(super) fn section(result: &RunResult) -> Markup {
    let meant = |(term, meaning): (&'static str, &'static str)| {
        let meaning = if result.has_consumers() { Some(meaning) } else { without_consumers(term, meaning) };
        Some((term, meaning?))
    };
    html! {
        section id="terms" {
            details {
                summary { "What the words mean" }
                dl class="terms" { @for (term, meaning) in TERMS.into_iter().filter_map(meant) { dt { (term) } dd { (meaning) } } }
            }
        }
    }
}
