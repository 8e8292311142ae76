//! `report.html`: one file that needs nothing else: no network, no script, no font.
//! From here the comparison, the tables and the charts may be read; nothing is measured.
//! To add a section: copy `resources.rs`, and add it to `page`.

mod checks;
mod comparison;
pub(super) mod differences;
mod elements;
mod figures;
mod headline;
pub(super) mod matrix;
pub(super) mod nights;
mod phases;
mod provenance;
mod reconnects;
mod resources;
pub(super) mod search;
mod settings;
mod terms;
pub(super) mod trend;

use super::chart;
use super::comparison::Comparison;
use super::fairness::Fairness;
use super::label::shown;
use super::renderer::{RenderError, Renderer};
use super::text::{one_line, without_controls};
use crate::judge::Judged;
use maud::{Markup, html};

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
        Ok(without_controls(page(judged)?.into_string()))
    }
}

fn page(judged: &Judged) -> Result<Markup, RenderError> {
    let result = &judged.result;
    let shown = shown(judged);
    let word = result.verdict.word().to_uppercase();
    let body = html! {
        (headline::section(result))
        main {
            (comparison::section(&Comparison::of(result)))
            (figures::section(judged)?)
            (reconnects::section(&shown))
            (checks::section(result, &shown))
            (settings::section(&Fairness::of(result)))
            (phases::section(&shown))
            (resources::section(&shown))
            (provenance::section(result, &shown))
            (terms::section(result))
        }
    };
    let title = format!("{word}: {}", one_line(&result.scenario.title));
    Ok(elements::document(&title, &style(), &body))
}

fn style() -> String {
    let dark = chart::dark_rules("figure svg");
    format!("{}\n@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n", include_str!("style.css"))
}
