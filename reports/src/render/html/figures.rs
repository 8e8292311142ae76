//! The charts, each with what it shows and how to read it.

use super::elements::titled;
use crate::judge::Judged;
use crate::render::RenderError;
use crate::render::chart::{self, Chart};
use maud::{Markup, PreEscaped, html};

pub(super) fn section(judged: &Judged) -> Result<Markup, RenderError> {
    let figures = html! { @for chart in chart::of(judged) { (figure(chart, judged)?) } };
    Ok(titled("charts", "Over time", &figures))
}

fn figure(chart: &dyn Chart, judged: &Judged) -> Result<Markup, RenderError> {
    let drawn = chart::inline(chart, judged)?.zip(chart::narrow(chart, judged)?);
    Ok(html! {
        figure id=(chart.name()) {
            h3 { (chart.title()) }
            @match drawn {
                Some((wide, narrow)) => {
                    ul class="finding" { @for told in chart.finding(judged) { li { (told) } } }
                    div class="wide" { (PreEscaped(wide)) }
                    div class="narrow" { (PreEscaped(narrow)) }
                    figcaption { (chart.how_to_read()) }
                }
                None => p class="absent" { (chart.when_absent()) },
            }
        }
    })
}
