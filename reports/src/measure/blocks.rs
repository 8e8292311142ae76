//! Blocks: the load phase in stretches that can be drawn again, each with the distribution of its times.

use crate::histogram::Packed;
use crate::series::Block;

/// No load has more blocks: a longer one has longer blocks, so that resampling stays cheap and memory bounded.
pub(super) const MOST: usize = 240;

/// Seconds, merged in equal groups until there are few enough. Seconds that make no whole group at the end are left out.
pub(super) fn merged(seconds: impl Iterator<Item = Block>, count: usize) -> Vec<Block> {
    let size = count.div_ceil(MOST).max(1);
    let mut blocks = Vec::new();
    let mut group = Vec::with_capacity(size);
    for second in seconds {
        group.push(second);
        if group.len() == size {
            blocks.push(one(&mut group));
        }
    }
    blocks
}

fn one(group: &mut Vec<Block>) -> Block {
    if let [_] = group.as_slice() {
        return group.pop().unwrap_or_default();
    }
    let block = Block {
        at: group.first().map(|first| first.at).unwrap_or_default(),
        acknowledged: group.iter().map(|block| block.acknowledged).sum(),
        response: Packed::merged(group.iter().map(|block| &block.response)),
        service: Packed::merged(group.iter().map(|block| &block.service)),
        end_to_end: Packed::merged(group.iter().map(|block| &block.end_to_end)),
    };
    group.clear();
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;

    fn second(index: u64) -> Block {
        let response = [(Nanos(10), 1), (Nanos(20 + index), 2)].into_iter().collect();
        Block { at: Nanos::from_secs(index), acknowledged: 3, response, ..Block::default() }
    }

    #[test]
    fn a_short_load_keeps_its_seconds() {
        let seconds: Vec<_> = (0..30).map(second).collect();
        assert_eq!(merged(seconds.iter().cloned(), 30), seconds);
    }

    #[test]
    fn a_long_load_has_few_blocks_and_loses_no_time_that_was_measured() {
        let blocks = merged((0..1000).map(second), 1000);
        assert_eq!(blocks.len(), 200);
        assert_eq!((blocks[1].at, blocks[1].acknowledged), (Nanos::from_secs(5), 15));
        assert_eq!(blocks[0].response.sketch()[0], (Nanos(10), 5));
        assert_eq!(blocks.iter().flat_map(|block| block.response.sketch()).map(|(_, count)| count).sum::<u64>(), 3000);
    }
}
