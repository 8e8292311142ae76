//! Checks: pure functions from measures to pass, fail or unknown, with the evidence.
//! From here measures and facts may be read; no table is read again and nothing is drawn.
//! To add one: copy `lost.rs`, and add its row to `CHECKS`.
