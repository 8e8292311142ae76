//! What is said of each system in a sentence agrees with the result, however ugly that is.

use crate::sample;
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::html::Html;
use reports::render::markdown::Markdown;
use reports::result::{CrashRecovery, Known, NotShown, TrialResult, Verdict};
use reports::units::Nanos;

/// The sentence of the first trial, from the summary, after a change of it.
fn told(judged: &mut Judged, change: impl FnOnce(&mut TrialResult)) -> String {
    change(&mut judged.result.trials[0]);
    let label = judged.result.trials[0].system.clone();
    let summary = Markdown.render(judged).expect("a summary can be made");
    let begin = format!("**{label}** ");
    let line = summary.lines().find(|line| line.starts_with("- ") && line.contains(&begin)).expect("it is told of");
    let (_, told) = line.split_once(&begin).expect("it begins so");
    let page = Html.render(judged).expect("a page can be made");
    let escaped = told.replace('\\', "").replace('&', "&amp;").replace('<', "&lt;");
    assert!(page.contains(&escaped), "the page does not say {escaped:?}");
    told.replace('\\', "")
}

fn judge_losses(trial: &mut TrialResult, lost: u64, verdict: Verdict) {
    trial.counts.lost = lost;
    trial.checks.iter_mut().filter(|check| check.name == "lost").for_each(|check| check.verdict = verdict);
}

#[test]
fn an_outage_a_return_and_no_loss_are_one_sentence() {
    let sentence = told(&mut sample::failover(), |trial| {
        trial.recovery.longest_gap_ns = Nanos::from_millis(5_030);
        trial.recovery.unavailable_ns = Nanos::from_millis(5_030);
        trial.recovery.faults[0].steady_ns = Some(Nanos::from_millis(1_310));
        trial.recovery.faults[0].not_shown = None;
        trial.counts.acknowledged = 60_000;
        trial.recovery.ack.crashes.clear();
        judge_losses(trial, 0, Verdict::Pass);
    });
    let expected = "acknowledged nothing for 5.03 s, was back at full rate 1.31 s after down-1 had healed and lost nothing of \
                    60,000 acknowledged messages.";
    assert_eq!(sentence, expected);
}

#[test]
fn several_outages_are_told_by_the_longest_and_their_sum() {
    let sentence = told(&mut sample::failover(), |trial| {
        trial.recovery.longest_gap_ns = Nanos::from_secs(3);
        trial.recovery.unavailable_ns = Nanos::from_secs(7);
    });
    assert!(sentence.starts_with("acknowledged nothing for 3.00 s at the longest, 7.00 s in all"), "{sentence}");
}

#[test]
fn nothing_lost_is_said_only_where_the_check_holds() {
    for (lost, verdict, words) in [
        (0, Verdict::Pass, "lost nothing of"),
        (0, Verdict::Fail, "lost nothing of"),
        (0, Verdict::Unknown, "was lost is not known"),
        (3, Verdict::Unknown, "3 of"),
        (3, Verdict::Fail, "lost 3 of"),
        (3, Verdict::Pass, "lost 3 of"),
    ] {
        let sentence = told(&mut sample::failover(), |trial| judge_losses(trial, lost, verdict));
        assert!(sentence.contains(words), "{lost} {verdict:?}: {sentence}");
        assert_eq!(sentence.contains("lost nothing"), lost == 0 && verdict != Verdict::Unknown, "{sentence}");
    }
    let unasked = told(&mut sample::failover(), |trial| trial.checks.retain(|check| check.name != "lost"));
    assert!(unasked.contains("was not asked") && !unasked.contains("lost nothing"), "{unasked}");
}

#[test]
fn a_return_that_was_not_seen_is_not_told() {
    for (known, words) in [
        (Known::Bad, "was not back at full rate after down-1 had healed"),
        (Known::Unknown, "Whether it was back at full rate after down-1 had healed is not shown"),
    ] {
        let sentence = told(&mut sample::failover(), |trial| {
            let recovery = &mut trial.recovery.faults[0];
            recovery.steady_ns = None;
            recovery.not_shown = Some(NotShown { known, why: "the load ended".to_owned() });
        });
        assert!(sentence.contains(words), "{sentence}");
        assert!(!sentence.contains("was back at full rate 1"), "{sentence}");
    }
}

