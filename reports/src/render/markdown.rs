//! `summary.md`: the answer in GitHub-flavoured Markdown, for the summary of a CI job.

use super::cells::{Cell, Mark, Weight};
use super::comparison::Comparison;
use super::costs::{IDLE, NETWORK, NETWORK_LEAD, PROCESSES, network, process};
use super::fairness::{Fairness, READ_BACK, SettingText};
use super::label::{Shown, shown};
use super::reconnects::{ReturnLine, lines};
use super::renderer::{RenderError, Renderer};
use super::story::stories;
use super::text::{ABSENT, one_line};
use super::verdict;
use crate::judge::Judged;
use crate::result::{CheckResult, RunResult, Verdict};
use std::fmt::Write as _;

/// Renders `summary.md`.
pub struct Markdown;

impl Renderer for Markdown {
    fn file_name(&self) -> &'static str {
        "summary.md"
    }

    fn about(&self) -> &'static str {
        "the answer in Markdown, for a CI job's summary"
    }

    fn render(&self, judged: &Judged) -> Result<String, RenderError> {
        let result = &judged.result;
        let shown = shown(judged);
        let sections = [
            headline(result),
            comparison(&Comparison::of(result)),
            checks(result, &shown),
            reconnects(&lines(&shown)),
            fairness(&Fairness::of(result)),
            costs(&shown),
            versions(result, &shown),
        ];
        let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
        Ok(sections.join("\n"))
    }
}

fn headline(result: &RunResult) -> String {
    let mut text = String::new();
    let word = result.verdict.word().to_uppercase();
    let sentence = escape(&verdict::sentence(result));
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "## {} {}: {}\n", symbol(result.verdict), word, escape(&result.scenario.title));
    if let Some(question) = verdict::question(result) {
        let _ = writeln!(text, "*{}*\n", escape(&question));
    }
    let _ = writeln!(text, "{sentence}.\n");
    for story in stories(result) {
        let _ = writeln!(text, "- {} **{}** {}", symbol(story.verdict), escape(&story.label), escape(&story.told));
    }
    text.push('\n');
    let load = &result.scenario.workload;
    let _ = writeln!(
        text,
        "`{}`, {}, {}, {} → {}, {}",
        code(&result.scenario.name),
        escape(&load.rate),
        super::load::messages(load),
        super::number::of(load.producers.into(), "producer"),
        super::number::of(load.consumers.into(), "consumer"),
        super::number::of(load.partitions.into(), "partition"),
    );
    text
}

const fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Unknown => "❔",
        Verdict::Fail => "❌",
    }
}

fn comparison(comparison: &Comparison) -> String {
    if comparison.columns.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for section in &comparison.sections {
        let mut heading = vec![format!("**{}**", escape(&section.heading))];
        heading.resize(comparison.columns.len() + 1, String::new());
        rows.push(heading);
        for row in section.rows.iter().filter(|row| row.weight == Weight::Main) {
            rows.push(std::iter::once(row.label.to_owned()).chain(row.cells.iter().map(cell)).collect());
        }
    }
    let headings: Vec<String> =
        std::iter::once(String::new()).chain(comparison.columns.iter().map(|name| escape(name))).collect();
    let mut text = format!("### Comparison\n\n{}", table(&headings, Align::Figures, &rows));
    let _ = writeln!(
        text,
        "\n**Bold** figures are the best of their row by at least 5 %; those in *italics* cannot be compared."
    );
    for remark in &comparison.remarks {
        let _ = writeln!(text, "\n> {}", escape(remark));
    }
    text
}

fn cell(cell: &Cell) -> String {
    let text = escape(&cell.text);
    match cell.mark {
        Mark::None => text,
        Mark::Best => format!("**{text}**"),
        Mark::Alarm => format!("⚠️ {text}"),
        Mark::Doubtful => format!("*{text}*"),
    }
}

