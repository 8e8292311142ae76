//! `metrics.prom`: a run's figures in the text format of Prometheus, for the textfile collector of its node exporter.
//! From here a result may be read; nothing is measured, and no series: a run is one sample of each figure.
//! To add a figure: copy a family of `figures.rs`, and add it to the list there.

mod family;
mod figures;
mod labelled;
mod verdicts;

use super::renderer::{RenderError, Renderer};
use crate::judge::Judged;

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
        let result = &judged.result;
        let families = verdicts::families(result).into_iter().chain(figures::families(result));
        Ok(families.map(|family| family.render()).collect())
    }
}