#[test]
fn of_many_faults_the_returns_are_counted_by_what_is_known_of_them() {
    let sentence = told(&mut sample::failover(), |trial| {
        let first = trial.recovery.faults[0].clone();
        let named = |name: &str, steady, not_shown| reports::result::FaultRecovery {
            fault: name.to_owned(),
            steady_ns: steady,
            not_shown,
            ..first.clone()
        };
        let unseen = |known| Some(NotShown { known, why: "the next began".to_owned() });
        trial.recovery.faults = vec![
            named("down-1", Some(Nanos::from_secs(2)), None),
            named("down-2", Some(Nanos::from_secs(4)), None),
            named("down-3", None, unseen(Known::Bad)),
            named("down-4", None, unseen(Known::Unknown)),
        ];
    });
    assert!(
        sentence.contains("was back at full rate after 2 of 4 faults, at most 4.00 s after the heal"),
        "{sentence}"
    );
    assert!(sentence.contains("was not back at full rate after 1 of 4 faults"), "{sentence}");
    assert!(sentence.contains("Whether it was back at full rate after 1 of 4 faults is not shown"), "{sentence}");
}

#[test]
fn without_messages_or_answers_nothing_else_is_claimed() {
    let silent = told(&mut sample::failover(), |trial| trial.counts.offered = 0);
    assert_eq!(silent, "was sent no message, so nothing was shown.");
    let deaf = told(&mut sample::failover(), |trial| {
        trial.counts.offered = 500;
        trial.counts.acknowledged = 0;
    });
    assert_eq!(deaf, "acknowledged none of 500 messages.");
}

#[test]
fn a_node_that_died_a_client_that_stayed_away_and_what_a_crash_left_are_named() {
    let sentence = told(&mut sample::failover(), |trial| {
        trial.nodes = vec![reports::result::NodeResult {
            node: "redis-0".to_owned(),
            event: "ended".to_owned(),
            at_s: 12.0,
            exit: Some(137),
            asked_for: false,
            words: None,
        }];
        trial.clients[0].reconnects[0].never_returned = true;
        trial.recovery.ack.crashes = vec![CrashRecovery {
            consumer: "consumer-1".to_owned(),
            at_ms: 9_000,
            held: 20,
            unseen: 0,
            first_taken_over_ns: Some(Nanos::SECOND),
            recovered_ns: None,
            left: 4,
        }];
    });
    for words in ["redis-0 ended by itself", "Not back by the end: ", "had in hand, 4 were never recovered"] {
        assert!(sentence.contains(words), "{words}: {sentence}");
    }
}

#[test]
fn what_is_doubtful_is_not_told_as_certain() {
    let saturated = told(&mut sample::failover(), |trial| {
        trial.recovery.longest_gap_ns = Nanos::ZERO;
        trial.generator.saturated = Some(true);
    });
    assert!(!saturated.contains("p99") && saturated.starts_with("acknowledged "), "{saturated}");
    assert!(!saturated.contains("had healed") && saturated.contains("full rate is doubtful"), "{saturated}");
    let unasked = told(&mut sample::failover(), |trial| {
        trial.counts.lost = 3;
        trial.checks.retain(|check| check.name != "lost");
    });
    assert!(unasked.contains("3 of") && unasked.contains("may be lost"), "{unasked}");
    let unconfirmed = told(&mut sample::failover(), |trial| trial.faults[0].confirmed = false);
    assert!(!unconfirmed.contains("full rate") && unconfirmed.contains("Not confirmed: down-1"), "{unconfirmed}");
    let cut = told(&mut sample::failover(), |trial| trial.doubts.messages.push("rows are missing".to_owned()));
    assert!(!cut.contains("crashed consumers"), "{cut}");
}
