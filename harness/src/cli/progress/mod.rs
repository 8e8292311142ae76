//! Progress on stderr: a few live lines on a terminal, plain lines otherwise. Listens to a run's events and does nothing else.
//! From here only stderr may be touched.
//! To tell one more figure: add it to `Totals`, and to both forms in `words.rs`.

mod kept;
mod words;

use super::exit::say;
use crate::trial::{Event, Totals};
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::render::text::one_line;
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use words::Moment;

/// Who is told what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Nobody, but where brokers are left running: who asks for that needs it.
    Nobody,
    /// A log: plain lines.
    Log,
    /// A person at a terminal: live lines.
    Terminal,
}

impl Audience {
    /// A terminal that cannot move its cursor gets what a log gets.
    pub(super) fn at_stderr() -> Self {
        let is_live = std::io::stderr().is_terminal() && !ProgressDrawTarget::stderr().is_hidden();
        if is_live { Self::Terminal } else { Self::Log }
    }
}

/// Between two lines about progress in a log.
const LOG_EVERY: Duration = Duration::from_secs(5);
/// Over how long live lines tell rates: as long as their percentile.
const RATE_OVER: Duration = Duration::from_secs(2);
/// The spinner before the first live line.
const SPINNER: &str = "{spinner} {msg}";
const SPINNER_COLUMNS: usize = 2;

/// Tells until the events end.
pub(super) async fn tell(mut events: UnboundedReceiver<Event>, audience: Audience) {
    if audience == Audience::Nobody {
        while let Some(event) = events.recv().await {
            if let Event::Kept(kept) = event {
                kept::lines(&kept).iter().for_each(|line| say(line));
            }
        }
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
    /// The totals of the last while, the oldest first, by which rates are told.
    recent: VecDeque<Totals>,
    /// Faults in force.
    faults: Vec<String>,
}

impl Teller {
    fn new(audience: Audience) -> Self {
        let bar = if audience == Audience::Terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template(SPINNER) {
            bar.set_style(style);
        }
        Self {
            audience,
            bar,
            trial: String::new(),
            last_line: Instant::now(),
            recent: VecDeque::new(),
            faults: Vec::new(),
        }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::TrialBegan { system, repeat, number, of } => {
                self.trial = if repeat > 1 { format!("{system} #{repeat}") } else { system };
                self.recent.clear();
                self.faults.clear();
                self.bar.enable_steady_tick(Duration::from_millis(120));
                self.line(&format!("trial {number} of {of}"));
            }
            Event::Step(step) => {
                self.bar.set_message(words::cut(&format!("{}: {step}", self.trial), columns()));
                if self.audience == Audience::Log {
                    self.line(step);
                }
            }
            Event::Progress(totals) => self.progress(totals),
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
            Event::Kept(kept) => {
                let lines = kept::lines(&kept);
                match self.audience {
                    // A command is to be copied: nothing breaks it but the terminal itself.
                    Audience::Terminal => self.bar.println(lines.join("\n")),
                    Audience::Log | Audience::Nobody => lines.iter().for_each(|line| say(line)),
                }
            }
            Event::TrialEnded { took } => self.line(&format!("done in {took}")),
        }
    }

    fn progress(&mut self, totals: Totals) {
        let over = if self.audience == Audience::Terminal { RATE_OVER } else { LOG_EVERY };
        let is_far = |before: &Totals| totals.elapsed.since(before.elapsed) >= over.into();
        // The newest of those that are far enough away stays, or the first of all.
        while self.recent.get(1).is_some_and(is_far) {
            self.recent.pop_front();
        }
        let moment = Moment { now: &totals, before: self.recent.front(), faults: &self.faults };
        match self.audience {
            Audience::Terminal => self.bar.set_message(moment.in_lines(&self.trial, columns()).join("\n")),
            Audience::Log if self.last_line.elapsed() >= LOG_EVERY => {
                let line = moment.in_a_line();
                self.line(&line);
            }
            Audience::Log | Audience::Nobody => {}
        }
        self.recent.push_back(totals);
    }

    fn line(&mut self, text: &str) {
        self.last_line = Instant::now();
        let line = one_line(&format!("{}: {text}", self.trial));
        match self.audience {
            // What happened stays readable: it is broken between words, not cut.
            Audience::Terminal => self.bar.println(words::broken(&line, columns() + SPINNER_COLUMNS).join("\n")),
            Audience::Log => say(&line),
            Audience::Nobody => {}
        }
    }
}

/// Columns of the terminal beside the spinner. The last one stays free, so that no terminal breaks a line by itself.
fn columns() -> usize {
    let (_, columns) = Term::stderr().size();
    usize::from(columns).saturating_sub(SPINNER_COLUMNS + 1).max(1)
}
