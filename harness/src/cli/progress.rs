//! Progress on stderr: a live line on a terminal, plain lines otherwise. Listens to a run's events and does nothing else.

use crate::trial::{Event, Totals};
use indicatif::{ProgressBar, ProgressStyle};
use reports::units::Nanos;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;

/// Who is told what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Nobody.
    Nobody,
    /// A log: plain lines.
    Log,
    /// A person at a terminal: a live line.
    Terminal,
}

impl Audience {
    pub(super) fn at_stderr() -> Self {
        if std::io::stderr().is_terminal() { Self::Terminal } else { Self::Log }
    }
}

/// Between two lines about progress in a log.
const LOG_EVERY: Duration = Duration::from_secs(5);
/// How far apart the totals are by which a live line tells rates.
const RATE_OVER: Duration = Duration::from_secs(1);

/// Tells until the events end.
pub(super) async fn tell(mut events: UnboundedReceiver<Event>, audience: Audience) {
    if audience == Audience::Nobody {
        while events.recv().await.is_some() {}
        return;
    }
    let mut teller = Teller::new(audience);
    while let Some(event) = events.recv().await {
        teller.tell(event);
    }
    teller.bar.finish_and_clear();
}

/// `load 12 of 30 s, down-1 in force: 1998 acknowledged/s, 23940 of 24000 acknowledged, 0 unsuccessful, 23928 delivered, backlog 12`.
/// Seconds are those of the load, as in every report.
fn told(now: &Totals, before: Option<&Totals>, faults: &[String]) -> String {
    let seconds = |time: Nanos| time.as_secs_f64().round();
    let phase = if now.elapsed < now.warmup {
        format!("warm-up, {} s before the load", seconds(now.warmup.since(now.elapsed)))
    } else {
        format!("load {} of {} s", seconds(now.elapsed.since(now.warmup)), seconds(now.load))
    };
    let faults = if faults.is_empty() { String::new() } else { format!(", {} in force", faults.join(", ")) };
    let over = |before: &Totals| now.elapsed.since(before.elapsed).as_secs_f64();
    let rate = before.filter(|before| over(before) >= 0.4).map(|before| {
        let acknowledged = now.acknowledged.saturating_sub(before.acknowledged);
        format!("{:.0} acknowledged/s, ", acknowledged as f64 / over(before))
    });
    let backlog = now.backlog.map_or_else(String::new, |backlog| format!(", backlog {backlog}"));
    format!(
        "{phase}{faults}: {}{} of {} acknowledged, {} unsuccessful, {} delivered{backlog}",
        rate.unwrap_or_default(),
        now.acknowledged,
        now.sent,
        now.unsuccessful,
        now.delivered
    )
}

struct Teller {
    audience: Audience,
    bar: ProgressBar,
    trial: String,
    last_line: Instant,
    /// The totals of a while ago, by which rates are told.
    before: Option<Totals>,
    /// Faults in force.
    faults: Vec<String>,
}

impl Teller {
    fn new(audience: Audience) -> Self {
        let bar = if audience == Audience::Terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}") {
            bar.set_style(style);
        }
        Self { audience, bar, trial: String::new(), last_line: Instant::now(), before: None, faults: Vec::new() }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::TrialBegan { system, repeat, number, of } => {
                self.trial = if repeat > 1 { format!("{system} #{repeat}") } else { system };
                self.bar.set_prefix(self.trial.clone());
                (self.before, self.faults) = (None, Vec::new());
                self.bar.enable_steady_tick(Duration::from_millis(120));
                self.line(&format!("trial {number} of {of}"));
            }
            Event::Step(step) => {
                self.bar.set_message(step);
                if self.audience == Audience::Log {
                    self.line(step);
                }
            }
            Event::Progress(totals) => self.progress(&totals),
            Event::Injected { fault, at: Some(at) } => {
                self.line(&format!("{fault} injected at {at} of the load"));
                self.faults.push(fault);
            }
            Event::Injected { fault, at: None } => self.line(&format!("{fault}: the injection could not be confirmed")),
            Event::Healed { fault, at } => {
                self.faults.retain(|other| *other != fault);
                match at {
                    Some(at) => self.line(&format!("{fault} healed at {at} of the load")),
                    None => self.line(&format!("{fault}: the healing could not be confirmed")),
                }
            }
            Event::NodeEnded { node, words } => {
                self.line(&format!("{node} HAS ENDED, and nobody asked it to: {words}"));
            }
            Event::Interrupted => {
                self.line("interrupted: healing, draining for a moment, removing; a second interrupt stops at once");
            }
            Event::Trouble(trouble) => self.line(&format!("trouble: {trouble}")),
            Event::TrialEnded { took } => self.line(&format!("done in {took}")),
        }
    }

    fn progress(&mut self, totals: &Totals) {
        let is_due = self.audience == Audience::Log && self.last_line.elapsed() >= LOG_EVERY;
        let every = if self.audience == Audience::Log { LOG_EVERY } else { RATE_OVER };
        let text = told(totals, self.before.as_ref(), &self.faults);
        if self.before.is_none_or(|before| totals.elapsed.since(before.elapsed) >= every.into()) {
            self.before = Some(*totals);
        }
        if is_due {
            self.line(&text);
        }
        self.bar.set_message(text);
    }

    fn line(&mut self, text: &str) {
        self.last_line = Instant::now();
        let line = format!("{}: {text}", self.trial);
        match self.audience {
            Audience::Terminal => self.bar.println(line),
            // A terminal or a reader that has gone is no reason to stop.
            Audience::Log => drop(writeln!(std::io::stderr(), "{line}")),
            Audience::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(elapsed: u64, acknowledged: u64) -> Totals {
        Totals {
            elapsed: Nanos::from_secs(elapsed),
            warmup: Nanos::from_secs(3),
            load: Nanos::from_secs(30),
            sent: acknowledged + 10,
            acknowledged,
            unsuccessful: 2,
            delivered: acknowledged,
            backlog: Some(7),
        }
    }

    #[test]
    fn seconds_are_counted_from_the_load_as_faults_are() {
        assert!(told(&totals(1, 0), None, &[]).starts_with("warm-up, 2 s before the load: "));
        let said = told(&totals(15, 24_000), Some(&totals(14, 22_000)), &["down-1".to_owned()]);
        let expected = "load 12 of 30 s, down-1 in force: 2000 acknowledged/s, 24000 of 24010 acknowledged, 2 unsuccessful, \
                        24000 delivered, backlog 7";
        assert_eq!(said, expected);
    }

    #[test]
    fn without_an_earlier_total_no_rate_is_told() {
        assert!(!told(&totals(15, 24_000), None, &[]).contains("/s"));
    }
}
