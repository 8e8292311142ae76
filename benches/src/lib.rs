//! Benches live in `benches/`, the programs that they compare with in `bin/`; there is no other code here.
