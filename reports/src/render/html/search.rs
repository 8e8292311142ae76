//! `search.html`: the highest rate of each system, and the path to it.

use super::elements::{document, scrolling, titled};
use super::style;
use crate::render::RenderError;
use crate::render::chart;
use crate::render::nights::address;
use crate::render::searches::{COLUMNS, answer, headline, limits, path};
use crate::render::text::{one_line, without_controls};
use crate::search::{Search, SystemSearch};
use maud::{Markup, PreEscaped, html};
use std::path::Path;

/// The page.
pub(in crate::render) fn render(search: &Search) -> Result<String, RenderError> {
    let sections = search.systems.iter().enumerate().map(|(index, one)| section(index, one));
    let sections: Vec<Markup> = sections.collect::<Result<_, _>>()?;
    let word = search.verdict().word();
    let body = html! {
        header class={ "headline " (word) } {
            p class="eyebrow" { "Search for the highest sustained rate · " (one_line(&search.title)) }
            h1 { span class={ "badge " (word) } { (word) } " " (headline(search)) }
            p class="lead" { (limits(search)) }
        }
        main { @for section in &sections { (section) } }
    };
    let title = format!("{}: search, {}", word.to_uppercase(), one_line(&search.scenario));
    Ok(without_controls(document(&title, &style(), &body).into_string()))
}

fn section(index: usize, system: &SystemSearch) -> Result<Markup, RenderError> {
    let told = answer(system);
    let drawn = chart::search(system, &format!("search-{index}"), &told.join(" "))?;
    let folders = system.walks.iter().flat_map(|walk| &walk.steps).map(|step| step.folder.as_str());
    let table = html! {
        table class="path stacks" {
            thead { tr { @for column in COLUMNS { th scope="col" { (column) } } } }
            tbody { @for (row, folder) in path(system).iter().zip(folders) { (step(row, folder)) } }
        }
    };
    let measured = system.walks.iter().any(|walk| !walk.steps.is_empty());
    let body = html! {
        ul class="finding" { @for one in &told { li { (one) } } }
        @if let Some((wide, narrow)) = &drawn {
            figure {
                div class="wide" { (PreEscaped(wide)) }
                div class="narrow" { (PreEscaped(narrow)) }
            }
        }
        @if measured { (scrolling("Path of the search", &table)) }
    };
    Ok(titled(&format!("system-{index}"), &one_line(&system.system), &body))
}

/// One step, with its rate leading to its report.
fn step(row: &[String; 8], folder: &str) -> Markup {
    let report = address(&Path::new(folder).join("report.html"));
    html! {
        tr {
            th scope="row" { a href=(report) { (row[0]) } }
            @for (cell, column) in row.iter().zip(COLUMNS).skip(1).filter(|(cell, _)| !cell.is_empty()) {
                td data-is=(column) class=[(column == "why").then_some("why")] { (cell) }
            }
        }
    }
}
