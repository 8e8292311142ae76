//! Files that another tool wrote: other types, orders, codecs and batch sizes are read where they say the same, and
//! refused by file, column, found and wanted type where they do not.

use super::samples;
use crate::facts::FileFacts;
use crate::history::{
    ColumnProblem, Connection, ConnectionEvent, FOLDER, Gauge, GroupChange, GroupEvent, HistoryError, Outcome, Send,
    Sends, Trial,
};
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{LargeListBuilder, UInt32Builder};
use arrow_array::types::{Int8Type, Int32Type, UInt16Type};
use arrow_array::{
    ArrayRef, DictionaryArray, DurationNanosecondArray, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, TimestampNanosecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamWriter};
use std::fs::{self, File};
use std::sync::Arc;

type Columns = Vec<(&'static str, ArrayRef)>;

/// Two sends, as a writer that knows only signed integers and plain strings has them.
fn two_sends() -> Columns {
    vec![
        ("comment", Arc::new(StringArray::from(vec!["a column", "of its own"]))),
        ("outcome", Arc::new(LargeStringArray::from(vec!["ok", "indeterminate"]))),
        ("settled_ns", Arc::new(Int64Array::from(vec![130, 230]))),
        ("started_ns", Arc::new(TimestampNanosecondArray::from(vec![120, 220]))),
        ("intended_ns", Arc::new(UInt32Array::from(vec![110, 210]))),
        ("seq", Arc::new(Int32Array::from(vec![7, 8]))),
        ("partition", Arc::new(Int64Array::from(vec![3, 4]))),
        ("producer", Arc::new(Int8Array::from(vec![1, 2]))),
        ("error", Arc::new(StringViewArray::from(vec![None, Some("timed out")]))),
        ("attempts", Arc::new(UInt64Array::from(vec![1, 2]))),
        ("position", Arc::new(Int64Array::from(vec![Some(99), None]))),
    ]
}

fn read_as_two_sends() -> Vec<Send> {
    let send = |producer, partition, seq, at| Send {
        message: MessageId { producer: ProducerId(producer), partition: Partition(partition), seq: Sequence(seq) },
        intended: Nanos(at),
        started: Nanos(at + 10),
        settled: Nanos(at + 20),
        outcome: Outcome::Ok,
        attempts: 1,
        dead_letter: None,
        error: None,
        position: Some(Position(99)),
    };
    let first = send(1, 3, 7, 110);
    let second = Send {
        outcome: Outcome::Indeterminate,
        attempts: 2,
        dead_letter: None,
        error: Some("timed out".to_owned()),
        position: None,
        ..send(2, 4, 8, 210)
    };
    vec![first, second]
}

fn replace(columns: &mut Columns, name: &str, array: ArrayRef) {
    let column = columns.iter_mut().find(|(known, _)| *known == name).unwrap();
    column.1 = array;
}

/// A trial whose only file holds these batches, written by Arrow's own writer without compression.
fn trial(table: &str, batches: &[Columns]) -> (tempfile::TempDir, Trial) {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{table}.foreign.arrows");
    fs::create_dir(dir.path().join(FOLDER)).unwrap();
    let file = File::create(dir.path().join(FOLDER).join(&name)).unwrap();
    let batches: Vec<_> =
        batches.iter().map(|columns| RecordBatch::try_from_iter_with_nullable(nullable(columns)).unwrap()).collect();
    let options = IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Delta);
    let mut stream = StreamWriter::try_new_with_options(file, &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| stream.write(batch).unwrap());
    stream.finish().unwrap();
    samples::describe(
        dir.path(),
        vec![FileFacts { name, table: table.to_owned(), writer: "foreign".to_owned(), end: None }],
    );
    let trial = Trial::open(dir.path()).unwrap();
    assert_eq!(trial.truncations(), []);
    (dir, trial)
}

fn nullable(columns: &Columns) -> impl Iterator<Item = (&'static str, ArrayRef, bool)> {
    columns.iter().map(|(name, array)| (*name, Arc::clone(array), true))
}

fn sends(batches: &[Columns]) -> Result<Vec<Send>, HistoryError> {
    let (_dir, trial) = trial("sends", batches);
    let mut rows = Vec::new();
    for batch in trial.sends() {
        rows.extend(batch?.rows());
    }
    Ok(rows)
}

