//! The first thing on the page: the verdict, the question, and the load.

use crate::render::story::stories;
use crate::render::text::one_line;
use crate::render::{number, verdict};
use crate::result::{RunResult, Verdict};
use maud::{Markup, html};

pub(super) fn section(result: &RunResult) -> Markup {
    html! {
        header class={ "headline " (result.verdict.word()) } {
            p class="eyebrow" { "Scenario " b { (one_line(&result.scenario.name)) } " · " (one_line(&result.run.started)) }
            h1 { (badge(result.verdict)) " " (one_line(&result.scenario.title)) }
            p class="sentence" { (verdict::sentence(result)) "." }
            (told(result))
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
            li { (number::count(load.offered)) " messages of " (number::bytes(load.message_bytes)) }
            li { (flow) }
            li { "seed " (load.seed) }
        }
    }
}
