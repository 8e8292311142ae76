//! Renderers: from a judged run to a page, a table, a chart.
//! From here a result and its series may be read; no history, no facts of a trial.
//! To add one: copy `junit.rs`, and add its row to `RENDERERS`.

mod busy;
mod cells;
pub mod chart;
mod comparison;
pub mod console;
mod costs;
mod differences;
mod fairness;
mod files;
pub mod html;
pub mod json;
pub mod junit;
mod label;
mod load;
pub mod markdown;
pub mod matrices;
pub mod metrics;
pub mod nights;
mod number;
mod proxied;
mod reconnects;
mod recoveries;
mod renderer;
mod searches;
mod story;
pub mod text;
mod trends;
mod verdict;
mod why;
mod winner;
mod yardstick;

pub use differences::write_comparison;
pub use files::write_reports;
pub use matrices::write_matrix;
pub use renderer::{RenderError, Renderer};
pub use searches::write_search;
pub use trends::write_trend;

/// Every renderer. `result.json` comes first: it is what cannot be made again without judging again.
pub static RENDERERS: &[&dyn Renderer] =
    &[&json::Json, &markdown::Markdown, &junit::Junit, &metrics::Metrics, &html::Html];
