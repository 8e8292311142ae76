//! Journals that become tables: everything recorded is there, and what was begun and never ended is indeterminate.

use super::*;
use crate::worker::{Begun, Records, Row};
use reports::facts::{FileEnd, TrialFacts};
use reports::history::{Connection, ConnectionEvent, Delivery, FOLDER, GroupChange, GroupEvent, Outcome, Trial};
use reports::units::{ConsumerId, MessageId, Partition, Position, ProducerId, Sequence};
use std::sync::Mutex;

/// A scribe at work, and the way into its journal.
struct AtWork {
    trial: tempfile::TempDir,
    records: Records,
    scribe: Scribe,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl AtWork {
    fn new(worker: &str, tables: Tables) -> Self {
        let trial = tempfile::tempdir().expect("a folder");
        let reader = Reader::create(worker).expect("memory");
        let records = Records::open(&reader.path()).expect("a journal");
        let complaints: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&complaints);
        let complain = move |error: &ScribeError| heard.lock().expect("whole").push(error.to_string());
        let scribe = Scribe::start(reader, trial.path(), worker, tables, complain).expect("created");
        Self { trial, records, scribe, complaints }
    }

    /// The worker is no more; the history of what it has recorded.
    fn end(self) -> (Vec<FileFacts>, Trial, tempfile::TempDir) {
        self.scribe.worker_ended();
        let files = self.scribe.finish();
        assert_eq!(*self.complaints.lock().expect("whole"), Vec::<String>::new());
        let mut facts = facts();
        facts.files.clone_from(&files);
        facts.save(self.trial.path()).expect("saved");
        let history = Trial::open(self.trial.path()).expect("opened");
        (files, history, self.trial)
    }
}

fn message(seq: u64) -> MessageId {
    MessageId { producer: ProducerId(0), partition: Partition(1), seq: Sequence(seq) }
}

fn begun(seq: u64) -> Row {
    Row::Begun(Begun { message: message(seq), intended: Nanos(seq), started: Nanos(seq + 1) })
}

fn send(seq: u64, outcome: Outcome, error: Option<&str>) -> Row {
    Row::Send(reports::history::Send {
        message: message(seq),
        intended: Nanos(seq),
        started: Nanos(seq + 1),
        settled: Nanos(seq + 2),
        outcome,
        attempts: 1,
        dead_letter: None,
        error: error.map(str::to_owned),
        position: Some(Position(seq)),
    })
}

fn connection(at: u64) -> Row {
    let (client, peer) = ("producer-0".to_owned(), "main".to_owned());
    Row::Connection(Connection { client, peer, event: ConnectionEvent::Connected, at: Nanos(at), error: None })
}

fn ends(files: &[FileFacts]) -> Vec<WriterEnd> {
    files.iter().filter_map(|file| file.end.as_ref()).map(|end: &FileEnd| end.how).collect()
}

#[test]
fn every_file_that_is_promised_is_written_to_its_end() {
    for (tables, count) in [(Tables::Producer, 2), (Tables::Consumer, 4)] {
        let work = AtWork::new("worker-0", tables);
        work.records.push(connection(1));
        work.records.finish();
        let (files, history, trial) = work.end();
        let names = |files: &[FileFacts]| files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&files), names(&tables.files("worker-0")));
        assert_eq!(std::fs::read_dir(trial.path().join(FOLDER)).expect("listed").count(), count);
        assert_eq!(ends(&files), vec![WriterEnd::Finished; count]);
        assert!(history.truncations().is_empty(), "{:?}", history.truncations());
        assert_eq!(history.connections().expect("read").len(), 1);
    }
}

