//! A stream that is flushed, deleted or evicted takes its group with it.

use crate::real::{require_engine, start_redis};
use crate::worker::{Worker, add, client, command, create_streams, eventually, pending, stream, text};
use redis::aio::MultiplexedConnection;
use std::time::Duration;

/// How often the server was asked to read for a group.
async fn reads(redis: &mut MultiplexedConnection) -> u64 {
    let statistics = text(redis, &["INFO", "commandstats"]).await;
    let calls = |line: &str| line.split_once("calls=")?.1.split(',').next()?.parse().ok();
    statistics.lines().filter(|line| line.starts_with("cmdstat_xreadgroup:")).find_map(calls).unwrap_or(0)
}

/// The identity of the consumer's connection.
async fn connection(redis: &mut MultiplexedConnection) -> Option<String> {
    let clients = text(redis, &["CLIENT", "LIST"]).await;
    let mine = text(redis, &["CLIENT", "ID"]).await;
    let id = |line: &str| line.strip_prefix("id=")?.split(' ').next().map(str::to_owned);
    clients.lines().filter_map(id).find(|id| *id != mine)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_flushed_is_named_once_and_looked_for_calmly_over_the_same_connection() {
    let Some(environment) = require_engine("flushed").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    add(&mut redis, 0, 0, "*").await;
    let mut worker = Worker::consumer(port, Duration::ZERO);
    worker.wait_for_deliveries(1);
    let before = connection(&mut redis).await;

    command(&mut redis, &["FLUSHALL"]).await;
    // What is sent afterwards makes a stream without a group.
    add(&mut redis, 0, 1, "*").await;
    let complaint = worker.wait_for(|message| message["type"] == "error");
    assert!(complaint["message"].as_str().is_some_and(|words| words.starts_with("NOGROUP")), "{complaint}");
    let counted = reads(&mut redis).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let asked = reads(&mut redis).await - counted;
    assert!(asked <= 10, "{asked} reads in 3 s");
    assert_eq!(connection(&mut redis).await, before, "it reconnected");
    assert_eq!(worker.end().len(), 1, "named once");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stream_without_its_group_holds_the_others_up_for_no_longer_than_a_look() {
    let Some(environment) = require_engine("one-lost-group").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let mut worker = Worker::consumer(port, Duration::ZERO);
    worker.wait_for(|message| message["type"] == "ready");

    command(&mut redis, &["DEL", &stream(0)]).await;
    for seq in 0..10 {
        add(&mut redis, 1, seq, "*").await;
    }
    worker.wait_for_deliveries(10);
    // Somebody gives the group back.
    command(&mut redis, &["XGROUP", "CREATE", &stream(0), "group", "0", "MKSTREAM"]).await;
    add(&mut redis, 0, 0, "*").await;
    worker.wait_for_deliveries(11);
    eventually("all is acknowledged", async || pending(&mut redis, 0, None).await == 0).await;
    let complaints = worker.end();
    assert!(complaints.len() == 1 && complaints[0].contains("partitions 0"), "{complaints:?}");
}
