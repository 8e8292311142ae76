//! A run's reports on disk: each is whole or not there.

use super::{RENDERERS, RenderError, chart};
use crate::judge::Judged;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `result.json`, `summary.md`, `junit.xml`, `metrics.prom`, `report.html` and `charts/*.svg` into the run's folder.
///
/// Each file appears whole, under a temporary name first, so a reader or a crash never meets half of one. A chart that
/// has nothing to draw is not written, and an older file of it is removed.
///
/// # Errors
///
/// When a folder or file cannot be written, or a renderer fails. What was written before stays.
pub fn write_reports(judged: &Judged, dir: &Path) -> Result<(), RenderError> {
    make_folder(dir)?;
    for renderer in RENDERERS {
        replace(&dir.join(renderer.file_name()), &renderer.render(judged)?)?;
    }
    let charts = dir.join("charts");
    make_folder(&charts)?;
    for chart in chart::CHARTS {
        let path = charts.join(format!("{}.svg", chart.name()));
        match chart::file(*chart, judged)? {
            Some(svg) => replace(&path, &svg)?,
            None => remove(&path)?,
        }
    }
    Ok(())
}

pub(super) fn make_folder(path: &Path) -> Result<(), RenderError> {
    fs::create_dir_all(path).map_err(|source| failed(path, source))
}

pub(super) fn replace(path: &Path, text: &str) -> Result<(), RenderError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    let written = write_through(temporary, text).and_then(|()| fs::rename(temporary, path));
    written.map_err(|source| {
        // What is left of the temporary file is worthless, and the error that counts is the first one.
        let _ = fs::remove_file(temporary);
        failed(path, source)
    })
}

fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn remove(path: &Path) -> Result<(), RenderError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(path, source)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, source: io::Error) -> RenderError {
    RenderError::Write { path: path.to_owned(), source }
}
