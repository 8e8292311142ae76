//! `index.html` of an archive: every night, the newest first, with one row for each scenario. And that of a run of several.

use super::elements::{document, scrolling, titled};
use super::style;
use crate::night::{Night, NightScenario};
use crate::render::nights::{Sign, compared, counted, headline, sign};
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
    let top = Top {
        eyebrow: "Nights of scenarios, the newest first",
        title: "nights",
        answer: newest.map_or(Verdict::Unknown, |newest| answer(&newest.night)),
        heading: newest.map_or_else(|| "no night".to_owned(), |newest| newest.night.started.clone()),
        sentence: newest.map(|newest| headline(&newest.night)),
    };
    page(&top, &html! { @for shown in nights { (night(shown)) } })
}

/// The page of one run of several scenarios.
pub fn several(run: &ShownNight) -> String {
    let top = Top {
        eyebrow: "Several scenarios, in the order in which they were run",
        title: "several scenarios",
        answer: answer(&run.night),
        heading: run.night.started.clone(),
        sentence: Some(counted(&run.night, "run")),
    };
    let any = run.night.scenarios.iter().any(|scenario| scenario.compared.is_some());
    let compared = any.then_some("Compared with its baseline");
    let body = titled("scenarios", "Scenarios", &scrolling("Scenarios", &table(run, compared)));
    page(&top, &body)
}

/// What stands above everything.
struct Top {
    eyebrow: &'static str,
    title: &'static str,
    answer: Verdict,
    heading: String,
    sentence: Option<String>,
}

fn page(top: &Top, sections: &Markup) -> String {
    let word = top.answer.word();
    let body = html! {
        header class={ "headline " (word) } {
            p class="eyebrow" { (top.eyebrow) }
            h1 { (badge(word, mark(top.answer), word)) " " (one_line(&top.heading)) }
            @if let Some(sentence) = &top.sentence { p class="sentence" { (one_line(sentence)) "." } }
        }
        main { (sections) }
    };
    let page = document(&format!("{}: {}", word.to_uppercase(), top.title), &style(), &body);
    without_controls(page.into_string())
}

fn answer(night: &Night) -> Verdict {
    Verdict::worst(night.scenarios.iter().map(NightScenario::answer))
}

fn night(shown: &ShownNight) -> Markup {
    let night = &shown.night;
    let title = one_line(&night.started);
    let body = html! {
        p class="lead" { (one_line(&headline(night))) "." }
        (scrolling(&title, &table(shown, Some("Compared with its last good run"))))
    };
    let id: String = night.id.chars().filter(char::is_ascii_alphanumeric).collect();
    titled(&format!("night-{id}"), &title, &body)
}

/// One row for each scenario.
fn table(shown: &ShownNight, compared: Option<&str>) -> Markup {
    html! {
        table class="nights stacks" {
            thead { tr {
                th scope="col" { "Verdict" }
                th scope="col" { "Scenario" }
                th scope="col" { "What came of it" }
                @if let Some(compared) = compared { th scope="col" { (compared) } }
            } }
            tbody {
                @for (scenario, links) in shown.night.scenarios.iter().zip(&shown.links) { (row(scenario, links, compared.is_some())) }
            }
        }
    }
}

fn row(scenario: &NightScenario, links: &Links, with_comparison: bool) -> Markup {
    let Sign { word, sign, class } = sign(scenario);
    html! {
        tr {
            td { (badge(class, sign, word)) }
            th scope="row" {
                (linked(links.report.as_deref(), &one_line(&scenario.name))) br;
                small { (one_line(&scenario.title)) }
            }
            td class="why" { (one_line(&scenario.why)) }
            @if with_comparison {
                td class="why" {
                    (one_line(&compared(scenario)))
                    @if links.compare.is_some() { " " (linked(links.compare.as_deref(), "figures")) }
                }
            }
        }
    }
}

/// Words that lead to a page, where there is one.
fn linked(page: Option<&str>, words: &str) -> Markup {
    match page {
        Some(page) => html! { a href=(page) { (words) } },
        None => html! { (words) },
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
