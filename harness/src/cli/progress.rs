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

struct Teller {
    audience: Audience,
    bar: ProgressBar,
    trial: String,
    last_line: Instant,
}

impl Teller {
    fn new(audience: Audience) -> Self {
        let bar = if audience == Audience::Terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg}") {
            bar.set_style(style);
        }
        Self { audience, bar, trial: String::new(), last_line: Instant::now() }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::TrialBegan { system, repeat, number, of } => {
                self.trial = if repeat > 1 { format!("{system} #{repeat}") } else { system };
                self.bar.set_prefix(self.trial.clone());
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
            Event::Injected { fault, at: Some(at) } => self.line(&format!("{fault} injected at {at}")),
            Event::Injected { fault, at: None } => self.line(&format!("{fault}: the injection could not be confirmed")),
            Event::Healed { fault, at: Some(at) } => self.line(&format!("{fault} healed at {at}")),
            Event::Healed { fault, at: None } => self.line(&format!("{fault}: the healing could not be confirmed")),
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
        let seconds = |time: Nanos| time.as_secs_f64().round();
        let text = format!(
            "{:>3} of {} s, {} sent, {} acknowledged, {} unsuccessful, {} delivered",
            seconds(totals.elapsed),
            seconds(totals.planned),
            totals.sent,
            totals.acknowledged,
            totals.unsuccessful,
            totals.delivered
        );
        if self.audience == Audience::Log && self.last_line.elapsed() >= LOG_EVERY {
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
