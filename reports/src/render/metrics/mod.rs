//! `metrics.prom`: a run's figures in the text format of Prometheus, for the textfile collector of its node exporter.
//! From here a result may be read; nothing is measured, and no series: a run is one sample of each figure.
//! To add a figure: copy a family of `figures.rs`, and add it to the list there and to `docs/nightly.md`.

mod family;
mod figures;
mod labelled;
mod verdicts;

use super::renderer::{RenderError, Renderer};
use crate::judge::Judged;
use crate::result::RunResult;
use family::Family;

/// Renders `metrics.prom`.
pub struct Metrics;

impl Renderer for Metrics {
    fn file_name(&self) -> &'static str {
        "metrics.prom"
    }

    fn about(&self) -> &'static str {
        "the figures for Prometheus, to be put where its node exporter looks"
    }

    fn render(&self, judged: &Judged) -> Result<String, RenderError> {
        Ok(of_runs([&judged.result]))
    }
}

/// The figures of several runs in one text, in which each family stands once.
pub fn of_runs<'r>(results: impl IntoIterator<Item = &'r RunResult>) -> String {
    let mut families: Vec<Family> = Vec::new();
    for result in results {
        for family in verdicts::families(result).into_iter().chain(figures::families(result)) {
            match families.iter_mut().find(|known| known.is_same(&family)) {
                Some(known) => known.absorb(family),
                None => families.push(family),
            }
        }
    }
    families.iter().map(Family::render).collect()
}
