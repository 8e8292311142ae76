//! How uncertain the figures of one trial are by themselves: what they would vary by if the same load went on.

use super::block_length::block_length;
use super::quantile::Quantile;
use super::resample::{Drawing, RESAMPLES, variance};
use crate::facts::LatencyKind;
use crate::histogram::{Packed, Sketch};
use crate::series::{Block, TrialSeries};
use crate::units::Nanos;
use std::collections::BTreeMap;

const KINDS: [LatencyKind; 3] = [LatencyKind::Response, LatencyKind::Service, LatencyKind::EndToEnd];

/// Variances of the logarithms of one trial's figures, by the stationary bootstrap over its blocks. Zero where there are too
/// few blocks to draw from: then only other trials can tell.
#[derive(Debug, Default)]
pub(crate) struct Within {
    throughput: f64,
    latency: BTreeMap<(LatencyKind, Quantile), f64>,
}

impl Within {
    /// Of a trial. `stream`: which random numbers; no two trials have the same.
    pub(crate) fn of(series: &TrialSeries, stream: u64) -> Self {
        const FEWEST: usize = 4;
        let blocks = &series.blocks;
        if blocks.len() < FEWEST {
            return Self::default();
        }
        let ends = ends(series);
        let length = mean_length(blocks, &ends);
        // The same drawings for each figure, and one kind's times at a time: a long load has many.
        let drawings = || {
            let mut drawing = Drawing::new(stream);
            let ends = &ends;
            std::iter::repeat_with(move || drawing.counts(ends, length)).take(RESAMPLES)
        };
        let messages = |(block, times): (&Block, &u32)| block.acknowledged * u64::from(*times);
        let throughputs: Vec<f64> = drawings()
            .filter_map(|counts| logarithm(blocks.iter().zip(&counts).map(messages).sum::<u64>() as f64))
            .collect();
        let mut latency = BTreeMap::new();
        for kind in KINDS {
            let dense = Dense::of(blocks, kind);
            let mut drawn: BTreeMap<Quantile, Vec<f64>> = BTreeMap::new();
            for (quantile, time) in drawings().flat_map(|counts| dense.quantiles(&counts)) {
                drawn.entry(quantile).or_default().extend(logarithm(time.0 as f64));
            }
            let variances = drawn.iter().map(|(quantile, drawn)| ((kind, *quantile), variance(drawn).unwrap_or(0.0)));
            latency.extend(variances);
        }
        Self { throughput: variance(&throughputs).unwrap_or(0.0), latency }
    }

    pub(crate) const fn throughput(&self) -> f64 {
        self.throughput
    }

    pub(crate) fn latency(&self, kind: LatencyKind, quantile: Quantile) -> f64 {
        self.latency.get(&(kind, quantile)).copied().unwrap_or(0.0)
    }
}

