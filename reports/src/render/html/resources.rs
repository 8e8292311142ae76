//! What each process used.

use super::elements::{grouped, titled};
use crate::render::label::Shown;
use crate::render::number;
use crate::render::text::{ABSENT, one_line};
use crate::result::ResourceResult;
use maud::{Markup, html};

const HEADINGS: [&str; 7] =
    ["Process", "Role", "CPU time", "CPU per million messages", "Peak memory", "Memory growth", "Written"];
/// Beside them, where it was measured.
const IDLE: [&str; 2] = ["Cores when idle", "Per million, idle cost subtracted"];

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.resources.is_empty()) {
        return html! {};
    }
    let processes = || shown.iter().flat_map(|shown| &shown.trial.resources);
    let has_idle = processes().any(|process| process.idle_cores.is_some());
    let headings: Vec<&str> = HEADINGS.into_iter().chain(IDLE.into_iter().filter(|_| has_idle)).collect();
    let body = html! {
        p class="lead" { "Over the load phase. Growth compares the end of the load with its middle: a process whose memory stays flat shows none."
            @if has_idle { " Idle is what it uses with all clients connected and nothing sent." } }
        (grouped("Resources of each process", &headings, shown, |shown| html! { @for process in &shown.trial.resources { (row(process, has_idle)) } }))
    };
    titled("resources", "What it cost", &body)
}

fn row(process: &ResourceResult, has_idle: bool) -> Markup {
    let seconds =
        |figure: Option<f64>| figure.map_or_else(|| ABSENT.to_owned(), |told| format!("{} s", number::decimal(told)));
    html! {
        tr {
            th scope="row" { (one_line(&process.process)) }
            td { (one_line(&process.role)) }
            td { (process.cpu_ns) }
            td { (seconds(process.cpu_s_per_million)) }
            td { (number::bytes(process.rss_max)) }
            td { (number::growth(process.rss_growth)) }
            td { (number::bytes(process.written)) }
            @if has_idle {
                td { (process.idle_cores.map_or_else(|| ABSENT.to_owned(), number::decimal)) }
                td { (seconds(process.cpu_s_per_million_busy)) }
            }
        }
    }
}
