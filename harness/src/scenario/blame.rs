//! What is wrong with the cells of a matrix, each error once, with the value of the matrix that brings it about.

use super::matrix::{Axis, Grid};
use super::problem::Problem;
use miette::NamedSource;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was found in the cells: each cell's choice with its errors. `alone`: the errors of the scenario without its matrix, which no
/// value of it brings about, unless other values mend them.
pub(super) fn merged(
    grid: &Grid,
    tried: Vec<(Vec<usize>, Vec<Problem>)>,
    alone: &[Problem],
    file: &NamedSource<Arc<str>>,
) -> Vec<Problem> {
    let some_fit = tried.len() < grid.axes.iter().map(|axis| axis.values.len()).product::<usize>();
    let mut found: Vec<(Problem, Vec<Vec<usize>>)> = Vec::new();
    for (choice, problems) in tried {
        for problem in problems {
            match found.iter_mut().find(|(known, _)| known.is_same(&problem)) {
                Some((_, choices)) => choices.push(choice.clone()),
                None => found.push((problem, vec![choice.clone()])),
            }
        }
    }
    let each = found.into_iter().map(|(problem, choices)| {
        let is_at_home = problem.place().is_some_and(|place| grid.axes.iter().any(|axis| axis.holds(place)));
        if is_at_home || !some_fit && alone.iter().any(|known| known.is_same(&problem)) {
            problem
        } else {
            at_its_value(grid, problem, &choices, file)
        }
    });
    let mut problems: Vec<Problem> = each.collect();
    problems.sort_by_key(|problem| problem.order);
    problems
}

/// An error that stands elsewhere, at the value of the matrix with which it comes.
fn at_its_value(grid: &Grid, problem: Problem, choices: &[Vec<usize>], file: &NamedSource<Arc<str>>) -> Problem {
    let values = |index: usize| choices.iter().filter_map(move |choice| choice.get(index)).collect::<BTreeSet<_>>();
    let with = |(index, axis): (usize, &Axis)| {
        let values = values(index);
        (values.len() < axis.values.len()).then_some(())?;
        let first = **values.first()?;
        let words: Vec<&str> =
            values.iter().filter_map(|value| axis.written.get(**value)).map(String::as_str).collect();
        Some((axis.values.get(first)?.place, format!("{} = {}", axis.key, words.join(", "))))
    };
    let with: Vec<_> = grid.axes.iter().enumerate().filter_map(with).collect();
    let words: Vec<String> = with.iter().map(|(_, words)| words.clone()).collect();
    match with.first() {
        Some((place, _)) => problem.because_of(*place, &format!("with {}", words.join(" and ")), file),
        None => problem.because_of(grid.place, "with any of its values", file),
    }
}
