//! The tables agree with themselves and with their description.

use crate::history::{
    ConnectionEvent, FOLDER, GroupEvent, HistoryTable, Outcome, Presence, Sends, SettlementKind, TABLES, Word, Writer,
};
use std::collections::BTreeSet;

fn stands_at_its_index<W: Word + std::fmt::Debug>() {
    for (place, (value, word)) in W::WORDS.iter().enumerate() {
        assert_eq!(usize::from(value.index()), place, "{value:?}");
        assert_eq!(value.word(), *word);
        assert_eq!(W::from_word(word), Some(*value));
    }
    assert_eq!(W::from_word("no such word"), None);
}

#[test]
fn every_word_stands_at_its_index() {
    stands_at_its_index::<Outcome>();
    stands_at_its_index::<SettlementKind>();
    stands_at_its_index::<ConnectionEvent>();
    stands_at_its_index::<GroupEvent>();
}

#[test]
fn tables_have_distinct_names_and_columns() {
    let names: BTreeSet<_> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(names.len(), TABLES.len());
    for table in TABLES {
        let columns = (table.columns)();
        let names: BTreeSet<_> = columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), columns.len(), "{}", table.name);
    }
}

#[test]
fn the_schema_has_the_columns_in_their_order() {
    let schema = Sends::schema();
    for (field, column) in schema.fields().iter().zip(Sends::columns()) {
        assert_eq!(field.name(), column.name);
        assert_eq!(field.data_type(), &column.data_type);
        assert_eq!(field.is_nullable(), column.presence == Presence::Optional);
    }
}

#[test]
fn the_guide_describes_every_table_and_column() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/history.md");
    let guide = std::fs::read_to_string(path).unwrap();
    for table in TABLES {
        let heading = format!("### `{}`\n", table.name);
        let section = guide.split(&heading).nth(1).unwrap_or_else(|| panic!("no section {heading}"));
        let section = section.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
        for column in (table.columns)() {
            let row = format!("| `{}` |", column.name);
            assert!(section.contains(&row), "the section `{}` has no row {row}", table.name);
        }
        assert_eq!(section.matches("\n| `").count(), (table.columns)().len(), "rows of `{}`", table.name);
    }
    assert!(guide.contains(&Writer::<Sends>::facts("producer-0").name));
    assert!(guide.contains(FOLDER));
}
