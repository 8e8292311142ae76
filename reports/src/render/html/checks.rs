//! Every check with its limit, what was seen, and why it was judged so. The worst come first.

use super::elements::{scrolling, titled};
use super::headline::badge;
use crate::render::label::Shown;
use crate::render::text::one_line;
use crate::render::verdict::{known, tracked};
use crate::result::{CheckResult, RunResult, Verdict};
use maud::{Markup, html};
use std::cmp::Reverse;

pub(super) fn section(result: &RunResult, shown: &[Shown<'_>]) -> Markup {
    let mut all: Vec<(&str, &CheckResult)> = shown
        .iter()
        .flat_map(|shown| shown.trial.checks.iter().map(move |check| (shown.label.as_str(), check)))
        .collect();
    // Failures that are known stand below what counts, and above what held.
    let place = |check: &CheckResult| if check.known.is_some() { (0, 1) } else { (check.counts_as() as u8, 0) };
    all.sort_by_key(|(_, check)| Reverse(place(check)));
    let held = all.partition_point(|(_, check)| check.verdict != Verdict::Pass);
    let (open, passed) = all.split_at(held);
    let body = html! {
        @if all.is_empty() { p { "No check was made." } }
        @if !open.is_empty() { (scrolling("Checks that did not pass", &table(open))) }
        @for words in known(result) { p class="remark" { (words) } }
        @if !passed.is_empty() {
            details open[open.is_empty()] {
                summary { (passed.len()) " that held" }
                (scrolling("Checks that held", &table(passed)))
            }
        }
    };
    titled("checks", "Checks", &body)
}

fn table(checks: &[(&str, &CheckResult)]) -> Markup {
    html! {
        table class="checks stacks" {
            thead { tr {
                @for heading in ["Verdict", "Check", "System", "Limit", "Observed", "Why"] { th scope="col" { (heading) } }
            } }
            tbody { @for (label, check) in checks {
                tr {
                    td { @match tracked(check) {
                        Some(_) => span class="badge" { span aria-hidden="true" { "○ " } "known" },
                        None => (badge(check.verdict)),
                    } }
                    th scope="row" { (one_line(&check.name)) }
                    td data-is="on" { (label) }
                    td data-is="limit" { (one_line(&check.limit)) }
                    td data-is="observed" { (one_line(&check.observed)) }
                    td class="why" {
                        @if let Some(known) = tracked(check) { b { (known) } "; " }
                        (one_line(&check.why))
                    }
                }
            } }
        }
    }
}
