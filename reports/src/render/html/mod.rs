//! `report.html`: one file that needs nothing else: no network, no script, no font.
//! From here the comparison, the tables and the charts may be read; nothing is measured.
//! To add a section: copy `resources.rs`, and add it to `page`.

mod checks;
mod comparison;
mod figures;
mod headline;
mod phases;
mod provenance;
mod reconnects;
mod resources;
mod settings;
mod terms;

use super::comparison::{Comparison, Mark};
use super::fairness::Fairness;
use super::label::{Shown, shown};
use super::text::{one_line, without_controls};
use super::{RenderError, Renderer, chart};
use crate::judge::Judged;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Renders `report.html`.
pub struct Html;

impl Renderer for Html {
    fn file_name(&self) -> &'static str {
        "report.html"
    }

    fn about(&self) -> &'static str {
        "everything on one self-contained page, with charts"
    }

    fn render(&self, judged: &Judged) -> Result<String, RenderError> {
        Ok(without_controls(&page(judged)?.into_string()))
    }
}

fn page(judged: &Judged) -> Result<Markup, RenderError> {
    let result = &judged.result;
    let shown = shown(judged);
    let word = result.verdict.word().to_uppercase();
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // The page promises to load nothing, and the browser holds it to that.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (word) ": " (one_line(&result.scenario.title)) }
                style { (PreEscaped(style())) }
            }
            body {
                (headline::section(result))
                main {
                    (comparison::section(&Comparison::of(result)))
                    (figures::section(judged)?)
                    (reconnects::section(&shown))
                    (checks::section(&shown))
                    (settings::section(&Fairness::of(result)))
                    (phases::section(&shown))
                    (resources::section(&shown))
                    (provenance::section(result, &shown))
                    (terms::section())
                }
            }
        }
    })
}

fn style() -> String {
    let dark = chart::dark_rules("figure svg");
    format!("{}\n@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n", include_str!("style.css"))
}

/// A section with a heading that can be linked to.
fn titled(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } { (title) }
            (body)
        }
    }
}

/// A table that scrolls by itself where the page is too narrow, also by keyboard.
fn scrolling(label: &str, table: &Markup) -> Markup {
    html! { div class="scroll" tabindex="0" role="group" aria-label=(label) { (table) } }
}

/// A table of figures with a group of rows for each trial.
fn grouped(label: &str, headings: &[&str], shown: &[Shown<'_>], rows: impl Fn(&Shown<'_>) -> Markup) -> Markup {
    let table = html! {
        table class="figures" {
            thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
            @for shown in shown {
                tbody {
                    tr class="group" { th scope="rowgroup" colspan=(headings.len()) { (shown.label) } }
                    (rows(shown))
                }
            }
        }
    };
    scrolling(label, &table)
}

/// The class of a marked figure.
const fn class(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::None => None,
        Mark::Best => Some("best"),
        Mark::Alarm => Some("alarm"),
        Mark::Doubtful => Some("doubtful"),
    }
}
