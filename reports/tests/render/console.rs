//! The summary for a terminal.

use crate::sample;
use reports::judge::Judged;
use reports::render::console::{Style, summary};
use reports::units::Nanos;
use unicode_width::UnicodeWidthStr;

fn plain(judged: &Judged) -> String {
    summary(judged, Style::Plain)
}

#[test]
fn a_failover_begins_with_its_verdict_and_ends_with_what_held() {
    insta::assert_snapshot!(plain(&sample::failover()));
}

#[test]
fn an_interrupted_trial_tells_its_reason_once() {
    insta::assert_snapshot!(plain(&sample::interrupted()));
}

#[test]
fn a_saturated_system_is_shown_but_not_compared() {
    insta::assert_snapshot!(plain(&sample::baseline()));
}

#[test]
fn repeats_are_columns_of_their_own() {
    insta::assert_snapshot!(plain(&sample::repeated()));
}

#[test]
fn a_run_without_a_trial_does_not_look_like_a_pass() {
    let text = plain(&sample::nothing());
    assert!(text.starts_with("UNKNOWN"), "{text}");
    assert!(!text.to_lowercase().contains("pass"), "{text}");
}

#[test]
fn no_line_is_wider_than_eighty_columns_whatever_names_hold() {
    let mut crowded = sample::repeated();
    let again = crowded.clone();
    crowded.result.trials.extend(again.result.trials);
    crowded.series.extend(again.series);
    for judged in [sample::failover(), sample::baseline(), sample::empty(), sample::hostile(), crowded] {
        for line in plain(&judged).lines() {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
        }
    }
}

#[test]
fn clients_that_take_a_core_while_they_wait_are_named_and_others_are_not() {
    let words = |cpu_ms: u64, cost: f64| {
        let mut judged = sample::failover();
        let trial = &mut judged.result.trials[0];
        let producer = trial.resources.iter_mut().find(|process| process.process == "producer-0").expect("one");
        let load = Nanos((trial.rates.seconds * 1e9) as u64);
        assert_eq!(load, Nanos::from_secs(30));
        (producer.cpu_ns, producer.cpu_s_per_million) = (Nanos::from_millis(cpu_ms), Some(cost));
        plain(&judged).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let busy = words(9_000, 187.0);
    assert!(busy.contains("producer-0 (30 % of a core, 187 µs for each acknowledged message)"), "{busy}");
    // Much in all for many messages, and much for each of few.
    assert!(!words(9_000, 12.0).contains("of a core") && !words(900, 187.0).contains("of a core"));
}

#[test]
fn escape_sequences_come_from_the_style_alone() {
    let text = plain(&sample::hostile());
    assert!(!text.contains('\u{1b}'));
    assert!(!text.contains('\u{202e}'));
    assert!(summary(&sample::failover(), Style::Coloured).contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
}

#[test]
fn colours_change_no_character_of_the_text() {
    let coloured = summary(&sample::failover(), Style::Coloured);
    let mut text = String::new();
    let mut rest = coloured.as_str();
    while let Some(begin) = rest.find('\u{1b}') {
        text.push_str(&rest[..begin]);
        let end = rest[begin..].find('m').expect("a colour ends with m");
        rest = &rest[begin + end + 1..];
    }
    text.push_str(rest);
    assert_eq!(text, plain(&sample::failover()));
}

#[test]
fn what_was_trimmed_is_told_where_anything_was() {
    let mut judged = sample::failover();
    assert!(!plain(&judged).contains("trimmed"));
    let log = judged.result.trials[1].log.as_mut().expect("read");
    log.trimmed = 4369;
    let text = plain(&judged);
    let row = text.lines().find(|line| line.contains("trimmed from the log")).expect("a row");
    assert!(row.contains(" 0 ") && row.ends_with("4,369"), "{row}");
}

#[test]
fn where_nobody_consumes_nothing_is_told_of_consumers() {
    let told = plain(&sample::unconsumed());
    for words in ["consum", "end-to-end", "redelivered"] {
        assert!(plain(&sample::failover()).contains(words) && !told.contains(words), "{words}: {told}");
    }
}
