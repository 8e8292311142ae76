//! Tests of the history as a whole: rows → file → rows, and everything that may happen to the file in between.
//! From here temporary folders may be touched.
//! To add one: copy `truncation.rs`, and build its files with `samples.rs`.

mod damage;
mod foreign;
mod integrity;
mod merge;
mod pyarrow;
mod registry;
mod round_trip;
mod samples;
mod size;
mod trial_file;
mod truncation;
mod writer;
