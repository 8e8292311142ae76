//! What is told of a moment: one line for a log, a few for a terminal.

use crate::trial::Totals;
use reports::plural::plural;
use reports::render::text::{fit, one_line, width};
use reports::units::Nanos;
use std::borrow::Cow;
use std::fmt;

/// A line of a log has room for a reason up to here, and for one of this length at least.
const LOG_COLUMNS: usize = 240;
const REASON_COLUMNS: usize = 20;
/// So many reasons are told on a terminal.
const REASONS_TOLD: usize = 3;
/// Of the load's bar: a shorter one shows nothing, a longer one nothing more.
const BAR_COLUMNS: std::ops::RangeInclusive<usize> = 8..=40;
/// Rates over less than this are told of nobody.
const RATE_OVER_SECONDS: f64 = 0.4;

/// A trial at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'m> {
    pub(super) now: &'m Totals,
    /// A while ago, by which rates are told.
    pub(super) before: Option<&'m Totals>,
    /// In force.
    pub(super) faults: &'m [String],
}

impl Moment<'_> {
    /// `load 12 of 30 s, down-1 in force: 1998 acknowledged/s, p99 2.31 ms, 23940 of 24000 acknowledged, 2 unsuccessful,
    /// 23928 delivered, backlog 12, 5 of 5 clients connected; 2 × connection refused`. Seconds are those of the load, as in every
    /// report.
    pub(super) fn in_a_line(&self) -> String {
        let now = self.now;
        let phase = match Stretch::of(now) {
            Stretch::Load { gone } => format!("load {} of {} s", seconds(gone), seconds(now.load)),
            Stretch::Around(stretch) => stretch.to_string(),
        };
        let faults =
            if self.faults.is_empty() { String::new() } else { format!(", {} in force", self.faults.join(", ")) };
        let mut parts: Vec<String> = self.rate(|totals| totals.acknowledged, "acknowledged").into_iter().collect();
        parts.push(self.p99());
        parts.extend(self.counts());
        parts.extend(self.backlog());
        parts.push(self.clients());
        let line = one_line(&format!("{phase}{faults}: {}", parts.join(", ")));
        match now.reasons.first() {
            Some(reason) if width(&line) + REASON_COLUMNS + 2 <= LOG_COLUMNS => {
                let room = LOG_COLUMNS - width(&line) - 2;
                format!("{line}; {}", fit(&counted(reason), room))
            }
            _ => line,
        }
    }

    /// A few lines of at most so many columns: where the trial is, who is connected and what is in force, what passes, what has
    /// passed, and why some of it did not.
    pub(super) fn in_lines(&self, trial: &str, columns: usize) -> Vec<String> {
        let mut lines = vec![self.heading(trial, columns)];
        let mut below = |line: String| lines.push(fit(&one_line(&line), columns.saturating_sub(INDENT)));
        let in_force =
            if self.faults.is_empty() { String::new() } else { format!("; in force: {}", self.faults.join(", ")) };
        below(format!("{}{in_force}", self.clients()));
        let mut passing: Vec<String> = self.rate(|totals| totals.acknowledged, "acknowledged").into_iter().collect();
        passing.extend(self.rate(|totals| totals.delivered, "received"));
        passing.push(self.p99());
        passing.extend(self.backlog());
        below(passing.join(", "));
        below(self.counts().join(", "));
        if !self.now.reasons.is_empty() {
            below(reasons(&self.now.reasons, columns.saturating_sub(INDENT)));
        }
        lines.iter_mut().skip(1).for_each(|line| line.insert_str(0, &" ".repeat(INDENT)));
        lines.iter().map(|line| fit(line, columns)).collect()
    }

    /// `redis: load ━━━━━━━━────── 12 of 30 s, 18 s left`.
    fn heading(&self, trial: &str, columns: usize) -> String {
        let trial = one_line(trial);
        match Stretch::of(self.now) {
            Stretch::Around(stretch) => format!("{trial}: {stretch}"),
            Stretch::Load { gone } => {
                let (gone, load) = (gone.min(self.now.load), self.now.load);
                let left = seconds(load) - seconds(gone);
                let after = format!("{} of {} s, {left} s left", seconds(gone), seconds(load));
                let taken = width(&trial) + ": load ".len() + 1 + width(&after);
                let room = columns.saturating_sub(taken).min(*BAR_COLUMNS.end());
                if room < *BAR_COLUMNS.start() {
                    return format!("{trial}: load {after}");
                }
                format!("{trial}: load {} {after}", bar(gone.as_secs_f64() / load.as_secs_f64(), room))
            }
        }
    }

    fn rate(&self, of: impl Fn(&Totals) -> u64, word: &str) -> Option<String> {
        let before = self.before?;
        let over = self.now.elapsed.since(before.elapsed).as_secs_f64();
        let more = of(self.now).saturating_sub(of(before));
        (over >= RATE_OVER_SECONDS).then(|| format!("{:.0} {word}/s", more as f64 / over))
    }

    /// A dash where nothing was answered lately: the longest waits are still to come then.
    fn p99(&self) -> String {
        self.now.p99.map_or_else(|| "p99 –".to_owned(), |p99| format!("p99 {p99}"))
    }

    fn counts(&self) -> [String; 3] {
        let now = self.now;
        [
            format!("{} of {} acknowledged", now.acknowledged, now.sent),
            format!("{} unsuccessful", now.unsuccessful),
            format!("{} delivered", now.delivered),
        ]
    }

    fn backlog(&self) -> Option<String> {
        self.now.backlog.map(|backlog| format!("backlog {backlog}"))
    }

    fn clients(&self) -> String {
        format!("{} of {} connected", self.now.connected, plural(self.now.clients as u64, "client"))
    }
}

