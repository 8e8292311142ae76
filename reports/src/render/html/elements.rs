//! Elements that sections share.

use crate::render::cells::Mark;
use crate::render::label::Shown;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A whole page, of which nothing else is loaded.
pub(super) fn document(title: &str, style: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // The page promises to load nothing, and the browser holds it to that.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    }
}

/// A section with a heading that can be linked to.
pub(super) fn titled(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } { (title) }
            (body)
        }
    }
}

/// A table that scrolls by itself where the page is too narrow, also by keyboard.
pub(super) fn scrolling(label: &str, table: &Markup) -> Markup {
    html! { div class="scroll" tabindex="0" role="group" aria-label=(label) { (table) } }
}

/// A table of figures with a group of rows for each trial.
pub(super) fn grouped(
    label: &str,
    headings: &[&str],
    shown: &[Shown<'_>],
    rows: impl Fn(&Shown<'_>) -> Markup,
) -> Markup {
    let table = html! {
        table class="figures" {
            thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
            @for shown in shown {
                tbody {
                    tr class="group" { th scope="rowgroup" colspan=(headings.len()) { (shown.label) } }
                    (rows(shown))
                }
            }
        }
    };
    scrolling(label, &table)
}

/// The class of a marked figure.
pub(super) const fn class(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::None => None,
        Mark::Best => Some("best"),
        Mark::Alarm => Some("alarm"),
        Mark::Doubtful => Some("doubtful"),
    }
}