/// What is wrong with the sends when one of their columns is this.
fn problem(name: &'static str, array: ArrayRef) -> ColumnProblem {
    let mut columns = two_sends();
    replace(&mut columns, name, array);
    match sends(&[columns]).unwrap_err() {
        HistoryError::Column { path, column, problem } => {
            assert!(path.ends_with("history/sends.foreign.arrows"), "{}", path.display());
            assert_eq!(column, name);
            problem
        }
        other => panic!("{other}"),
    }
}

#[test]
fn columns_in_another_order_with_other_integers_and_strings_are_read() {
    assert_eq!(sends(&[two_sends()]).unwrap(), read_as_two_sends());
}

#[test]
fn batches_without_rows_are_passed_over() {
    let empty = two_sends().into_iter().map(|(name, array)| (name, array.slice(0, 0))).collect();
    assert_eq!(sends(&[empty, two_sends()]).unwrap(), read_as_two_sends());
}

#[test]
fn durations_and_narrow_integers_are_read() {
    let mut columns = two_sends();
    replace(&mut columns, "started_ns", Arc::new(DurationNanosecondArray::from(vec![120, 220])));
    replace(&mut columns, "intended_ns", Arc::new(UInt8Array::from(vec![110, 210])));
    replace(&mut columns, "seq", Arc::new(UInt16Array::from(vec![7, 8])));
    assert_eq!(sends(&[columns]).unwrap(), read_as_two_sends());
}

#[test]
fn dictionaries_of_any_index_and_order_are_read_as_words_and_as_text() {
    let mut columns = two_sends();
    let outcome: DictionaryArray<UInt16Type> = vec!["ok", "indeterminate"].into_iter().collect();
    let error: DictionaryArray<Int32Type> = vec![None, Some("timed out")].into_iter().collect();
    replace(&mut columns, "outcome", Arc::new(outcome));
    replace(&mut columns, "error", Arc::new(error));
    assert_eq!(sends(&[columns.clone()]).unwrap(), read_as_two_sends());

    let reversed = DictionaryArray::<Int8Type>::new(
        Int8Array::from(vec![1, 0]),
        Arc::new(StringArray::from(vec!["indeterminate", "ok", "word of no row"])),
    );
    replace(&mut columns, "outcome", Arc::new(reversed));
    assert_eq!(sends(&[columns]).unwrap(), read_as_two_sends());
}

#[test]
fn dictionaries_that_grow_from_batch_to_batch_are_read() {
    let with_error = |words: Vec<&str>, keys: Vec<i32>| {
        let mut columns = two_sends();
        let error = DictionaryArray::<Int32Type>::new(keys.into(), Arc::new(StringArray::from(words)));
        replace(&mut columns, "error", Arc::new(error));
        columns
    };
    let first = with_error(vec!["timed out"], vec![0, 0]);
    let second = with_error(vec!["timed out", "refused"], vec![1, 0]);
    let errors: Vec<_> = sends(&[first, second]).unwrap().into_iter().filter_map(|send| send.error).collect();
    assert_eq!(errors, ["timed out", "timed out", "refused", "timed out"]);
}

#[test]
fn optional_columns_may_lack_or_have_no_type() {
    let mut columns = two_sends();
    columns.retain(|(name, _)| *name != "position");
    replace(&mut columns, "error", Arc::new(NullArray::new(2)));
    let rows = sends(&[columns]).unwrap();
    assert!(rows.iter().all(|send| send.position.is_none() && send.error.is_none()));
}

#[test]
fn a_column_of_another_type_is_refused_with_file_column_found_and_wanted_type() {
    let mut columns = two_sends();
    replace(&mut columns, "settled_ns", Arc::new(Float64Array::from(vec![1.0, 2.0])));
    let error = sends(&[columns]).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "history/sends.foreign.arrows: column \"settled_ns\" is of the type Float64; it must be an integer of 64 bits"
        ),
        "{error}"
    );
    let text = problem("error", Arc::new(Int32Array::from(vec![1, 2])));
    assert_eq!(text.to_string(), "is of the type Int32; it must be a string");
    let word = problem("outcome", Arc::new(Int32Array::from(vec![0, 2])));
    assert_eq!(word.to_string(), "is of the type Int32; it must be a string");
}

#[test]
fn a_required_column_that_lacks_is_refused() {
    let mut columns = two_sends();
    columns.retain(|(name, _)| *name != "seq");
    let error = sends(&[columns]).unwrap_err().to_string();
    assert!(error.ends_with("column \"seq\" is missing; it must be an integer of 64 bits"), "{error}");
}

