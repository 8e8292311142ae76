//! The fairness table: what each wish of the scenario became on each system.

use super::elements::{scrolling, titled};
use crate::render::fairness::{Fairness, READ_BACK};
use crate::render::text::ABSENT;
use maud::{Markup, html};

pub(super) fn section(fairness: &Fairness) -> Markup {
    if fairness.rows.is_empty() {
        return html! {};
    }
    let table = html! {
        table class="fairness" {
            thead { tr {
                th scope="col" { "Wish" }
                @for system in &fairness.systems { th scope="col" { (system) } }
            } }
            tbody { @for (topic, cells) in &fairness.rows {
                tr {
                    th scope="row" { (topic) }
                    @for settings in cells {
                        td {
                            @if settings.is_empty() { (ABSENT) }
                            @for setting in settings {
                                div {
                                    code { (setting.setting) }
                                    @if setting.read_back { " " abbr title="as the started broker said when it was asked" { (READ_BACK) } }
                                    @if let Some(note) = &setting.note { " " span class="quiet" { (note) } }
                                }
                            }
                        }
                    }
                }
            } }
        }
    };
    let body = html! {
        p class="lead" { "The scenario declares each property once. The table shows the settings of each system that follow from it, so that differences can be seen. " (READ_BACK) " marks what the started broker itself said when it was asked; the rest is as it was asked for." }
        (scrolling("Settings of each system", &table))
    };
    titled("fairness", "Fairness: what each system was set to", &body)
}
