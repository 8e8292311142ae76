//! What each process used, and what passed over the network.

use super::elements::{grouped, titled};
use crate::render::costs::{IDLE, NETWORK, NETWORK_LEAD, PROCESSES, network, process};
use crate::render::label::Shown;
use maud::{Markup, html};

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.resources.is_empty() && shown.trial.network.is_none()) {
        return html! {};
    }
    let has_idle = shown.iter().flat_map(|shown| &shown.trial.resources).any(|process| process.idle_cores.is_some());
    let headings: Vec<&str> = PROCESSES.into_iter().chain(IDLE.into_iter().filter(|_| has_idle)).collect();
    let body = html! {
        p class="lead" { "Over the load phase. Growth compares the end of the load with its middle: a process whose memory stays flat shows none."
            @if has_idle { " Idle is what it uses with all clients connected and nothing sent." } }
        (grouped("Resources of each process", &headings, shown, |shown| html! {
            @for each in &shown.trial.resources { (row(&process(each, has_idle))) }
        }))
        p class="lead" { (NETWORK_LEAD) }
        (grouped("Network of each system", &NETWORK, shown, |shown| html! {
            @for way in network(shown.trial) { (row(&way))}
        }))
    };
    titled("resources", "What it cost", &body)
}

/// A line, by its first cell.
fn row(figures: &[String]) -> Markup {
    html! {
        tr {
            @for (column, figure) in figures.iter().enumerate() {
                @if column == 0 { th scope="row" { (figure) } }
                @else { td { (figure) } }
            }
        }
    }
}