/// One line of at most so many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    fit(&one_line(text), columns)
}

/// As many lines as it takes, broken between words; those below the first are set in.
pub(super) fn broken(text: &str, columns: usize) -> Vec<String> {
    let indent = " ".repeat(INDENT.min(columns.saturating_sub(1)));
    let options = textwrap::Options::new(columns.max(1)).subsequent_indent(&indent);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// What lines below the first are set in by.
const INDENT: usize = 2;

/// Where in its phases a trial is.
#[derive(Clone, Copy, Debug)]
enum Stretch {
    Load { gone: Nanos },
    Around(AroundLoad),
}

/// Before the load or after it.
#[derive(Clone, Copy, Debug)]
enum AroundLoad {
    Idle {
        left: Nanos,
    },
    WarmUp {
        left: Nanos,
    },
    /// The warm-up's end, in which nothing is due.
    Silence {
        left: Nanos,
    },
    Drain {
        left: Nanos,
    },
}

impl Stretch {
    fn of(now: &Totals) -> Self {
        let left = now.warmup.since(now.elapsed);
        match (now.drain, now.idle) {
            (Some(left), _) => Self::Around(AroundLoad::Drain { left }),
            (None, Some(left)) => Self::Around(AroundLoad::Idle { left }),
            (None, None) if now.elapsed >= now.warmup => Self::Load { gone: now.elapsed.since(now.warmup) },
            (None, None) if now.silent => Self::Around(AroundLoad::Silence { left }),
            (None, None) => Self::Around(AroundLoad::WarmUp { left }),
        }
    }
}

impl fmt::Display for AroundLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle { left } => write!(f, "idle, {} s before the warm-up", seconds(*left)),
            Self::WarmUp { left } => write!(f, "warm-up, {} s before the load", seconds(*left)),
            Self::Silence { left } => write!(f, "warm-up, silent, {} s before the load", seconds(*left)),
            Self::Drain { left } => write!(f, "draining, at most {} s more", seconds(*left)),
        }
    }
}

/// Whole ones.
fn seconds(time: Nanos) -> u64 {
    time.as_secs_f64().round() as u64
}

/// `━━━━━━────`: a share of so many columns.
fn bar(share: f64, columns: usize) -> String {
    let full = ((share.clamp(0.0, 1.0) * columns as f64).round() as usize).min(columns);
    "━".repeat(full) + &"─".repeat(columns - full)
}

/// `2 × connection refused`.
fn counted((reason, sends): &(String, u64)) -> String {
    format!("{sends} × {}", one_line(reason))
}

