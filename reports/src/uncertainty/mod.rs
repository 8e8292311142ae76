//! Uncertainty: how sure the figures of one trial are by what its own series shows.
//! From here series, results and units may be read; two trials are never compared here.
//! To tell one more figure: copy `throughput` in `within.rs`, and add its row to `figures.rs`.

mod block_length;
mod figures;
mod quantile;
mod resample;
mod within;

#[cfg(test)]
pub(crate) mod simulated;

pub(crate) use figures::intervals;
pub(crate) use quantile::Quantile;
pub(crate) use resample::variance;
pub(crate) use within::Within;
