//! Refusals by the broker that no fault can excuse: it was heard, so nothing kept its producer from it.

use super::known::{Disagreement, Known, NOTICED};
use crate::plan::{FaultKind, FaultPlan};
use crate::truth::SendTruth;
use reports::history::Outcome;
use reports::result::TrialResult;
use reports::units::Nanos;

/// Sends that the broker certainly refused for reasons of its own: the answer did not come while a cut was in force, nor
/// before the producer's connections were back after it.
///
/// Where such an answer came while a cut held, or before its producer was back, its words may be taken for the client's own.
pub(super) fn surely_unexcused(known: &Known<'_>) -> u64 {
    let mut own_words = false;
    let mut clear = 0;
    for (due, send) in known.plan.load.schedule.iter().zip(&known.truth.sends) {
        let Some(at) = refused_at(send) else { continue };
        let producer = usize::from(due.id.producer.0);
        let mut near = known.plan.faults.iter().filter(|fault| cuts(fault, producer));
        if near.any(|fault| fault.at <= at && at <= released(known, fault, producer)) {
            own_words = true;
        } else {
            clear += 1;
        }
    }
    if own_words { 0 } else { clear }
}

/// Refusals that nothing excuses are not excused.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let surely = surely_unexcused(known);
    let said: u64 = result.reasons.failed.iter().map(|reason| reason.sends - reason.explained).sum();
    let wrong = (said < surely).then(|| Disagreement {
        about: "refusals that no fault explains".to_owned(),
        truth: format!("{surely} at least"),
        judge: said.to_string(),
    });
    wrong.into_iter().collect()
}

fn refused_at(send: &SendTruth) -> Option<Nanos> {
    send.ended.filter(|(outcome, _)| send.refused && *outcome == Outcome::Failed).map(|(_, at)| at)
}

fn cuts(fault: &FaultPlan, producer: usize) -> bool {
    matches!(fault.kind, FaultKind::Cut(_)) && fault.clients.contains(&producer)
}

/// When a producer had its connections back after a fault, whichever of them it lost near it.
fn released(known: &Known<'_>, fault: &FaultPlan, producer: usize) -> Nanos {
    let healed = fault.healed();
    let stretches = &known.truth.connected[producer];
    let lost = |at: Nanos| fault.at <= at && at <= healed.plus(NOTICED);
    let back = stretches.windows(2).filter(|two| two[0].1.is_some_and(lost)).map(|two| two[1].0);
    let stays_away = stretches.last().is_none_or(|(_, to)| to.is_some_and(lost));
    let away_before = stretches.windows(2).any(|two| two[0].1 < Some(fault.at) && fault.at < two[1].0);
    // Who was away already is let go by the cut before it, or by none.
    if stays_away || away_before {
        return Nanos(u64::MAX);
    }
    back.max().unwrap_or(healed).max(healed)
}
