//! What each process used.

use super::elements::{grouped, titled};
use crate::render::label::Shown;
use crate::render::number;
use crate::render::text::{ABSENT, one_line};
use crate::result::ResourceResult;
use maud::{Markup, html};

const HEADINGS: [&str; 7] =
    ["Process", "Role", "CPU time", "CPU per million messages", "Peak memory", "Memory growth", "Written"];

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.resources.is_empty()) {
        return html! {};
    }
    let body = html! {
        p class="lead" { "Over the load phase. Growth compares the end of the load with its middle: a process whose memory stays flat shows none." }
        (grouped("Resources of each process", &HEADINGS, shown, |shown| html! { @for process in &shown.trial.resources { (row(process)) } }))
    };
    titled("resources", "What it cost", &body)
}

fn row(process: &ResourceResult) -> Markup {
    let per_million = process.cpu_s_per_million.map(|seconds| format!("{} s", number::decimal(seconds)));
    html! {
        tr {
            th scope="row" { (one_line(&process.process)) }
            td { (one_line(&process.role)) }
            td { (process.cpu_ns) }
            td { (per_million.as_deref().unwrap_or(ABSENT)) }
            td { (number::bytes(process.rss_max)) }
            td { (number::growth(process.rss_growth)) }
            td { (number::bytes(process.written)) }
        }
    }
}
