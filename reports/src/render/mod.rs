//! Renderers: from a judged run to a page, a table, a chart.
//! From here a result and its series may be read; no history, no facts of a trial.
//! To add one: copy `junit.rs`, and add its row to `RENDERERS`.
