//! What is acknowledged is what was read, whatever the server's clock made of the IDs.

use crate::real::{require_engine, start_redis};
use crate::worker::{Worker, add, client, command, create_streams, eventually, pending, stream};
use std::time::Duration;

/// A clock that was set back keeps a stream in one millisecond, where numbers go on and on: XSETID makes such a stream.
#[tokio::test(flavor = "multi_thread")]
async fn entries_beyond_the_millionth_of_a_millisecond_are_acknowledged_each_as_itself() {
    let Some(environment) = require_engine("entry-ids").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let first = add(&mut redis, 0, 0, "*").await;
    let (ms, _) = first.split_once('-').expect("an ID");
    // An hour ahead of the clock, and 2^20 − 2 entries later: the next ones take the last number that 20 bits hold, and more.
    let stuck = ms.parse::<u64>().expect("a time") + 3_600_000;
    command(&mut redis, &["XSETID", &stream(0), &format!("{stuck}-{}", (1 << 20) - 2)]).await;
    for seq in 1..=50 {
        let id = add(&mut redis, 0, seq, "*").await;
        assert!(id.starts_with(&format!("{stuck}-1048")), "{id}");
    }

    let mut worker = Worker::consumer(port, Duration::ZERO);
    worker.wait_for_deliveries(51);
    eventually("all is acknowledged", async || pending(&mut redis, 0, None).await == 0).await;
    assert_eq!(worker.end(), Vec::<String>::new());
}

/// Weeks from the clock of the trial's start no position is exact: that is said, and the acknowledgement is right all the same.
#[tokio::test(flavor = "multi_thread")]
async fn entries_without_an_exact_position_are_acknowledged_and_named() {
    let Some(environment) = require_engine("far-entry-ids").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    for (seq, id) in (0..).zip(["5-1", "5-2", "6-1"]) {
        add(&mut redis, 1, seq, id).await;
    }

    let mut worker = Worker::consumer(port, Duration::ZERO);
    worker.wait_for_deliveries(3);
    eventually("all is acknowledged", async || pending(&mut redis, 1, None).await == 0).await;
    let complaints = worker.end();
    assert!(
        complaints.iter().any(|words| words.contains("5-1") && words.contains("no exact position")),
        "{complaints:?}"
    );
}
