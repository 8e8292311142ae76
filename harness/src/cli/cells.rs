//! The cells of a matrix as the dry run shows them.

use super::table::{TextTable, WIDTH, wrap};
use crate::model::duration::show;
use crate::plan::Plan;
use crate::scenario::{Cell, Cells};
use reports::plural::plural;
use std::fmt::Write;
use std::time::Duration;

/// The matrix above the dry run of its first cell: plain text, lines of at most 100 characters.
pub(super) fn render(cells: &Cells) -> String {
    let plans: Vec<Plan> = cells.scenarios.iter().map(|one| Plan::of(&one.scenario)).collect();
    let sum =
        |length: fn(&Plan) -> Duration| plans.iter().fold(Duration::ZERO, |sum, plan| sum.saturating_add(length(plan)));
    let trials: usize = plans.iter().map(|plan| plan.trials.len()).sum();
    let keys: Vec<&str> = cells.keys.iter().map(|key| key.key.as_str()).collect();
    let takes = format!(
        "{} to {} for {} in {}; starting and stopping brokers comes on top",
        show(sum(|plan| plan.shortest)),
        show(sum(|plan| plan.longest)),
        plural(trials as u64, "trial"),
        plural(plans.len() as u64, "cell")
    );
    let mut text = format!("{} ({}), {}\n\n", cells.title, cells.name, plural(plans.len() as u64, "cell"));
    let replaced =
        cells.replaced.iter().map(|key| ("Set", format!("{}, before the matrix's values of {}", key.by, key.key)));
    for (label, line) in [("Over", keys.join(" × ")), ("Takes", takes)].into_iter().chain(replaced) {
        for (index, piece) in wrap(&line, WIDTH - 8).iter().enumerate() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "{:<8}{piece}", if index == 0 { label } else { "" });
        }
    }
    let _ = write!(text, "\nCells, in this order\n{}", table(cells, &plans).render());
    text
}

/// What leads from the matrix to the dry run of one cell.
pub(super) fn lead(cells: &Cells) -> String {
    let last = cells.scenarios.last().and_then(|one| one.cell.as_ref());
    let sets = cells
        .keys
        .iter()
        .zip(last.map_or(&[][..], |cell| &cell.choice))
        .filter_map(|(key, at)| Some(format!("--set '{}={}'", key.key, key.values.get(*at)?)));
    let sets: Vec<String> = sets.collect();
    wrap(&format!("The first cell in full. Another one, as the last: {}", sets.join(" ")), WIDTH).join("\n")
}

fn table(cells: &Cells, plans: &[Plan]) -> TextTable {
    let names = cells.keys.iter().map(|key| key.name.clone());
    let header = std::iter::once(String::new()).chain(names);
    let header = header.chain(["messages of a trial", "trials", "takes"].map(str::to_owned)).collect();
    let mut table = TextTable::new(header);
    for (number, (one, plan)) in (1..).zip(cells.scenarios.iter().zip(plans)) {
        let values = one.cell.as_ref().map_or_else(Vec::new, |cell| values(cells, cell));
        let row = std::iter::once(format!("{number}")).chain(values);
        let takes = format!("{} to {}", show(plan.shortest), show(plan.longest));
        let messages = match one.scenario.workload.rate.is_closed() {
            true => "unlimited".to_owned(),
            false => plan.offered.to_string(),
        };
        table.row(row.chain([messages, plan.trials.len().to_string(), takes]).collect());
    }
    table
}

fn values(cells: &Cells, cell: &Cell) -> Vec<String> {
    let each = cells.keys.iter().zip(&cell.choice).map(|(key, at)| key.values.get(*at).cloned().unwrap_or_default());
    each.collect()
}
