//! `summary.md`.

use crate::sample::{self, HOSTILE};
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::markdown::Markdown;

fn rendered(judged: &Judged) -> String {
    Markdown.render(judged).expect("Markdown has nothing to refuse")
}

#[test]
fn a_failover_in_markdown() {
    insta::assert_snapshot!(rendered(&sample::failover()));
}

#[test]
fn a_baseline_of_four_systems_in_markdown() {
    insta::assert_snapshot!(rendered(&sample::baseline()));
}

#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_heading() {
    for judged in [sample::failover(), sample::hostile(), sample::interrupted(), sample::empty(), sample::nothing()] {
        let text = rendered(&judged);
        let mut columns = None;
        for line in text.lines() {
            let cells = line.replace("\\|", "").matches('|').count();
            if line.starts_with('|') {
                assert_eq!(cells, *columns.get_or_insert(cells), "{line}");
            } else {
                columns = None;
            }
        }
    }
}

#[test]
fn hostile_texts_become_neither_tags_nor_links() {
    let text = rendered(&sample::hostile());
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains("[a](b)"), "{text}");
    assert!(!text.contains(HOSTILE));
    assert!(!text.contains('\u{1b}'));
}
