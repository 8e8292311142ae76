//! When a trial's load and its faults really happened, and the windows that follow from it.

use super::error::MeasureError;
use crate::facts::{Cut, Effect, FaultFacts, TrialFacts};
use crate::history::Fault;
use crate::units::Nanos;

/// No load phase is longer: thirty days. More is a damaged `trial.json`, and would be memory for each of its seconds.
const LONGEST_LOAD: Nanos = Nanos::from_secs(30 * 24 * 3600);
/// A fault that was healed this much before its time was not the one that was planned.
const TOO_EARLY: Nanos = Nanos::from_millis(100);

/// A stretch of time: `from` included, `to` not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Nanos,
    /// The first instant after it.
    pub to: Nanos,
}

impl Span {
    /// Whether an instant lies in it.
    pub fn contains(self, at: Nanos) -> bool {
        self.from <= at && at < self.to
    }

    /// How long it is.
    pub const fn length(self) -> Nanos {
        self.to.since(self.from)
    }

    /// The part of it that lies in another; empty, at one of its ends, where there is none.
    pub fn within(self, other: Self) -> Self {
        let from = self.from.clamp(other.from, other.to);
        Self { from, to: self.to.clamp(from, other.to.max(from)) }
    }
}

/// One fault: what was planned, and when it really happened as far as that was confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultWindow {
    /// As planned.
    pub plan: FaultFacts,
    /// Its row, where there is one.
    pub row: Option<Fault>,
    /// From here on its effects may show: when the injection was asked for, else as planned.
    pub began: Nanos,
    /// In force: when the injection was confirmed, else as planned.
    pub injected: Nanos,
    /// From here on success may show: when the healing was asked for, else as planned.
    pub heal_began: Nanos,
    /// Over: when the healing was confirmed, else as planned.
    pub healed: Nanos,
    /// What comes after it is this fault's business until here: the next fault's begin, or the end of all time.
    pub until: Nanos,
}

impl FaultWindow {
    /// Injection and healing were both confirmed.
    pub fn confirmed(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.confirmed && row.injected.is_some() && row.healed.is_some())
    }

    /// Why its row cannot be that of the fault that was planned, in words.
    pub fn contradiction(&self) -> Option<String> {
        let (plan, row) = (&self.plan, self.row.as_ref()?);
        if row.kind != plan.kind {
            return Some(format!("its row tells of the kind {}, and {} was planned", row.kind, plan.kind));
        }
        let times = [Some(row.inject_requested), row.injected, row.heal_requested, row.healed];
        if !times.into_iter().flatten().is_sorted() {
            return Some("its row has it injected and healed in an impossible order".to_owned());
        }
        let lasts = plan.until.since(plan.at);
        let until = if plan.when.is_some() { row.inject_requested.plus(lasts) } else { plan.until };
        let early = row.heal_requested.map(|at| until.since(at)).filter(|early| *early > TOO_EARLY)?;
        Some(format!("it was healed {early} before its time"))
    }

    /// How it keeps clients from the broker, if it does. Histories from before `cut` was recorded tell it by the effect.
    pub const fn cut(&self) -> Option<Cut> {
        match (self.plan.cut, self.plan.effect) {
            (Some(cut), _) => Some(cut),
            (None, Effect::ConnectionsLost) => Some(Cut::Closed),
            (None, Effect::Silence) => Some(Cut::Silent),
            (None, _) => None,
        }
    }

    /// Whether it is done to a client.
    pub fn is_done_to(&self, client: &str) -> bool {
        self.plan.clients.is_empty() || self.plan.clients.iter().any(|name| name == client)
    }

    /// From the begin of its injection until its healing was confirmed.
    pub const fn in_force(&self) -> Span {
        Span { from: self.began, to: self.healed }
    }
}

/// A window with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSpan {
    /// `all`, `before down-1`, `during down-1`, `after down-1`.
    pub name: String,
    /// When.
    pub span: Span,
}

/// The load phase and the faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The load phase.
    pub load: Span,
    /// In order of injection.
    pub faults: Vec<FaultWindow>,
    /// The names in rows of faults that were not planned, or of which another row tells already.
    pub strays: Vec<String>,
}

impl Timeline {
    /// From the plan and from what was confirmed.
    ///
    /// # Errors
    /// Where there is no load phase, or one of an impossible length.
    pub fn of(facts: &TrialFacts, rows: &[Fault]) -> Result<Self, MeasureError> {
        let phase = facts.phases.iter().find(|phase| phase.name == "load").ok_or(MeasureError::NoLoadPhase)?;
        let load = Span { from: phase.from, to: phase.to };
        if load.length() == Nanos::ZERO || load.length() > LONGEST_LOAD {
            return Err(MeasureError::ImplausibleLoad {
                seconds: load.length().0 / Nanos::SECOND.0,
                longest: LONGEST_LOAD.0 / Nanos::SECOND.0,
            });
        }
        let mut faults: Vec<_> = facts.faults.iter().map(|plan| window(plan, rows, load)).collect();
        faults.sort_by_key(|fault| fault.began);
        let ends: Vec<_> = faults.iter().map(|fault| end_of_aftermath(fault, &faults)).collect();
        for (fault, end) in faults.iter_mut().zip(ends) {
            fault.until = end;
        }
        let is_stray = |(index, row): &(usize, &Fault)| {
            rows[..*index].iter().any(|other| other.name == row.name)
                || !facts.faults.iter().any(|plan| plan.name == row.name)
        };
        let strays = rows.iter().enumerate().filter(is_stray).map(|(_, row)| row.name.clone()).collect();
        Ok(Self { load, faults, strays })
    }

