//! Measures: pure functions from a history to numbers.
//! From here the history may be read; nothing is judged and nothing is drawn.
//! To add one: copy `availability.rs`, and call it in `Measures::of`.