fn checks(result: &RunResult, shown: &[Shown<'_>]) -> String {
    let all = || shown.iter().flat_map(|shown| shown.trial.checks.iter().map(move |check| (shown, check)));
    let mut open: Vec<(&Shown<'_>, &CheckResult)> = all().filter(|(_, check)| check.verdict != Verdict::Pass).collect();
    open.sort_by_key(|(_, check)| (check.known.is_some(), std::cmp::Reverse(check.verdict)));
    let mut text = "### Checks\n\n".to_owned();
    if !open.is_empty() {
        let headings = ["", "check", "system", "limit", "observed", "why"].map(str::to_owned);
        let rows: Vec<Vec<String>> = open
            .iter()
            .map(|(shown, check)| {
                let tracked = verdict::tracked(check);
                let why = tracked.as_ref().map_or_else(|| check.why.clone(), |known| format!("{known}; {}", check.why));
                let told = [&check.name, &shown.label, &check.limit, &check.observed, &why];
                let verdict = match tracked {
                    Some(_) => "🔕 known".to_owned(),
                    None => format!("{} {}", symbol(check.verdict), check.verdict.word()),
                };
                std::iter::once(verdict).chain(told.map(|part| escape(part))).collect()
            })
            .collect();
        text.push_str(&table(&headings, Align::Words, &rows));
        text.push('\n');
    }
    for shown in shown {
        let held = shown.trial.checks.iter().filter(|check| check.verdict == Verdict::Pass);
        let held: Vec<String> = held.map(|check| escape(&check.name)).collect();
        if !held.is_empty() {
            let _ = writeln!(text, "- ✅ held on {}: {}", escape(&shown.label), held.join(", "));
        }
    }
    for words in verdict::known(result).into_iter().chain(verdict::warned(result)) {
        let _ = writeln!(text, "\n> {}", escape(&words));
    }
    text
}

fn reconnects(lines: &[ReturnLine]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = lines.iter().map(|line| line.parts().map(escape).to_vec()).collect();
    format!("### Reconnects\n\n{}", table(&ReturnLine::HEADINGS.map(str::to_owned), Align::Words, &rows))
}

fn fairness(fairness: &Fairness) -> String {
    if fairness.rows.is_empty() {
        return String::new();
    }
    let headings: Vec<String> =
        std::iter::once("wish".to_owned()).chain(fairness.systems.iter().map(|name| escape(name))).collect();
    let cell = |settings: &Vec<SettingText>| {
        let told = settings.iter().map(|setting| {
            let mark = if setting.read_back { format!(" {READ_BACK}") } else { String::new() };
            let note = setting.note.as_ref().map_or_else(String::new, |note| format!(" ({})", escape(note)));
            format!("{}{mark}{note}", escape(&setting.setting))
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() { ABSENT.to_owned() } else { told.join("<br>") }
    };
    let rows: Vec<Vec<String>> = fairness
        .rows
        .iter()
        .map(|(topic, cells)| std::iter::once(escape(topic)).chain(cells.iter().map(cell)).collect())
        .collect();
    let marks = fairness.rows.iter().flat_map(|(_, cells)| cells).flatten().any(|setting| setting.read_back);
    let legend =
        if marks { format!("{READ_BACK}: the started broker said so when it was asked.\n\n") } else { String::new() };
    format!("### What each system was set to\n\n{legend}{}", table(&headings, Align::Words, &rows))
}

/// What each process used, and what passed over the network.
fn costs(shown: &[Shown<'_>]) -> String {
    if shown.iter().all(|shown| shown.trial.resources.is_empty() && shown.trial.network.is_none()) {
        return String::new();
    }
    let has_idle = shown.iter().flat_map(|shown| &shown.trial.resources).any(|process| process.idle_cores.is_some());
    let headings =
        |of: &[&str]| std::iter::once("System").chain(of.iter().copied()).map(str::to_owned).collect::<Vec<_>>();
    let line = |label: &str, figures: &[String]| {
        std::iter::once(escape(label)).chain(figures.iter().map(|figure| escape(figure))).collect::<Vec<_>>()
    };
    let (mut processes, mut ways) = (Vec::new(), Vec::new());
    for shown in shown {
        processes.extend(shown.trial.resources.iter().map(|each| line(&shown.label, &process(each, has_idle))));
        ways.extend(network(shown.trial).iter().map(|way| line(&shown.label, way)));
    }
    let of_processes: Vec<&str> = PROCESSES.into_iter().chain(IDLE.into_iter().filter(|_| has_idle)).collect();
    format!(
        "### What it cost\n\n{}\n{NETWORK_LEAD}\n\n{}",
        table(&headings(&of_processes), Align::Figures, &processes),
        table(&headings(&NETWORK), Align::Figures, &ways)
    )
}

fn versions(result: &RunResult, shown: &[Shown<'_>]) -> String {
    let mut text = "### Versions\n\n".to_owned();
    let _ = writeln!(text, "- run `{}`, {}", code(&result.run.id), escape(&result.run.started));
    let told = |versions: &std::collections::BTreeMap<String, String>| {
        let told: Vec<String> = versions.iter().map(|(name, version)| escape(&format!("{name} {version}"))).collect();
        told.join(", ")
    };
    if !result.run.versions.is_empty() {
        let _ = writeln!(text, "- {}", told(&result.run.versions));
    }
    for shown in shown {
        let trial = shown.trial;
        let all = [escape(&trial.client), told(&trial.versions)].into_iter().filter(|part| !part.is_empty());
        let _ = writeln!(text, "- {}: {}", escape(&shown.label), all.collect::<Vec<_>>().join(", "));
    }
    if !result.run.host.is_empty() {
        let _ = writeln!(text, "- host: {}", told(&result.run.host));
    }
    text
}

/// How columns after the first are aligned.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Figures,
    Words,
}

pub(super) fn table(headings: &[String], align: Align, rows: &[Vec<String>]) -> String {
    let rule = match align {
        Align::Figures => "---:",
        Align::Words => "---",
    };
    let mut rules = vec!["---".to_owned()];
    rules.resize(headings.len(), rule.to_owned());
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    std::iter::once(line(headings))
        .chain(std::iter::once(line(&rules)))
        .chain(rows.iter().map(|row| line(row)))
        .collect()
}

/// Text that Markdown shows as it is: everything that could begin a tag, a table cell, a link or an emphasis is escaped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention must not notify anybody.
            '@' => escaped.push_str("&#64;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text within a code span.
pub(super) fn code(text: &str) -> String {
    one_line(text).replace(['`', '|'], "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_in_its_cell() {
        assert_eq!(escape("a|b<img>\n&[x](y) @team"), "a\\|b&lt;img&gt; &amp;\\[x\\](y) &#64;team");
    }
}