    /// The end of the trial's last phase, a day after the load at most: nothing after it is drawn.
    pub fn drawn_until(&self, facts: &TrialFacts) -> Nanos {
        const LONGEST: Nanos = Nanos::from_secs(24 * 3600);
        let ends = facts.phases.iter().map(|phase| phase.to).max().unwrap_or(self.load.to);
        ends.clamp(self.load.to, self.load.to.plus(LONGEST))
    }

    /// When which clients' own process was confirmed to have ended because a fault asked for it, in order of time.
    pub fn process_ends(&self) -> Vec<(&str, Nanos)> {
        let killing = self.faults.iter().filter(|fault| fault.cut() == Some(Cut::Ended));
        let confirmed = killing.filter(|fault| fault.row.as_ref().is_some_and(|row| row.injected.is_some()));
        let each =
            confirmed.flat_map(|fault| fault.plan.clients.iter().map(|client| (client.as_str(), fault.injected)));
        let mut ends: Vec<_> = each.collect();
        ends.sort_by_key(|(_, at)| *at);
        ends
    }

    /// An instant, since the load's start.
    pub const fn since_load(&self, at: Nanos) -> Nanos {
        at.since(self.load.from)
    }

    /// The load before the first fault: what every return is compared with. The whole load where there is no fault.
    pub fn reference(&self) -> Span {
        let to = self.faults.first().map_or(self.load.to, |fault| fault.began);
        Span { from: self.load.from, to }.within(self.load)
    }

    /// The whole load, and before, during and after each fault, all within the load phase.
    pub fn windows(&self) -> Vec<NamedSpan> {
        let mut windows = vec![NamedSpan { name: "all".into(), span: self.load }];
        for fault in &self.faults {
            let healed_before = |other: &&FaultWindow| other.healed <= fault.injected && *other != fault;
            let from = self.faults.iter().filter(healed_before).map(|other| other.healed).max();
            let spans = [
                ("before", from.unwrap_or(self.load.from), fault.injected),
                ("during", fault.injected, fault.healed),
                ("after", fault.healed, fault.until),
            ];
            windows.extend(spans.map(|(word, from, to)| NamedSpan {
                name: format!("{word} {}", fault.plan.name),
                span: Span { from, to }.within(self.load),
            }));
        }
        windows
    }
}

fn window(plan: &FaultFacts, rows: &[Fault], load: Span) -> FaultWindow {
    let row = rows.iter().find(|row| row.name == plan.name);
    let (at, until) = match (&plan.when, row) {
        // Nobody planned when its condition would come true; without a row it never did.
        (Some(_), None) => (load.to, load.to),
        (Some(_), Some(row)) => {
            let at = row.inject_requested;
            (at, at.plus(plan.until.since(plan.at)))
        }
        (None, _) => (plan.at, plan.until),
    };
    let began = row.map_or(at, |row| row.inject_requested);
    let injected = row.and_then(|row| row.injected).unwrap_or(at).max(began);
    let heal_began = row.and_then(|row| row.heal_requested).unwrap_or(until).max(injected);
    let healed = row.and_then(|row| row.healed).unwrap_or(until).max(heal_began);
    FaultWindow { plan: plan.clone(), row: row.cloned(), began, injected, heal_began, healed, until: Nanos(u64::MAX) }
}

/// Where what follows a fault stops being its own: where the next one begins. One that is still in force when this one
/// heals leaves it nothing.
fn end_of_aftermath(fault: &FaultWindow, all: &[FaultWindow]) -> Nanos {
    let others = all.iter().filter(|other| other.plan.name != fault.plan.name && other.healed > fault.healed);
    others.map(|other| other.began.max(fault.heal_began)).min().unwrap_or(Nanos(u64::MAX))
}

/// The load phase cut at every window's bounds, so that a value is recorded once and a window is a sum of neighbours.
#[derive(Clone, Debug)]
pub struct Segments {
    cuts: Vec<Nanos>,
}

