//! Why sends were refused and messages came again: counted reasons as remarks.

use super::number;
use super::text::one_line;
use crate::result::TrialResult;

/// So many reasons are named.
const REASONS: usize = 5;

/// Refused sends and their reasons, the most frequent first.
pub(super) fn why_refused(trial: &TrialResult) -> Option<String> {
    let reasons = &trial.reasons.failed;
    let each = reasons.iter().take(REASONS).map(|reason| {
        let fault = match reason.explained {
            0 => "",
            explained if explained == reason.sends => " (a fault explains it)",
            _ => " (a fault explains a part)",
        };
        format!("{} × {}{fault}", number::count(reason.sends), one_line(&reason.words))
    });
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| {
        let were = if trial.counts.failed == 1 { "send was" } else { "sends were" };
        format!("{} {were} refused: {}", number::count(trial.counts.failed), each.join(", "))
    })
}

/// Redeliveries and their causes, the most frequent first.
pub(super) fn why_again(trial: &TrialResult) -> Option<String> {
    let mut causes: Vec<_> = trial.recovery.redelivered_by_cause.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let told = |cause: &str| {
        match cause {
        "claim" => "taken over from another consumer".to_owned(),
        "crash" => "after a consumer was killed".to_owned(),
        "leave" => "after a consumer left its group".to_owned(),
        "rebalance" => "after the partition changed hands because of a fault".to_owned(),
        "rebalance-without-fault" => {
            "after the partition changed hands without a fault: a batch took longer than the poll interval, or a consumer \
             joined or left"
                .to_owned()
        }
        "nack" => "after a consumer had failed".to_owned(),
        "reconnect" => "after a lost connection".to_owned(),
        "own-pending" => "read again from the consumer's own pending entries".to_owned(),
        "duplicate" => "stored twice".to_owned(),
        other => one_line(other),
    }
    };
    let each: Vec<_> =
        causes.iter().map(|(cause, count)| format!("{} {}", number::count(**count), told(cause))).collect();
    let all = number::count(trial.counts.redelivered);
    let deliveries = if trial.counts.redelivered == 1 { "delivery" } else { "deliveries" };
    (!each.is_empty()).then(|| format!("{all} {deliveries} beyond the first: {}", each.join("; ")))
}
