//! A run as a series of trials, each of which may depend on what came out so far.

use super::trials::TrialPlan;

/// Says which trial comes next. `Outcome` is what a series may look at of each trial that is done.
pub trait Series<Outcome> {
    /// The trials that are certain from the beginning, in their order: a run that lacks one of them is not complete.
    fn planned(&self) -> &[TrialPlan];
    /// The next trial, after these; `None`: the run is over.
    fn next(&mut self, done: &[Outcome]) -> Option<TrialPlan>;
}

/// Every system as often as the scenario says, interleaved, whatever comes out.
#[derive(Clone, Debug)]
pub struct Repeats {
    trials: Vec<TrialPlan>,
    given: usize,
}

impl Repeats {
    /// The trials of a plan, in its order.
    pub fn of(trials: Vec<TrialPlan>) -> Self {
        Self { trials, given: 0 }
    }
}

impl<Outcome> Series<Outcome> for Repeats {
    fn planned(&self) -> &[TrialPlan] {
        &self.trials
    }

    fn next(&mut self, _done: &[Outcome]) -> Option<TrialPlan> {
        let next = self.trials.get(self.given).cloned();
        self.given += 1;
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(name: &str, repeat: u32) -> TrialPlan {
        TrialPlan { system: 0, name: name.to_owned(), repeat, events: Vec::new() }
    }

    #[test]
    fn repeats_come_in_the_order_of_the_plan_whatever_comes_out() {
        let trials = vec![trial("a", 1), trial("b", 1), trial("a", 2), trial("b", 2)];
        let mut series = Repeats::of(trials.clone());
        let mut done = Vec::new();
        while let Some(next) = series.next(&done) {
            done.push(next);
        }
        assert_eq!(done, trials);
        assert_eq!(Series::<()>::planned(&series), trials);
        assert_eq!(series.next(&done), None);
    }
}