impl Segments {
    /// For these windows.
    pub fn of(windows: &[NamedSpan]) -> Self {
        let mut cuts: Vec<_> = windows.iter().flat_map(|window| [window.span.from, window.span.to]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        Self { cuts }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.cuts.len().saturating_sub(1)
    }

    /// The one that holds an instant; none outside the load phase.
    #[inline]
    pub fn holding(&self, at: Nanos) -> Option<usize> {
        let before = self.cuts.partition_point(|cut| *cut <= at);
        (before > 0 && before < self.cuts.len()).then(|| before - 1)
    }

    /// Those that make up a window.
    pub fn of_window(&self, span: Span) -> std::ops::Range<usize> {
        let position = |at: Nanos| self.cuts.partition_point(|cut| *cut < at);
        position(span.from)..position(span.to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn timeline(faults: &[(u64, u64)]) -> Timeline {
        let rows = sample::failover();
        let mut facts = rows.facts;
        let plan = facts.faults.remove(0);
        facts.faults = (faults.iter().enumerate())
            .map(|(index, (at, until))| FaultFacts {
                name: format!("f{index}"),
                at: Nanos::from_secs(*at),
                until: Nanos::from_secs(*until),
                ..plan.clone()
            })
            .collect();
        Timeline::of(&facts, &[]).unwrap()
    }

    fn windows(faults: &[(u64, u64)]) -> Vec<(String, u64, u64)> {
        let seconds = |at: Nanos| at.0 / Nanos::SECOND.0;
        let each = timeline(faults).windows().into_iter();
        each.map(|window| (window.name, seconds(window.span.from), seconds(window.span.to))).collect()
    }

    #[test]
    fn windows_lie_before_during_and_after_each_fault_and_end_where_the_next_begins() {
        let expected = [
            ("all", 100, 130),
            ("before f0", 100, 105),
            ("during f0", 105, 108),
            ("after f0", 108, 115),
            ("before f1", 108, 115),
            ("during f1", 115, 120),
            ("after f1", 120, 130),
        ];
        assert_eq!(windows(&[(105, 108), (115, 120)]), expected.map(|(name, from, to)| (name.to_owned(), from, to)));
    }

    #[test]
    fn nothing_is_after_a_fault_that_heals_under_another_one() {
        let windows = windows(&[(105, 120), (110, 115)]);
        let after = windows.iter().find(|(name, ..)| name == "after f1").unwrap();
        assert_eq!(after.1, after.2);
    }

    #[test]
    fn windows_never_leave_the_load() {
        for (_, from, to) in windows(&[(90, 95), (125, 140), (200, 300)]) {
            assert!((100..=130).contains(&from) && (from..=130).contains(&to));
        }
    }

    #[test]
    fn confirmed_times_stand_for_planned_ones() {
        let rows = sample::failover();
        let timeline = Timeline::of(&rows.facts, &rows.faults).unwrap();
        let fault = &timeline.faults[0];
        assert!(fault.confirmed());
        assert_eq!((fault.injected, fault.healed), (Nanos::from_millis(110_010), Nanos::from_millis(115_010)));
        assert_eq!(timeline.reference().to, Nanos::from_secs(110));
    }

    #[test]
    fn a_fault_on_a_condition_lasts_from_when_it_was_asked_for_and_without_a_row_it_never_did() {
        let mut rows = sample::failover();
        let plan = &mut rows.facts.faults[0];
        (plan.at, plan.until) = (Nanos::from_secs(100), Nanos::from_secs(105));
        plan.when = Some("pending > 9".to_owned());
        (rows.faults[0].injected, rows.faults[0].healed, rows.faults[0].heal_requested) = (None, None, None);
        let fault = |faults: &[Fault]| Timeline::of(&rows.facts, faults).unwrap().faults.remove(0);
        let (met, never) = (fault(&rows.faults), fault(&[]));
        assert_eq!(
            (met.began, met.injected, met.healed),
            (Nanos::from_secs(110), Nanos::from_secs(110), Nanos::from_secs(115))
        );
        assert_eq!((never.began, never.healed), (Nanos::from_secs(130), Nanos::from_secs(130)));
    }

    #[test]
    fn an_endless_load_is_refused_before_it_takes_memory() {
        let mut facts = sample::healthy().facts;
        facts.phases[1].to = Nanos(u64::MAX);
        assert!(matches!(Timeline::of(&facts, &[]), Err(MeasureError::ImplausibleLoad { .. })));
        facts.phases[1].to = facts.phases[1].from;
        assert!(matches!(Timeline::of(&facts, &[]), Err(MeasureError::ImplausibleLoad { seconds: 0, .. })));
    }

    #[test]
    fn every_instant_of_the_load_lies_in_one_segment_of_its_windows() {
        let windows = timeline(&[(105, 108), (115, 120)]).windows();
        let segments = Segments::of(&windows);
        for millis in (99_000..131_000).step_by(7) {
            let at = Nanos::from_millis(millis);
            let holding = segments.holding(at);
            assert_eq!(holding.is_some(), windows[0].span.contains(at));
            for window in &windows {
                let within = holding.is_some_and(|segment| segments.of_window(window.span).contains(&segment));
                assert_eq!(within, window.span.contains(at), "{} at {millis}", window.name);
            }
        }
    }
}
