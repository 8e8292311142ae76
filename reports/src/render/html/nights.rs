//! `index.html` of an archive: every night, the newest first, with one row for each scenario.

use super::elements::{document, scrolling, titled};
use super::style;
use crate::night::{Night, NightScenario};
use crate::render::nights::{Sign, compared, headline, sign};
use crate::render::text::{one_line, without_controls};
use crate::result::Verdict;
use maud::{Markup, html};

/// A night, and what there is of each of its scenarios, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownNight {
    /// The night.
    pub night: Night,
    /// One for each scenario.
    pub links: Vec<Links>,
}

/// Pages of a scenario's run, from the archive's folder; absent where they were dropped or never written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// `report.html`.
    pub report: Option<String>,
    /// `compare.html`.
    pub compare: Option<String>,
}

/// The page. `nights`: the newest first.
pub fn index(nights: &[ShownNight]) -> String {
    let newest = nights.first();
    let answer = newest.map_or(Verdict::Unknown, |newest| answer(&newest.night));
    let body = html! {
        header class={ "headline " (answer.word()) } {
            p class="eyebrow" { "Nights of scenarios, the newest first" }
            h1 { (badge(answer.word(), mark(answer), answer.word())) " "
                (newest.map_or_else(|| "no night".to_owned(), |newest| one_line(&newest.night.started))) }
            @if let Some(newest) = newest { p class="sentence" { (one_line(&headline(&newest.night))) "." } }
        }
        main { @for shown in nights { (night(shown)) } }
    };
    let page = document(&format!("{}: nights", answer.word().to_uppercase()), &style(), &body);
    without_controls(&page.into_string())
}

fn answer(night: &Night) -> Verdict {
    Verdict::worst(night.scenarios.iter().map(NightScenario::answer))
}

fn night(shown: &ShownNight) -> Markup {
    let night = &shown.night;
    let title = one_line(&night.started);
    let table = html! {
        table class="checks" {
            thead { tr {
                @for heading in ["Verdict", "Scenario", "What came of it", "Compared with its last good run", "Pages"] {
                    th scope="col" { (heading) }
                }
            } }
            tbody { @for (scenario, links) in night.scenarios.iter().zip(&shown.links) { (row(scenario, links)) } }
        }
    };
    let body = html! {
        p class="lead" { (one_line(&headline(night))) "." }
        (scrolling(&title, &table))
    };
    let id: String = night.id.chars().filter(char::is_ascii_alphanumeric).collect();
    titled(&format!("night-{id}"), &title, &body)
}

fn row(scenario: &NightScenario, links: &Links) -> Markup {
    let Sign { word, sign, class } = sign(scenario);
    html! {
        tr {
            td { (badge(class, sign, word)) }
            th scope="row" { (one_line(&scenario.name)) br; small { (one_line(&scenario.title)) } }
            td class="why" { (one_line(&scenario.why)) }
            td class="why" { (one_line(&compared(scenario))) }
            td {
                @if let Some(report) = &links.report { a href=(report) { "report" } " " }
                @if let Some(compare) = &links.compare { a href=(compare) { "comparison" } }
            }
        }
    }
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Unknown => "?",
        Verdict::Fail => "✗",
    }
}

fn badge(class: &str, sign: &str, word: &str) -> Markup {
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) " " } (word) } }
}
