//! Waiting until a condition on the broker's gauges comes true.

use super::observer::Sample;
use crate::clock;
use crate::model::Condition;
use reports::units::Nanos;
use tokio::sync::watch;

/// One condition, and how near its gauge has come.
#[derive(Debug)]
pub(super) struct Trigger {
    condition: Condition,
    samples: watch::Receiver<Sample>,
    /// The load's first instant.
    load: Nanos,
    nearest: Option<f64>,
}

impl Trigger {
    pub(super) fn new(condition: Condition, samples: watch::Receiver<Sample>, load: Nanos) -> Self {
        Self { condition, samples, load, nearest: None }
    }

    /// Waits for a sample that was taken at `from` or later and meets it, until the last instant that is of use; in words, when it
    /// came true and by which number. `None`: it did not.
    pub(super) async fn comes_true(&mut self, from: Nanos, until: Nanos) -> Option<String> {
        loop {
            if let Some(words) = self.look(from) {
                return Some(words);
            }
            let rest = until.since(clock::now());
            if rest == Nanos::ZERO || tokio::time::timeout(rest.into(), self.samples.changed()).await.is_err() {
                return None;
            }
        }
    }

    fn look(&mut self, from: Nanos) -> Option<String> {
        let sample = Sample::clone(&self.samples.borrow_and_update());
        let at = sample.iter().map(|row| row.at).min().filter(|at| *at >= from)?;
        let value = self.condition.value(&sample)?;
        let condition = &self.condition;
        if condition.is_met(value) {
            return Some(format!("{condition} came true {} after the load began, by {value}", at.since(self.load)));
        }
        self.nearest = Some(self.nearest.map_or(value, |nearest| condition.nearer(nearest, value)));
        None
    }

    /// Why nothing was done, in words.
    pub(super) fn never(&self) -> String {
        let condition = &self.condition;
        let nearest = match self.nearest {
            Some(value) => format!("the {} was {value}", condition.extreme()),
            None => "nothing that it is about was sampled".to_owned(),
        };
        format!("the condition {condition} never came true; {nearest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::history::Gauge;

    fn sample(at: Nanos, pending: f64) -> Sample {
        let row = Gauge { at, metric: "pending".to_owned(), subject: "partition-0".to_owned(), value: pending };
        vec![row].into()
    }

    fn trigger() -> (watch::Sender<Sample>, Trigger) {
        let (tell, samples) = watch::channel(Sample::default());
        (tell, Trigger::new(Condition::parse("pending > 10").expect("one"), samples, Nanos::ZERO))
    }

    fn later() -> Nanos {
        clock::now().plus(Nanos::from_secs(60))
    }

    #[tokio::test]
    async fn it_comes_true_with_the_first_sample_that_meets_it_and_says_by_what() {
        let (tell, mut trigger) = trigger();
        tell.send_replace(sample(Nanos::from_secs(1), 10.0));
        let telling = async {
            tokio::task::yield_now().await;
            tell.send_replace(sample(Nanos::from_secs(2), 11.0));
        };
        let (words, ()) = tokio::join!(trigger.comes_true(Nanos::ZERO, later()), telling);
        assert_eq!(words.as_deref(), Some("pending > 10 came true 2.00 s after the load began, by 11"));
    }

    #[tokio::test]
    async fn samples_from_before_it_may_begin_do_not_count() {
        let (tell, mut trigger) = trigger();
        tell.send_replace(sample(Nanos::from_secs(1), 99.0));
        let soon = clock::now().plus(Nanos::from_millis(10));
        assert_eq!(trigger.comes_true(Nanos::from_secs(2), soon).await, None);
        assert_eq!(trigger.never(), "the condition pending > 10 never came true; nothing that it is about was sampled");
    }

    #[tokio::test]
    async fn what_never_comes_true_says_how_near_it_came() {
        let (tell, mut trigger) = trigger();
        tell.send_replace(sample(Nanos::from_secs(1), 7.0));
        assert_eq!(trigger.comes_true(Nanos::ZERO, clock::now()).await, None);
        tell.send_replace(sample(Nanos::from_secs(2), 3.0));
        assert_eq!(trigger.comes_true(Nanos::ZERO, clock::now()).await, None);
        assert_eq!(trigger.never(), "the condition pending > 10 never came true; the most was 7");
    }
}
