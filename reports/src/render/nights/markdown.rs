//! `summary.md` of a night, as the summary of a CI job wants it.

use super::words::{compared, headline, sign};
use crate::night::Night;
use crate::render::markdown::{Align, escape, table};
use crate::result::Verdict;

/// The night in GitHub-flavoured Markdown.
pub fn summary(night: &Night) -> String {
    let symbol = symbol(night.answer());
    let headings = ["", "scenario", "what came of it", "compared with its last good run"].map(str::to_owned);
    let mut order: Vec<_> = night.scenarios.iter().collect();
    order.sort_by_key(|scenario| std::cmp::Reverse(scenario.answer()));
    let rows: Vec<Vec<String>> = order
        .into_iter()
        .map(|scenario| {
            let sign = format!("{} {}", self::symbol(scenario.answer()), sign(scenario).word);
            let name = format!("**{}**<br>{}", escape(&scenario.name), escape(&scenario.title));
            vec![sign, name, escape(&scenario.why), escape(&compared(scenario))]
        })
        .collect();
    let table = table(&headings, Align::Words, &rows);
    format!("## {symbol} Night of {}\n\n{}.\n\n{table}", escape(&night.started), escape(&headline(night)))
}

const fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Unknown => "❔",
        Verdict::Fail => "❌",
    }
}
