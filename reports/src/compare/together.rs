//! Many figures tested together: the chance that one of them differs by chance grows with their number.
//!
//! Benjamini and Hochberg (1995, *JRSS B* 57): where nothing has changed, the chance that anything is called is at most the
//! level, as with Bonferroni or Holm; where something has changed, at most this share of what is called is wrong. It holds for
//! figures that move together (Benjamini and Yekutieli 2001), as latencies do, and then finds more than Holm's.

/// The level: of what is called a change, at most this share is none.
pub(super) const LEVEL: f64 = 0.05;

/// Each chance as it counts among all: what is at most [`LEVEL`] is significant.
pub(super) fn adjusted(chances: &[f64]) -> Vec<f64> {
    let count = chances.len() as f64;
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|one, other| chances[*one].total_cmp(&chances[*other]));
    let mut adjusted = vec![1.0; chances.len()];
    let mut smallest: f64 = 1.0;
    for (rank, index) in order.into_iter().enumerate().rev() {
        smallest = smallest.min(chances[index] * count / (rank + 1) as f64);
        adjusted[index] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_paper_comes_out() {
        // Benjamini and Hochberg 1995, section 3.2: of 15 hypotheses four are rejected; Bonferroni's and Holm's reject three.
        let chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000,
        ];
        let significant = adjusted(&chances).iter().filter(|chance| **chance <= LEVEL).count();
        assert_eq!(significant, 4);
    }

    #[test]
    fn alone_a_chance_is_what_it_is() {
        assert_eq!(adjusted(&[0.04]), [0.04]);
        assert_eq!(adjusted(&[]), [0.0; 0]);
    }

    #[test]
    fn order_does_not_matter() {
        assert_eq!(adjusted(&[0.5, 0.01]), [0.5, 0.02]);
        assert_eq!(adjusted(&[0.01, 0.5]), [0.02, 0.5]);
    }
}
