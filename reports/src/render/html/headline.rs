//! The first thing on the page: the verdict, the question, what happened, what did not hold and why, and the load.

use crate::render::label::labels;
use crate::render::story::stories;
use crate::render::text::{fit, one_line};
use crate::render::{load as load_words, number, verdict};
use crate::result::{CheckResult, RunResult, Verdict};
use maud::{Markup, html};
use std::cmp::Reverse;

/// So many checks that did not hold are told of at the top; all stand among the checks.
const TOLD: usize = 4;
/// Columns of a reason at most.
const REASON: usize = 320;

pub(super) fn section(result: &RunResult) -> Markup {
    html! {
        header class={ "headline " (result.verdict.word()) } {
            p class="eyebrow" { "Scenario " b { (one_line(&result.scenario.name)) } " · " (one_line(&result.run.started)) }
            h1 { (badge(result.verdict)) " " (one_line(&result.scenario.title)) }
            @if let Some(question) = verdict::question(result) { p class="question" { (question) } }
            p class="sentence" { (verdict::sentence(result)) "." }
            (told(result))
            (open(result))
            @for words in verdict::warned(result) { p class="remark" { (words) } }
            (load(result))
        }
    }
}

/// What happened on each system.
fn told(result: &RunResult) -> Markup {
    let stories = stories(result);
    html! {
        @if !stories.is_empty() {
            ul class="stories" aria-label="What happened" {
                @for story in stories { li { (badge(story.verdict)) " " b { (story.label) } " " (story.told) } }
            }
        }
    }
}

/// What did not hold, the worst first, with why: whoever reads no further must not have to guess.
fn open(result: &RunResult) -> Markup {
    let labels = labels(result);
    let trials = labels.iter().zip(&result.trials);
    let checks = trials.flat_map(|(label, trial)| trial.checks.iter().map(move |check| (label, check)));
    let mut open: Vec<(&String, &CheckResult)> =
        checks.filter(|(_, check)| check.counts_as() != Verdict::Pass).collect();
    open.sort_by_key(|(_, check)| Reverse(check.counts_as() as u8));
    let more = open.len().saturating_sub(TOLD);
    html! {
        @if !open.is_empty() {
            ul class="open" aria-label="What did not hold" {
                @for (label, check) in open.iter().take(TOLD) { li { (reason(label, check)) } }
                @if more > 0 { li { a href="#checks" { (more) " more" } } }
            }
        }
    }
}

fn reason(label: &str, check: &CheckResult) -> Markup {
    let (limit, observed) = (one_line(&check.limit), one_line(&check.observed));
    html! {
        (badge(check.counts_as())) " "
        a href="#checks" { (one_line(&check.name)) " on " (label) } " (limit " (limit) ", observed " (observed) "): "
        (fit(&one_line(&check.why), REASON))
    }
}

/// The verdict as a word in its colour, with a sign as a second channel.
pub(super) fn badge(verdict: Verdict) -> Markup {
    let sign = match verdict {
        Verdict::Pass => "✓",
        Verdict::Unknown => "?",
        Verdict::Fail => "✗",
    };
    html! { span class={ "badge " (verdict.word()) } { span aria-hidden="true" { (sign) " " } (verdict.word()) } }
}

fn load(result: &RunResult) -> Markup {
    let load = &result.scenario.workload;
    let flow = format!(
        "{} → {} → {}",
        number::of(load.producers.into(), "producer"),
        number::of(load.partitions.into(), "partition"),
        number::of(load.consumers.into(), "consumer")
    );
    html! {
        ul class="facts" aria-label="Load" {
            li { (one_line(&load.rate)) }
            li { (load_words::messages(load)) ", warm-up included" }
            li { (flow) }
            li { "seed " (load.seed) }
        }
    }
}
