//! A connection that is given up is given up with all that is under way on it.

use crate::real::{require_engine, start_redis};
use crate::worker::{PARTITIONS, Worker, client, command, create_streams};
use reports::history::{Outcome, Send};
use reports::units::Nanos;
use serde_json::Value;
use std::time::Duration;

/// Longer than the request timeout of a second, so that the connection is given up, and short enough that the server would
/// still answer most of what was sent over it, while the next connection is used already.
const PAUSE_MS: &str = "1300";
/// A connection is given up after an answer that was waited for this long; what takes longer was forgotten.
const LONGEST: Nanos = Nanos::from_millis(1500);

/// Messages wait to be sent nearly always, so that a loss is met on the way to the next pipeline as often as by itself; few enough
/// that all of them have room in the journal, which nobody empties.
const PER_SECOND: f64 = 5_000.0;
const LOSSES: usize = 30;

/// The loss was told twice where it was met on the way, and the second time took along the first pipeline of the next connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_loss_takes_along_nothing_that_left_over_the_next_connection() {
    let Some(environment) = require_engine("lost-connections").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let mut worker = Worker::producer(port, PER_SECOND);
    let mut acknowledged = 0;
    for _ in 0..LOSSES {
        let more = |message: &Value| message["acknowledged"].as_u64().filter(|now| *now >= acknowledged + 500);
        let message = worker.wait_for(|message| more(message).is_some());
        acknowledged = more(&message).expect("a number");
        command(&mut redis, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    }
    worker.wait_for(|message| message["acknowledged"].as_u64().is_some_and(|now| now >= acknowledged + 2000));

    let sends = worker.sends();
    let took_long = |send: &&Send| send.settled.since(send.started) > LONGEST;
    let forgotten: Vec<_> = sends.iter().filter(took_long).collect();
    assert!(forgotten.is_empty(), "{} sends, the first {:?}", forgotten.len(), forgotten[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_stands_in_the_order_in_which_it_was_sent_whatever_became_of_a_connection() {
    let Some(environment) = require_engine("lost-connection").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let mut worker = Worker::producer(port, 1000.0);
    worker.wait_for(|message| message["acknowledged"].as_u64().is_some_and(|acknowledged| acknowledged >= 200));
    command(&mut redis, &["CLIENT", "PAUSE", PAUSE_MS, "ALL"]).await;
    let given_up = worker.wait_for(|message| message["indeterminate"].as_u64().is_some_and(|sends| sends > 0));
    let before = given_up["acknowledged"].as_u64().expect("a number");
    worker.wait_for(|message| message["acknowledged"].as_u64().is_some_and(|sends| sends >= before + 1000));
    tokio::time::sleep(Duration::from_millis(100)).await;

    let sends = worker.sends();
    for partition in 0..PARTITIONS {
        let is_in_order = |send: &&Send| send.message.partition.0 == partition && send.outcome == Outcome::Ok;
        let mut acknowledged: Vec<&Send> = sends.iter().filter(is_in_order).collect();
        acknowledged.sort_by_key(|send| send.message.seq);
        let behind = acknowledged.windows(2).find(|pair| pair[0].position >= pair[1].position);
        assert_eq!(behind, None, "stands behind a later one");
    }
}
