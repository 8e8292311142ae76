//! A run of a matrix: a run for each cell, and a page that holds them against each other.

use super::files::must_be_free;
use super::job::{Ended, Job};
use super::options::Options;
use crate::cli::compare::{Shown, with_baseline};
use crate::cli::judge::style;
use crate::cli::{Exit, answer, exit, provenance};
use crate::scenario::{Cells, SweptKey, question};
use crate::trial::{Interrupt, Urgency};
use reports::judge::Judged;
use reports::matrix::{FixedKey, MATRIX_SCHEMA, Matrix, MatrixCell, MatrixKey};
use reports::render::{console, write_matrix};
use std::path::Path;

/// A matrix while its cells are run. Its files are written anew after each, so that a crash leaves what there is.
pub(super) struct Sweep<'a> {
    options: &'a Options,
    cells: &'a Cells,
    folder: &'a Path,
    matrix: Matrix,
}

impl<'a> Sweep<'a> {
    /// Nothing has been run yet. `folder`: the matrix's own, in which each cell gets one. An error has been shown.
    pub(super) fn begin(options: &'a Options, cells: &'a Cells, folder: &'a Path) -> Result<Self, Exit> {
        must_be_free(folder)?;
        let first = cells.scenarios.first();
        let systems = first.map(|first| &first.scenario.systems).into_iter().flatten();
        let planned = cells.scenarios.iter().filter_map(|one| one.cell.as_ref());
        let matrix = Matrix {
            schema: MATRIX_SCHEMA.to_owned(),
            scenario: cells.name.clone(),
            title: cells.title.clone(),
            question: first.map(|first| question(&first.scenario.source)).unwrap_or_default(),
            started: provenance::timestamp(),
            ended: None,
            interrupted: false,
            keys: cells.keys.iter().map(key).collect(),
            fixed: cells
                .replaced
                .iter()
                .map(|replaced| FixedKey { key: replaced.key.clone(), by: replaced.by.clone() })
                .collect(),
            systems: systems.map(|system| system.spec.name.clone()).collect(),
            cells: planned.map(|cell| MatrixCell::planned(&cell.name, &cell.choice)).collect(),
        };
        let sweep = Self { options, cells, folder, matrix };
        match sweep.write() {
            Exit::Pass => Ok(sweep),
            exit => Err(exit),
        }
    }

    /// Every cell, one after the other; the worst exit wins. `baselines`: what each is compared with.
    pub(super) async fn all(&mut self, baselines: Vec<Option<Judged>>, interrupt: &Interrupt) -> Exit {
        let options = Options { unanswered: true, ..self.options.clone() };
        let of = self.cells.scenarios.len();
        let mut worst = Exit::Pass;
        for (index, (one, baseline)) in self.cells.scenarios.iter().zip(baselines).enumerate() {
            let Some(name) = one.cell.as_ref().map(|cell| cell.name.as_str()) else { continue };
            options.say(&format!("cell {} of {of}: {name}", index + 1));
            let folder = self.folder.join(name);
            let id = provenance::run_id(&one.scenario.name);
            let Ended { exit, judged } = Job::of(&options, one, &folder, interrupt).run(id).await;
            worst = worst.worse(exit);
            let told = judged.as_ref().map(|judged| (&judged.result, console::sentence(&judged.result)));
            if let Some(cell) = self.matrix.cells.get_mut(index) {
                cell.ended(told, &self.matrix.systems);
                options.say(&format!("cell {} of {of}: {}", index + 1, cell.why));
            }
            if let Some(baseline) = baseline.filter(|_| folder.join("result.json").is_file()) {
                let shown = if options.json { Shown::Nothing } else { Shown::Table };
                worst = worst.worse(with_baseline(&baseline, &folder, shown).0);
            }
            worst = worst.worse(self.write());
            if interrupt.urgency() > Urgency::No {
                self.matrix.interrupted = true;
                break;
            }
        }
        self.matrix.ended = Some(provenance::timestamp());
        worst.worse(self.write()).worse(self.print())
    }

    /// What came of it so far.
    pub(super) const fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    fn print(&self) -> Exit {
        if self.options.json {
            return answer::print(&serde_json::to_string_pretty(&self.matrix).unwrap_or_default());
        }
        let page = self.folder.join("index.html");
        answer::print(&format!("{}\nmatrix: {}", console::matrix(&self.matrix, style()), page.display()))
    }

    /// An error has been shown.
    fn write(&self) -> Exit {
        match write_matrix(&self.matrix, self.folder) {
            Ok(()) => Exit::Pass,
            Err(error) => exit::explain(&miette::diagnostic!("{error}"), Exit::Environment),
        }
    }
}

fn key(swept: &SweptKey) -> MatrixKey {
    MatrixKey { key: swept.key.clone(), name: swept.name.clone(), values: swept.values.clone() }
}