#[test]
fn a_row_without_a_required_value_is_refused() {
    assert_eq!(problem("seq", Arc::new(Int64Array::from(vec![Some(1), None]))), ColumnProblem::Null { row: 1 });
    let words = StringArray::from(vec![None, Some("ok")]);
    assert_eq!(problem("outcome", Arc::new(words)), ColumnProblem::Null { row: 0 });
    let words: DictionaryArray<Int8Type> = vec![Some("ok"), None].into_iter().collect();
    assert_eq!(problem("outcome", Arc::new(words)), ColumnProblem::Null { row: 1 });
}

#[test]
fn a_number_that_does_not_fit_is_refused() {
    let negative = problem("settled_ns", Arc::new(Int64Array::from(vec![5, -1])));
    assert_eq!(negative.to_string(), "is -1 in row 1 of its batch; it must be an integer of 64 bits, and not negative");
    assert!(matches!(
        problem("partition", Arc::new(Int64Array::from(vec![70_000, 0]))),
        ColumnProblem::Range { row: 0, .. }
    ));
}

#[test]
fn a_word_that_the_column_does_not_know_is_refused_with_those_that_it_knows() {
    let plain = problem("outcome", Arc::new(StringArray::from(vec!["ok", "fine"])));
    assert_eq!(plain.to_string(), "is \"fine\" in row 1 of its batch; it must be one of ok, failed, indeterminate");
    let dictionary: DictionaryArray<Int8Type> = vec!["okay", "ok"].into_iter().collect();
    assert!(matches!(problem("outcome", Arc::new(dictionary)), ColumnProblem::Word { row: 0, .. }));
}

#[test]
fn small_tables_of_another_writer_are_read_too() {
    let text = |words: Vec<&str>| -> ArrayRef { Arc::new(words.into_iter().collect::<DictionaryArray<Int32Type>>()) };
    let (_dir, connections) = trial(
        "connections",
        &[vec![
            ("at_ns", Arc::new(Int64Array::from(vec![20, 10]))),
            ("what", text(vec!["lost", "connected"])),
            ("client", text(vec!["producer-0", "producer-0"])),
            ("peer", text(vec!["main", "main"])),
        ]],
    );
    let event = |event, at| Connection {
        client: "producer-0".to_owned(),
        peer: "main".to_owned(),
        event,
        at: Nanos(at),
        error: None,
    };
    let expected = [event(ConnectionEvent::Connected, 10), event(ConnectionEvent::Lost, 20)];
    assert_eq!(connections.connections().unwrap(), expected);

    let (_dir, gauges) = trial(
        "gauges",
        &[vec![
            ("at_ns", Arc::new(Int64Array::from(vec![10]))),
            ("metric", text(vec!["pending"])),
            ("subject", text(vec!["all"])),
            ("value", Arc::new(Int64Array::from(vec![12]))),
        ]],
    );
    let gauge = Gauge { at: Nanos(10), metric: "pending".to_owned(), subject: "all".to_owned(), value: 12.0 };
    assert_eq!(gauges.gauges().unwrap(), [gauge]);
}

#[test]
fn lists_of_wider_integers_are_read() {
    let mut partitions = LargeListBuilder::new(UInt32Builder::new());
    partitions.append_value([Some(0), Some(3)]);
    partitions.append_value([]);
    let (_dir, trial) = trial(
        "group_events",
        &[vec![
            ("consumer", Arc::new(Int64Array::from(vec![2, 2]))),
            ("what", Arc::new(StringArray::from(vec!["assigned", "left"]))),
            ("partitions", Arc::new(partitions.finish())),
            ("at_ns", Arc::new(Int64Array::from(vec![10, 20]))),
        ]],
    );
    let change = |event, partitions, at| GroupChange { consumer: ConsumerId(2), event, partitions, at: Nanos(at) };
    let expected =
        [change(GroupEvent::Assigned, vec![Partition(0), Partition(3)], 10), change(GroupEvent::Left, vec![], 20)];
    assert_eq!(trial.group_events().unwrap(), expected);
}

#[test]
fn a_table_that_this_version_does_not_know_is_passed_over() {
    let (_dir, trial) = trial("weather", &[vec![("at_ns", Arc::new(Int64Array::from(vec![1])))]]);
    assert_eq!(trial.rows::<Sends>(), 0);
}
