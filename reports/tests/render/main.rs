//! Renderers on whole runs made by hand: what each file says, and that no text of a run can leave its place in it.

#![allow(clippy::expect_used, reason = "what a test relies on may panic, also in the functions that tests share")]

mod charts;
mod console;
mod differences;
mod files;
mod html;
mod json;
mod junit;
mod known;
mod markdown;
mod matrices;
mod metrics;
mod nights;
mod sample;
mod searches;
mod story;
mod trends;
