//! `reconnected`: when each client really was connected again, and how it kept its declared backoff.
//!
//! Where one fault stands alone, the result must show the very instant. Where faults follow each other closely, a client is
//! in time if, after each heal, it was connected within the limit or another cut came first.

use super::doubts;
use super::expected::{Bad, Expected};
use super::known::{Disagreement, Known, NOTICED};
use crate::plan::{FaultKind, FaultPlan};
use crate::truth::Breach;
use reports::facts::Cut;
use reports::history::Outcome;
use reports::result::TrialResult;
use reports::units::Nanos;

/// Events are dated to the microsecond, and answers take their time.
const NEAR: Nanos = Nanos::from_millis(30);

/// One client and one fault.
struct Return {
    client: usize,
    /// It lost its connection to the fault, and to nothing else; or it was away when the fault began.
    affected: bool,
    /// Heal → connected.
    connected: Option<Nanos>,
    /// Heal → connected, and for a producer a send acknowledged, though perhaps none was due for long.
    back: Option<Nanos>,
    /// Heal → the last instant at which that would have been seen.
    watched: Nanos,
}

pub(super) fn expected(known: &Known<'_>) -> Option<Expected> {
    let storms = (0..known.plan.shape.clients()).filter(|client| storms(known, *client)).count();
    let Some(limit) = known.limits.reconnected else {
        // A storm is a finding, whether or not anybody asks.
        let what = format!("{storms} storms, and no limit");
        return (storms > 0).then(|| doubts::expected(known, Bad::Yes, what));
    };
    let mut words = Vec::new();
    let (mut surely, mut perhaps) = (false, false);
    let mut excuses = Vec::new();
    for fault in known.plan.faults.iter().filter(|fault| cuts(fault)) {
        for client in 0..known.plan.shape.clients() {
            let one = of(known, fault, client);
            let isolated = alone(known, fault);
            if isolated && !one.affected {
                // A silence is over for a producer when a send is acknowledged, though it lost no connection.
                perhaps |= client < known.plan.shape.producers && matches!(fault.kind, FaultKind::Cut(Cut::Silent));
                continue;
            }
            // What a client tried on its way back, too early or too late, is to be seen.
            let until = one.connected.map_or(known.truth.end, |connected| fault.healed().plus(connected));
            let clear = |breach: &&Breach| breach.clear && breach.client == client;
            let mut clear = known.truth.breaches.iter().filter(clear);
            surely |= isolated && clear.any(|breach| fault.on() <= breach.at && breach.at < until);
            match one.back {
                Some(back) if back <= limit => {}
                Some(back) => {
                    words.push(format!("{} back {back} after {}", known.plan.shape.name(client), fault.name));
                    surely |= isolated && one.connected.is_some_and(|at| at > limit.plus(NEAR) && one.watched > at);
                    perhaps = true;
                }
                None => {
                    words.push(format!(
                        "{} not back in {} after {}",
                        known.plan.shape.name(client),
                        one.watched,
                        fault.name
                    ));
                    surely |= isolated && one.connected.is_none() && one.watched > limit.plus(NEAR);
                    // That it was connected late may show though no success can be waited for any more.
                    let late = one.connected.is_some_and(|connected| connected > limit);
                    perhaps |= one.watched.plus(NEAR) > limit || !isolated || late;
                    excuses.push(format!("{} was watched for {}", known.plan.shape.name(client), one.watched));
                }
            }
        }
    }
    // Whose a loss is that no cut has caused, but lies near a fault, the history cannot tell.
    perhaps |= (known.plan.faults.iter().filter(|fault| !cuts(fault)))
        .any(|fault| (0..known.plan.shape.clients()).any(|client| doubts::loses(known, fault, client)));
    let breaches = known.truth.breaches.iter().filter(|breach| breach.clear).count();
    perhaps |= !known.truth.breaches.is_empty();
    let bad = match () {
        () if surely || storms > 0 => Bad::Yes,
        () if perhaps => Bad::Either,
        () => Bad::No,
    };
    let what =
        format!("{}; {breaches} clear breaches of the backoff, {storms} storms; limit {limit}", words.join(", "));
    let mut expected = doubts::expected(known, bad, what);
    expected.excuses.extend(excuses);
    if known.plan.faults.is_empty() {
        expected.doubts.push("there is no fault".to_owned());
    }
    Some(expected)
}

/// Within some second a client began more than twice the attempts that its shortest wait lets it, and ten at least.
fn storms(known: &Known<'_>, client: usize) -> bool {
    let envelope = known.plan.policy.envelope;
    let shortest = envelope.first.0.min(envelope.max.0) as f64 * (1.0 - envelope.jitter_below);
    let most = 2 * (1 + (1e9 / shortest).ceil() as usize);
    let enough = (most + 1).max(10);
    known.truth.attempts[client].windows(enough).any(|some| some[enough - 1].since(some[0]) < Nanos::SECOND)
}

const fn cuts(fault: &FaultPlan) -> bool {
    matches!(fault.kind, FaultKind::Cut(_)) && !fault.hollow
}

/// No other cut is in force or ended shortly before, and none begins before everybody can be back.
fn alone(known: &Known<'_>, fault: &FaultPlan) -> bool {
    let killed = known.plan.kills.iter().flatten().any(|at| *at < known.truth.end);
    let others = known.plan.faults.iter().filter(|other| other.name != fault.name);
    let mut apart = others
        .map(|other| other.off().plus(NOTICED).plus(NOTICED) < fault.at || other.at > fault.healed().plus(NOTICED));
    !killed && apart.all(|apart| apart)
}

