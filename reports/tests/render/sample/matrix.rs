//! A matrix with all that can come of a cell.

use reports::matrix::{CellOutcome, MATRIX_SCHEMA, Matrix, MatrixCell, MatrixKey};
use reports::result::{Interval, TrialResult, Unit, Verdict};

/// Three sizes on one and on six partitions; what is large is slow, one cell fails, one is doubtful, one could not be carried out, and
/// the last was not run. `name`: of the first system.
pub(crate) fn matrix(name: &str) -> Matrix {
    let keys = [("workload.message.size", &["100B", "1KiB", "10KiB"][..]), ("workload.partitions", &["1", "6"])];
    let key = |(key, values): (&str, &[&str])| MatrixKey {
        key: key.to_owned(),
        name: key.rsplit('.').next().unwrap_or(key).to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let systems = vec![name.to_owned(), "kafka".to_owned()];
    let choices = [[0, 0], [1, 1], [2, 0], [0, 1], [1, 0], [2, 1]];
    let cells = choices.iter().enumerate().map(|(number, choice)| cell(number, *choice, &systems));
    Matrix {
        schema: MATRIX_SCHEMA.to_owned(),
        scenario: "matrix".to_owned(),
        title: if name == "redis" { "Message size and partitions".to_owned() } else { name.to_owned() },
        question: "What do the size of messages and the number of partitions change?".to_owned(),
        started: "2026-11-28T02:00:00Z".to_owned(),
        ended: Some("2026-11-28T02:03:00Z".to_owned()),
        interrupted: true,
        keys: keys.map(key).to_vec(),
        fixed: Vec::new(),
        cells: cells.collect(),
        systems,
    }
}

fn cell(number: usize, choice: [usize; 2], systems: &[String]) -> MatrixCell {
    let name = format!("size={},partitions={}", ["100B", "1KiB", "10KiB"][choice[0]], [1, 6][choice[1]]);
    let mut cell = MatrixCell::planned(&name, &choice);
    let mut run = super::baseline().result;
    run.trials.truncate(2);
    run.verdict = Verdict::Pass;
    for (place, (trial, system)) in run.trials.iter_mut().zip(systems).enumerate() {
        trial.system.clone_from(system);
        slow(trial, place, choice);
    }
    match number {
        2 => {
            run.trials[1].verdict = Verdict::Fail;
            run.verdict = Verdict::Fail;
        }
        3 => run.trials[0].generator.saturated = Some(true),
        4 => {
            cell.ended(None, systems);
            return cell;
        }
        5 => return cell,
        _ => {}
    }
    let why = if run.verdict == Verdict::Fail { "1 of 20 checks failed: lost on kafka" } else { "All 20 checks held" };
    cell.ended(Some((&run, why.to_owned())), systems);
    assert_ne!(cell.outcome, CellOutcome::NotRun);
    cell
}

/// Large messages of the second system do not keep up.
fn slow(trial: &mut TrialResult, place: usize, [size, partitions]: [usize; 2]) {
    let factor = [1, 3, 40][size] * (1 + 2 * place as u64) / (1 + partitions as u64);
    let p99 = 900_000 * factor.max(1);
    trial.latency_ns.end_to_end.p99 = p99;
    trial.rates.acknowledged.msg_per_s = if size == 2 && place == 1 { 1_480.0 } else { 2_000.0 };
    let around = Interval { low: p99 as f64 / 1.3, high: p99 as f64 * 1.3, unit: Unit::Nanoseconds };
    trial.intervals.insert("end-to-end-p99".to_owned(), around);
}
