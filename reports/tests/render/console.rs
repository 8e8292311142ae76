//! The summary for a terminal.

use crate::sample;
use reports::judge::Judged;
use reports::render::console::{Style, summary};
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
