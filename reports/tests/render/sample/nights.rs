//! A night in which everything happened.

use reports::compare::CompareVerdict;
use reports::night::{NIGHT_SCHEMA, Night, NightComparison, NightOutcome, NightScenario};

const HOSTILE: &str = "<script>alert(1)</script>]]>|\u{1b}[31m\"&";

fn scenario(name: &str, outcome: NightOutcome, compared: Option<CompareVerdict>) -> NightScenario {
    NightScenario {
        name: name.to_owned(),
        title: HOSTILE.to_owned(),
        outcome,
        why: HOSTILE.to_owned(),
        fingerprint: Some(reports::result::Fingerprint::default()),
        compared: compared.map(|verdict| {
            let (base, why) = ("20261126T020000Z".to_owned(), HOSTILE.to_owned());
            NightComparison { base, verdict, why }
        }),
        accepted: false,
    }
}

pub(crate) fn night() -> Night {
    use CompareVerdict::{NothingConfirmed, Regression, Unknown};
    Night {
        schema: NIGHT_SCHEMA.to_owned(),
        id: "20261127T020000Z".to_owned(),
        started: "2026-11-27T02:00:00Z".to_owned(),
        ended: Some("2026-11-27T03:00:00Z".to_owned()),
        interrupted: false,
        scenarios: vec![
            scenario("same", NightOutcome::Pass, Some(NothingConfirmed)),
            scenario("first", NightOutcome::Pass, None),
            scenario("slower", NightOutcome::Pass, Some(Regression)),
            scenario("undecided", NightOutcome::Pass, Some(Unknown)),
            scenario("broken", NightOutcome::Fail, None),
            scenario("doubtful", NightOutcome::Unknown, None),
            scenario("no-engine", NightOutcome::Stopped, None),
            scenario("late", NightOutcome::NotTried, None),
        ],
    }
}