fn of(known: &Known<'_>, fault: &FaultPlan, client: usize) -> Return {
    let (plan, truth) = (known.plan, known.truth);
    let stretches = &truth.connected[client];
    let lost = stretches.iter().filter_map(|(_, to)| *to);
    let mut lost = lost.filter(|at| fault.on() <= *at && *at < fault.off().plus(NOTICED));
    // A client that was away before, and does not try, is kept away by nothing.
    let tried = truth.attempts[client].iter().any(|at| fault.at <= *at && *at <= fault.healed());
    let lost_at = stretches.last().and_then(|(_, to)| *to).filter(|at| *at < fault.on());
    let by_a_cut = |at: Nanos| {
        let before = |other: &&FaultPlan| cuts(other) && other.clients.contains(&client) && other.at < fault.at;
        plan.faults.iter().filter(before).any(|other| other.on() <= at)
    };
    let lost_before = lost_at.is_some_and(|at| tried || by_a_cut(at));
    let between = stretches.windows(2).any(|two| two[0].1 < Some(fault.on()) && fault.on() <= two[1].0);
    let affected = fault.clients.contains(&client) && (lost.next().is_some() || lost_before || between);
    let healed = fault.healed();
    // The connection that lasts: one that was lost after the heal to the same fault does not count, and if there is no other,
    // the client never came back.
    let lasting = stretches.iter().find(|(from, to)| {
        to.is_none_or(|to| to > fault.off().plus(NOTICED)) && (*from >= fault.on() || to.is_none_or(|to| to > healed))
    });
    let up = lasting.map(|(from, _)| *from);
    let producer = client < plan.shape.producers;
    let success =
        plan.load.schedule.iter().zip(&truth.sends).filter(|(due, _)| usize::from(due.id.producer.0) == client);
    let success = success
        .filter_map(|(_, send)| send.ended.filter(|(outcome, at)| *outcome == Outcome::Ok && *at >= fault.until));
    let success = success.map(|(_, at)| at).min();
    let back = match (up, success) {
        (Some(up), Some(success)) if producer => Some(up.max(success)),
        (Some(_), None) if producer => None,
        (up, _) => up,
    };
    let ends = if producer { plan.load.to.min(truth.end) } else { truth.end };
    let connected = up.map(|at| at.since(healed));
    Return { client, affected, connected, back: back.map(|at| at.since(healed)), watched: ends.since(healed) }
}

/// A connection that was lost while a cut was in force, and no other cut, was lost to it, whatever else was done then. Who was
/// killed had nobody to tell of it.
fn among_others(known: &Known<'_>, fault: &FaultPlan, result: &TrialResult) -> Vec<Disagreement> {
    // One that did nothing has its row all the same.
    let is_cut = |other: &&FaultPlan| other.name != fault.name && matches!(other.kind, FaultKind::Cut(_));
    let others = || known.plan.faults.iter().filter(is_cut);
    let its_own = |at: Nanos| {
        let in_force = fault.on() < at && at < fault.off();
        in_force && others().all(|other| at < other.at || other.healed().plus(NEAR) < at)
    };
    let lost = |client: &usize| known.truth.connected[*client].iter().any(|(_, to)| to.is_some_and(its_own));
    let lives = |client: &usize| known.plan.kills[*client].is_none();
    let affected = fault.clients.iter().copied().filter(lives).filter(lost).map(|client| known.plan.shape.name(client));
    let unsaid = affected.filter(|name| {
        let said = result.clients.iter().find(|said| said.client == *name);
        let said = said.and_then(|said| said.reconnects.iter().find(|said| said.fault == fault.name));
        said.is_none_or(|said| !said.affected)
    });
    let each = unsaid.map(|name| Disagreement {
        about: "affected".to_owned(),
        truth: format!("{name}, {}: true, for it lost a connection meanwhile", fault.name),
        judge: "false".to_owned(),
    });
    each.collect()
}

/// The instants that the result shows, where there is no doubt whose they are.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let mut wrong = Vec::new();
    let faults =
        || known.plan.faults.iter().filter(|fault| cuts(fault) && fault.confirmed && fault.healed() < known.truth.end);
    wrong.extend(faults().filter(|fault| !alone(known, fault)).flat_map(|fault| among_others(known, fault, result)));
    for fault in faults().filter(|fault| alone(known, fault)) {
        for client in 0..known.plan.shape.clients() {
            let name = known.plan.shape.name(client);
            let one = of(known, fault, client);
            let said = result.clients.iter().find(|said| said.client == name);
            let Some(said) = said.and_then(|said| said.reconnects.iter().find(|said| said.fault == fault.name)) else {
                wrong.push(Disagreement {
                    about: "return".to_owned(),
                    truth: format!("{name}, {}", fault.name),
                    judge: "nothing".to_owned(),
                });
                continue;
            };
            if said.affected != one.affected {
                wrong.push(Disagreement {
                    about: "affected".to_owned(),
                    truth: format!("{name}, {}: {}", fault.name, one.affected),
                    judge: said.affected.to_string(),
                });
            }
            if one.affected && one.back.is_some_and(|back| back.0 + NEAR.0 < one.watched.0) && said.never_returned {
                wrong.push(Disagreement {
                    about: "return".to_owned(),
                    truth: format!("{}, {}: back after {:?}", known.plan.shape.name(one.client), fault.name, one.back),
                    judge: "never".to_owned(),
                });
            }
        }
    }
    wrong
}