/// The most frequent ones, each with its share of the columns.
fn reasons(reasons: &[(String, u64)], columns: usize) -> String {
    const BETWEEN: &str = "; ";
    let told = &reasons[..reasons.len().min(REASONS_TOLD)];
    let each = (columns.saturating_sub(BETWEEN.len() * (told.len() - 1)) / told.len()).max(1);
    told.iter().map(|reason| fit(&counted(reason), each)).collect::<Vec<_>>().join(BETWEEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(elapsed: u64, acknowledged: u64) -> Totals {
        Totals {
            idle: None,
            elapsed: Nanos::from_secs(elapsed),
            warmup: Nanos::from_secs(3),
            silent: false,
            load: Nanos::from_secs(30),
            drain: None,
            sent: acknowledged + 10,
            acknowledged,
            unsuccessful: 3,
            reasons: vec![("timed out".to_owned(), 2), ("connection refused".to_owned(), 1)],
            delivered: acknowledged,
            p99: Some(Nanos::from_millis(2)),
            connected: 4,
            clients: 5,
            backlog: Some(7),
        }
    }

    fn moment<'m>(now: &'m Totals, before: Option<&'m Totals>, faults: &'m [String]) -> Moment<'m> {
        Moment { now, before, faults }
    }

    #[test]
    fn a_line_says_it_all_in_seconds_of_the_load_as_faults_are_counted() {
        let (now, before, faults) = (totals(15, 24_000), totals(14, 22_000), ["down-1".to_owned()]);
        let expected = "load 12 of 30 s, down-1 in force: 2000 acknowledged/s, p99 2.00 ms, 24000 of 24010 acknowledged, \
                        3 unsuccessful, 24000 delivered, backlog 7, 4 of 5 clients connected; 2 × timed out";
        assert_eq!(moment(&now, Some(&before), &faults).in_a_line(), expected);
        let early = totals(1, 0);
        assert!(moment(&early, None, &[]).in_a_line().starts_with("warm-up, 2 s before the load: p99 "));
        let silent = Totals { silent: true, ..totals(1, 0) };
        assert_eq!(moment(&silent, None, &[]).in_lines("redis", 100)[0], "redis: warm-up, silent, 2 s before the load");
        let idle = Totals { idle: Some(Nanos::from_secs(4)), ..totals(0, 0) };
        assert!(moment(&idle, None, &[]).in_a_line().starts_with("idle, 4 s before the warm-up: p99 "));
        assert_eq!(moment(&idle, None, &[]).in_lines("redis", 100)[0], "redis: idle, 4 s before the warm-up");
        let late = Totals { drain: Some(Nanos::from_secs(8)), ..totals(34, 24_000) };
        assert!(moment(&late, None, &[]).in_a_line().starts_with("draining, at most 8 s more: p99 "));
    }

    #[test]
    fn without_an_earlier_moment_no_rate_is_told() {
        let now = totals(15, 24_000);
        let moment = moment(&now, None, &[]);
        assert!(!moment.in_a_line().contains("/s") && !moment.in_lines("redis", 100).concat().contains("/s"));
    }

    #[test]
    fn a_terminal_is_told_it_in_a_few_lines() {
        let (now, before, faults) = (totals(15, 24_000), totals(14, 22_000), ["down-1".to_owned()]);
        let expected = [
            "redis: load ━━━━━━━━━━━━━━━━──────────────────────── 12 of 30 s, 18 s left",
            "  4 of 5 clients connected; in force: down-1",
            "  2000 acknowledged/s, 2000 received/s, p99 2.00 ms, backlog 7",
            "  24000 of 24010 acknowledged, 3 unsuccessful, 24000 delivered",
            "  2 × timed out; 1 × connection refused",
        ];
        assert_eq!(moment(&now, Some(&before), &faults).in_lines("redis", 100), expected);
        let calm = Totals { reasons: Vec::new(), unsuccessful: 0, p99: None, ..now };
        let lines = moment(&calm, Some(&before), &[]).in_lines("redis", 100);
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert_eq!((lines[1].as_str(), lines[2].contains("p99 –")), ("  4 of 5 clients connected", true), "{lines:#?}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_stands_in_it() {
        let faults: Vec<String> = (0..20).map(|nth| format!("down-{nth}")).collect();
        let now = Totals {
            reasons: vec![
                (format!("refused{}", " and refused".repeat(40)), 1_000_000),
                ("日本語の名前日本語の名前".to_owned(), 999),
                ("a\nb".to_owned(), 1),
            ],
            ..totals(15, 24_000)
        };
        let before = totals(14, 22_000);
        let moment = moment(&now, Some(&before), &faults);
        for columns in [1, 2, 3, 10, 24, 40, 79, 80, 100, 200] {
            let lines = moment.in_lines("a-system-with-a-name", columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:#?}");
            assert_eq!(lines.len(), 5);
        }
        let lines = moment.in_lines("redis", 80);
        assert!(lines[4].contains("1000000 × refused and") && lines[4].contains("999 × 日本"), "{lines:#?}");
        assert!(lines[0].contains('━') && !moment.in_lines("redis", 40)[0].contains('━'), "{lines:#?}");
    }

    #[test]
    fn what_brokers_say_steers_no_terminal_and_breaks_no_line() {
        let now = Totals { reasons: vec![("no\r\n\u{1b}[2Jroom".to_owned(), 1)], ..totals(15, 24_000) };
        let faults = ["down\u{7}".to_owned()];
        let moment = moment(&now, None, &faults);
        let lines = moment.in_lines("re\ndis", 100);
        for line in lines.iter().chain(&[moment.in_a_line()]) {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert!(lines[4].contains("1 × no \u{fffd}[2Jroom"), "{lines:#?}");
    }

    #[test]
    fn what_happened_is_broken_between_words_and_all_of_it_is_there() {
        let text = "redis: trouble: the broker could not be asked for its account, and that is a pity";
        for columns in [1, 3, 12, 40] {
            let lines = broken(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:#?}");
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&lines.concat()), letters(text), "{columns}");
        }
        assert_eq!(broken(text, 200), [text]);
        assert_eq!(cut("redis:\n driving the load", 10), "redis: dr…");
    }

    #[test]
    fn a_log_has_the_first_reason_where_there_is_room_for_it() {
        let now = Totals { reasons: vec![("refused ".repeat(50), 3)], ..totals(15, 24_000) };
        let line = moment(&now, None, &[]).in_a_line();
        assert!(line.contains("connected; 3 × refused refused") && width(&line) == LOG_COLUMNS, "{line}");
        let faults: Vec<String> = (0..20).map(|nth| format!("down-{nth}")).collect();
        let line = moment(&now, None, &faults).in_a_line();
        assert!(line.ends_with("4 of 5 clients connected"), "{line}");
    }
}
