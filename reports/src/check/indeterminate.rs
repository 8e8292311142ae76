//! **indeterminate**: of more sends than the limit nobody knows whether they happened: a timeout, a lost connection, a
//! producer that was killed. Asked only where the scenario sets a limit; faults make such sends by design, so all of them
//! count. The reasons are counted in the words that were given.
//!
//! Too many is a fail, however much of the history is missing.
//! Unknown, where there are not too many: rows of sends are missing; scheduled sends are not in the history, unless every file
//! of sends says how it ended, for then they were never begun; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, reasons};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "indeterminate";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.indeterminate else { return Vec::new() };
    let (counts, refused) = (&evidence.measures.account.counts, &evidence.measures.refused);
    let unknown = refused.indeterminate_count();
    let happened = evidence.measures.log.counted().happened;
    let stand = if happened > 0 { format!("; {happened} of them stand in the log") } else { String::new() };
    let counted =
        format!("{} sends, of {unknown} nobody knows{}{stand}", counts.offered, reasons(&refused.indeterminate));
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(unknown),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        held: counted.clone(),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unrecorded(evidence));
    if unknown > limit {
        answer.broken.push(format!("{counted}; the first{}", evidence.examples(&refused.unknown, "sent")));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;

    fn timed_out(limit: u64) -> Rows {
        let mut rows = sample::healthy();
        rows.facts.limits.indeterminate = Some(limit);
        for send in &mut rows.sends[1000..1005] {
            (send.outcome, send.error) = (Outcome::Indeterminate, Some("timed out".into()));
        }
        rows
    }

    #[test]
    fn passes_when_no_more_than_the_limit_are_unknown() {
        expect(&timed_out(5), NAME, Verdict::Pass, &["of 5 nobody knows: 5 × timed out"]);
    }

    #[test]
    fn fails_when_more_are_unknown() {
        let seen = ["of 5 nobody knows", "the first: producer-0 partition-0 seq 250 (sent at +8.000 s"];
        expect(&cut(timed_out(4), Table::Sends), NAME, Verdict::Fail, &seen);
    }

    #[test]
    fn is_unknown_when_rows_are_missing() {
        expect(&cut(timed_out(5), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn is_not_asked_without_a_limit() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }
}
