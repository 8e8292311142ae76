//! `trend.html`: the figures of many runs, as small multiples.

use super::elements::{document, titled};
use super::style;
use crate::plural::plural;
use crate::render::RenderError;
use crate::render::chart;
use crate::render::text::{one_line, without_controls};
use crate::render::trends::{changes, headline, machine, unchanged};
use crate::trend::{Trend, TrendOf};
use maud::{Markup, PreEscaped, html};

const HOW_TO_READ: &str = "Each panel is a figure, each point the median over one run's trials; scales begin at zero. A triangle marks where a \
    figure changed for the worse, a circle for the better: two runs in a row lie further from the median of those before than \
    three scaled median absolute deviations, and than the figure's threshold. A cross is a run that stands alone so far. Dotted lines mark \
    where a version changed. Runs whose figures are doubtful, because the load generator was saturated or a node ended, are gaps.";

/// The page.
pub(in crate::render) fn render(trend: &Trend) -> Result<String, RenderError> {
    let sections = trend.trends.iter().enumerate().map(|(index, one)| section(index, one));
    let sections: Vec<Markup> = sections.collect::<Result<_, _>>()?;
    let body = html! {
        header class="headline" {
            p class="eyebrow" { "Trends" }
            h1 { (headline(trend)) }
            p class="lead" { (HOW_TO_READ) }
        }
        main {
            @for section in &sections { (section) }
            @if trend.trends.is_empty() { section { p { "There is no run to show." } } }
            @if !trend.notes.is_empty() {
                (titled("notes", "Not shown", &html! { @for note in &trend.notes { p class="remark" { (one_line(note)) } } }))
            }
        }
    };
    Ok(without_controls(document("Trends", &style(), &body).into_string()))
}

fn section(index: usize, trend: &TrendOf) -> Result<Markup, RenderError> {
    let told = changes(trend);
    let finding: Vec<&str> = told.iter().map(|(_, words)| words.as_str()).collect();
    let finding = if finding.is_empty() { unchanged(trend) } else { finding.join(". ") };
    let id = format!("trend-{index}");
    let (wide, narrow) = chart::trends(trend, &format!("{id}-chart"), &finding)?;
    let span = trend.points.first().zip(trend.points.last());
    let span = span.map(|(first, last)| format!("from {} to {}", one_line(&first.started), one_line(&last.started)));
    let body = html! {
        p class="lead" {
            (plural(trend.points.len() as u64, "run")) " " (span.unwrap_or_default()) "; " (machine(trend))
        }
        @if told.is_empty() { p { (unchanged(trend)) } }
        ul class="finding" {
            @for (worse, words) in &told {
                li { span class=[worse.then_some("alarm")] { @if *worse { "✗ " } @else { "✓ " } } (words) "." }
            }
        }
        figure {
            div class="wide" { (PreEscaped(wide)) }
            div class="narrow" { (PreEscaped(narrow)) }
        }
    };
    let title = format!("{} on {}", one_line(&trend.scenario), one_line(&trend.system));
    Ok(titled(&id, &title, &body))
}
