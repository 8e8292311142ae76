//! Benches live in `benches/`, a program that scripts compare with is `redis-rs.rs`; there is no other code here.