/// Where the parts end that are drawn apart: at each begin and end of a fault, and at the end.
fn ends(series: &TrialSeries) -> Vec<usize> {
    let bounds = series.faults.iter().flat_map(|band| [band.from, band.to]);
    let length = series.blocks.get(1).map_or(Nanos::SECOND, |second| second.at);
    // A block belongs to the part in which most of it lies.
    let place =
        |bound: Nanos| series.blocks.iter().take_while(|block| block.at.plus(Nanos(length.0 / 2)) < bound).count();
    let mut ends: Vec<usize> = bounds.map(place).chain([series.blocks.len()]).filter(|end| *end > 0).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// One length for all figures of a trial: the longest that one of its series asks for.
fn mean_length(blocks: &[Block], ends: &[usize]) -> f64 {
    let latencies = KINDS.into_iter().flat_map(|kind| {
        let quantiles = blocks.iter().map(|block| log_quantiles(&block.of(kind).sketch())).collect::<Vec<_>>();
        (0..Quantile::ALL.len()).map(move |which| quantiles.iter().map(|of_block| of_block[which]).collect())
    });
    let throughput: Vec<f64> = blocks.iter().map(|block| (block.acknowledged as f64 + 1.0).ln()).collect();
    let series = latencies.chain([throughput]);
    series.map(|values: Vec<f64>| block_length(&levelled(&values, ends))).fold(1.0, f64::max)
}

/// The series without the levels of its parts: that an outage is slower than what was before it is no memory.
fn levelled(values: &[f64], ends: &[usize]) -> Vec<f64> {
    let mut levelled = Vec::with_capacity(values.len());
    let mut begin = 0;
    for end in ends {
        let part = &values[begin..*end];
        let mean = part.iter().sum::<f64>() / part.len().max(1) as f64;
        levelled.extend(part.iter().map(|value| value - mean));
        begin = *end;
    }
    levelled
}

/// By the order of [`Quantile::ALL`].
fn log_quantiles(sketch: &Sketch) -> [f64; Quantile::ALL.len()] {
    let all: u64 = sketch.iter().map(|(_, count)| count).sum();
    Quantile::ALL.map(|quantile| {
        let time = at_rank(sketch.iter().copied(), quantile.rank(all));
        logarithm(time.0 as f64).unwrap_or(0.0)
    })
}

fn logarithm(value: f64) -> Option<f64> {
    (value > 0.0).then(|| value.ln())
}

/// The time at a rank, from 1, of times in ascending order.
fn at_rank(times: impl Iterator<Item = (Nanos, u64)>, rank: u64) -> Nanos {
    let mut seen = 0;
    let mut last = Nanos::ZERO;
    for (time, count) in times {
        seen += count;
        if count > 0 {
            last = time;
        }
        if seen >= rank {
            break;
        }
    }
    last
}

/// The sketches of all blocks over the same times, so that any drawing of them is added up quickly.
struct Dense {
    times: Vec<Nanos>,
    /// For each time of a block: which of all it is, and how often it was.
    blocks: Vec<Vec<(u32, u32)>>,
}

impl Dense {
    fn of(blocks: &[Block], kind: LatencyKind) -> Self {
        let all = Packed::merged(blocks.iter().map(|block| block.of(kind))).sketch();
        let times: Vec<Nanos> = all.into_iter().map(|(time, _)| time).collect();
        // There are fewer buckets than that, and fewer messages in a block.
        let place = |time: Nanos| u32::try_from(times.partition_point(|other| *other < time)).unwrap_or(u32::MAX);
        let placed = |(time, count): (Nanos, u64)| (place(time), u32::try_from(count).unwrap_or(u32::MAX));
        let block = |block: &Block| block.of(kind).sketch().into_iter().map(placed).collect();
        Self { blocks: blocks.iter().map(block).collect(), times }
    }

    /// The quantiles of a drawing; none of a drawing of nothing.
    fn quantiles(&self, drawn: &[u32]) -> Vec<(Quantile, Nanos)> {
        let mut totals = vec![0u64; self.times.len()];
        for (block, times) in self.blocks.iter().zip(drawn).filter(|(_, times)| **times > 0) {
            for (place, count) in block {
                totals[*place as usize] += u64::from(*count) * u64::from(*times);
            }
        }
        let all: u64 = totals.iter().sum();
        if all == 0 {
            return Vec::new();
        }
        let times = || self.times.iter().copied().zip(totals.iter().copied());
        Quantile::ALL.map(|quantile| (quantile, at_rank(times(), quantile.rank(all)))).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulated::{autoregressive, series};
    use super::*;
    use crate::series::FaultBand;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_time_of_a_block_has_its_place_among_those_of_all(
            blocks in prop::collection::vec(
                prop::collection::vec((prop_oneof![0..5_000_u64, 0..u64::MAX], 1..50_u32), 0..40),
                0..6,
            ),
        ) {
            let packed = |times: Vec<(u64, u32)>| times.into_iter().map(|(time, count)| (Nanos(time), count)).collect();
            let block = |times| Block { response: packed(times), ..Block::default() };
            let blocks: Vec<Block> = blocks.into_iter().map(block).collect();
            let dense = Dense::of(&blocks, LatencyKind::Response);
            for (block, placed) in blocks.iter().zip(&dense.blocks) {
                let time = |(place, count): &(u32, u32)| (dense.times[*place as usize], u64::from(*count));
                prop_assert_eq!(placed.iter().map(time).collect::<Sketch>(), block.response.sketch());
            }
        }
    }

    fn p50(series: &TrialSeries, stream: u64) -> f64 {
        Within::of(series, stream).latency(LatencyKind::Response, Quantile::P50)
    }

    #[test]
    fn what_remembers_is_less_certain_than_what_does_not() {
        let mean = |memory: f64| {
            (0..10).map(|seed| p50(&series(&autoregressive(seed, 120, memory)), seed)).sum::<f64>() / 10.0
        };
        // Of AR(1) with memory 0.8, scaled to the same variance, a mean is 9 times as uncertain as of white noise.
        let (white, red) = (mean(0.0), mean(0.8));
        assert!(red > 3.0 * white, "{white} {red}");
    }

    #[test]
    fn an_outage_is_no_uncertainty_where_it_is_known_when_it_was() {
        let mut values = vec![0.0; 60];
        values[20..35].fill(3.0);
        let unknown = series(&values);
        let mut known = unknown.clone();
        // Confirmed a little later than it was planned.
        let (from, to) = (Nanos::from_millis(20_020), Nanos::from_millis(35_020));
        known.faults = vec![FaultBand { name: "down-1".to_owned(), from, to }];
        let p99 = |series: &TrialSeries| Within::of(series, 1).latency(LatencyKind::Response, Quantile::P50);
        assert!(p99(&known) < p99(&unknown) / 4.0, "{} {}", p99(&known), p99(&unknown));
        assert_eq!(ends(&known), [20, 35, 60]);
    }

    #[test]
    fn the_same_is_drawn_whenever_it_is_asked_for() {
        let series = series(&autoregressive(3, 50, 0.5));
        assert_eq!(p50(&series, 7).to_bits(), p50(&series, 7).to_bits());
        assert_eq!(p50(&TrialSeries::default(), 7).to_bits(), 0.0_f64.to_bits());
    }
}
