//! `compare.html`: what differs between two runs, on a page of its own.

use super::elements::{document, scrolling, titled};
use super::style;
use crate::compare::comparison::{ComparedRun, SystemComparison};
use crate::compare::{Change, CompareVerdict, RunComparison};
use crate::plural::plural;
use crate::render::differences::{DifferenceLine, method, reasons};
use crate::render::text::{one_line, without_controls};
use maud::{Markup, html};

/// The page.
pub(in crate::render) fn render(comparison: &RunComparison) -> String {
    let word = comparison.verdict.word();
    let title = one_line(&comparison.run.scenario);
    let body = html! {
        header class="headline" {
            p class="eyebrow" { "Two runs of " b { (title) } }
            h1 { (badge(comparison.verdict)) " " (title) }
            p class="sentence" { (one_line(&comparison.why)) "." }
            ul class="facts" aria-label="Runs" {
                li { "base " (run(&comparison.base)) }
                li { "run " (run(&comparison.run)) }
            }
        }
        main {
            (refusals(comparison))
            @for system in &comparison.systems { (table(system)) }
            (words(comparison))
        }
    };
    let page = document(&format!("{}: {title}", word.to_uppercase()), &style(), &body);
    without_controls(page.into_string())
}

fn badge(verdict: CompareVerdict) -> Markup {
    let (class, sign) = match verdict {
        CompareVerdict::NothingConfirmed => ("pass", "✓"),
        CompareVerdict::Unknown => ("unknown", "?"),
        CompareVerdict::Regression => ("fail", "✗"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) " " } (verdict.word()) } }
}

fn run(run: &ComparedRun) -> String {
    one_line(&format!("{}, {}", run.id, run.started))
}

fn refusals(comparison: &RunComparison) -> Markup {
    if comparison.refusals.is_empty() {
        return html! {};
    }
    let title = if comparison.anyway { "Compared all the same" } else { "Why they cannot be compared" };
    let body = html! { @for refusal in &comparison.refusals { p class="remark" { (one_line(&refusal.why)) } } };
    titled("refusals", title, &body)
}

fn table(system: &SystemComparison) -> Markup {
    let name = one_line(&system.system);
    let lines: Vec<DifferenceLine> = system.differences.iter().map(DifferenceLine::of).collect();
    let table = html! {
        table class="figures" {
            thead { tr {
                th scope="col" { "figure" }
                @for heading in ["base", "run", "change in %", "95 % interval", "threshold", "answer"] {
                    th scope="col" { (heading) }
                }
            } }
            tbody { @for line in &lines {
                tr {
                    th scope="row" { (line.name) }
                    @for cell in [&line.base, &line.run, &line.difference, &line.interval, &line.threshold] { td { (cell) } }
                    td { (answer(line)) }
                }
            } }
        }
    };
    let trials = format!("{} against {}", plural(system.run_trials as u64, "trial"), system.base_trials);
    let body = html! { p class="lead" { (trials) } (scrolling(&name, &table)) };
    titled(&format!("system-{}", anchor(&name)), &name, &body)
}

fn answer(line: &DifferenceLine) -> Markup {
    let class = match line.change {
        Change::Worse => "badge fail",
        Change::Better => "badge pass",
        Change::CannotBeCompared => "badge unknown",
        Change::NotEnoughData if line.doubtful => "badge unknown",
        Change::NotEnoughData | Change::NoChange => "badge",
    };
    html! { span class=(class) { (line.change.word()) } }
}

fn words(comparison: &RunComparison) -> Markup {
    let body = html! {
        @for (change, why) in reasons(comparison) {
            p { b { (change.word()) } ": " (why) }
        }
        @for note in &comparison.notes { p class="remark" { (one_line(note)) } }
        p class="key" { (method(comparison)) }
    };
    titled("words", "In words", &body)
}

fn anchor(name: &str) -> String {
    name.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}
