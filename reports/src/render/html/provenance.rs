//! Where the figures come from: versions, machine, command.

use super::elements::titled;
use crate::facts::Path;
use crate::render::label::Shown;
use crate::render::text::one_line;
use crate::result::{RunResult, TrialResult};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(result: &RunResult, shown: &[Shown<'_>]) -> Markup {
    let run = &result.run;
    let body = html! {
        div class="cards" {
            div class="card" {
                h3 { "Run" }
                dl {
                    dt { "id" } dd { (one_line(&run.id)) }
                    dt { "started" } dd { (one_line(&run.started)) }
                    dt { "command" } dd { code { (one_line(&run.command.join(" "))) } }
                    (pairs(&run.versions))
                }
            }
            div class="card" { h3 { "Machine" } dl { (pairs(&run.host)) } }
            @for shown in shown {
                div class="card" { h3 { (shown.label) } (trial(shown.trial)) }
            }
        }
    };
    titled("provenance", "Provenance", &body)
}

fn trial(trial: &TrialResult) -> Markup {
    let path = match trial.path {
        Path::Direct => "direct",
        Path::Proxied => "through Toxiproxy",
    };
    html! {
        dl {
            dt { "broker" } dd { (one_line(&trial.broker)) }
            dt { "client" } dd { (one_line(&trial.client)) }
            dt { "path" } dd { (path) }
            (pairs(&trial.versions))
            dt { "folder" } dd { code { (one_line(&trial.folder)) } }
        }
    }
}

fn pairs(pairs: &BTreeMap<String, String>) -> Markup {
    html! { @for (name, value) in pairs { dt { (one_line(name)) } dd { (one_line(value)) } } }
}