#[test]
fn what_a_killed_worker_recorded_is_there_and_what_it_had_begun_is_indeterminate() {
    let work = AtWork::new("producer-0", Tables::Producer);
    for row in [begun(0), begun(1), begun(2), send(1, Outcome::Failed, Some("no room"))] {
        work.records.push(row);
    }
    let before = clock::now();
    let (files, history, _trial) = work.end();
    let sends: Vec<_> = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>()).collect();
    let told: Vec<_> = sends.iter().map(|send| (send.message.seq.0, send.outcome, send.started.0)).collect();
    let expected = [(1, Outcome::Failed, 2), (0, Outcome::Indeterminate, 1), (2, Outcome::Indeterminate, 3)];
    assert_eq!(told, expected);
    assert_eq!(sends[0].error.as_deref(), Some("no room"));
    assert!(sends[1..].iter().all(|send| send.settled >= before && send.position.is_none()), "{sends:?}");
    assert!(history.truncations().is_empty(), "{:?}", history.truncations());
    assert!(ends(&files).iter().all(|end| matches!(end, WriterEnd::Killed { at } if *at >= before)), "{files:?}");
}

#[test]
fn rows_are_on_the_disk_within_seconds_though_the_worker_goes_on() {
    let work = AtWork::new("producer-0", Tables::Producer);
    work.records.push(begun(0));
    work.records.push(send(0, Outcome::Ok, None));
    let mut facts = facts();
    facts.files = Tables::Producer.files("producer-0");
    facts.save(work.trial.path()).expect("saved");
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while Trial::open(work.trial.path()).expect("opened").rows::<reports::history::Sends>() == 0 {
        assert!(std::time::Instant::now() < deadline, "nothing reached the disk");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn more_rows_than_a_journal_holds_pass_through_it() {
    let work = AtWork::new("consumer-0", Tables::Consumer);
    for nth in 0..300_000 {
        work.records.push(Row::Delivery(Delivery {
            consumer: ConsumerId(0),
            message: message(nth),
            intended: Nanos(nth),
            asked: None,
            received: Nanos(nth + 1),
            delivery_count: 1,
            position: Position(nth),
            payload_ok: true,
        }));
    }
    let (files, history, _trial) = work.end();
    let seen: Vec<u64> = history.deliveries().flat_map(|batch| batch.expect("read").seq.to_vec()).collect();
    assert!(seen.iter().copied().eq(0..300_000), "{} rows", seen.len());
    assert_eq!(files[0].end.as_ref().map(|end| end.rows), Some(300_000));
}

#[test]
fn rows_of_another_role_are_dropped() {
    let work = AtWork::new("producer-0", Tables::Producer);
    let (consumer, partitions) = (ConsumerId(0), vec![Partition(0)]);
    work.records.push(Row::Group(GroupChange { consumer, event: GroupEvent::Joined, partitions, at: Nanos(1) }));
    work.records.push(connection(2));
    let (_, history, _trial) = work.end();
    assert_eq!(history.connections().expect("read").len(), 1);
}

#[test]
fn a_history_is_never_written_over() {
    let work = AtWork::new("producer-0", Tables::Producer);
    let reader = Reader::create("producer-0").expect("memory");
    let second = Scribe::start(reader, work.trial.path(), "producer-0", Tables::Producer, |_| {});
    assert!(second.is_err());
    work.end();
}

fn facts() -> TrialFacts {
    serde_json::from_str(
        r#"{
            "schema": "harness-history/1.2",
            "run": {"id": "run", "started": "", "command": [], "versions": {}, "host": {}},
            "scenario": "s", "title": "t", "repeat": 1, "trial_id": 1,
            "system": {"name": "m", "broker": "memory", "client": "c", "path": "direct", "ordering": "none",
                       "settling": "message", "fairness": [], "versions": {}},
            "workload": {"rate": "", "offered": 0, "message_bytes": 64, "producers": 1, "consumers": 1,
                         "partitions": 1, "seed": 1},
            "phases": [], "clients": [], "faults": [], "files": [], "end": null,
            "limits": {"lost": 0, "phantom": 0, "corrupted": 0, "duplicated": 0, "out_of_order": 0,
                       "unrecovered": 0, "resurrected": 0, "redelivered": null, "reconnected": null,
                       "unavailable": null, "recovered": null, "latency": [], "throughput": [],
                       "generator_lag": 1}
        }"#,
    )
    .expect("facts")
}
