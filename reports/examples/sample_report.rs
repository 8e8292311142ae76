//! Writes reports of made-up runs, to look at the pages without a broker: `cargo run -p reports --example sample_report -- FOLDER`.

#[path = "../tests/render/sample/mod.rs"]
mod sample;

use reports::render::nights::{Links, ShownNight, several};
use reports::render::{console, write_matrix, write_reports, write_search};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let shown = ShownNight { night: sample::nights::night(), links: vec![Links::default(); 8] };
    std::fs::write(folder.join("index.html"), several(&shown))?;
    write_search(&sample::search::search("redis"), &folder)?;
    write_matrix(&sample::matrix::matrix("redis"), &folder.join("matrix"))?;
    let samples = [
        ("failover", sample::failover()),
        ("interrupted", sample::interrupted()),
        ("unconsumed", sample::unconsumed()),
        ("baseline", sample::baseline()),
        ("repeated", sample::repeated()),
        ("nothing", sample::nothing()),
        ("empty", sample::empty()),
        ("hostile", sample::hostile()),
    ];
    for (name, judged) in samples {
        write_reports(&judged, &folder.join(name))?;
        println!("── {name}\n{}", console::summary(&judged, console::Style::Coloured));
    }
    Ok(())
}
