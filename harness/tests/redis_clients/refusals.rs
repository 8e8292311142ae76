//! What the server refuses, it refuses in words, and what else was asked with it stands.

use crate::real::{require_engine, start_redis};
use crate::worker::{Worker, add, client, command, create_streams, eventually, pending, stream};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn sends_that_do_not_fit_into_memory_are_failed_and_not_indeterminate() {
    let Some(environment) = require_engine("maxmemory").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    command(&mut redis, &["CONFIG", "SET", "maxmemory", "4mb", "maxmemory-policy", "noeviction"]).await;
    let mut worker = Worker::producer(port, 5000.0);
    let progress = worker.wait_for(|message| message["failed"].as_u64().is_some_and(|failed| failed >= 500));
    assert!(progress["acknowledged"].as_u64().is_some_and(|acknowledged| acknowledged > 0), "{progress}");
    assert_eq!(progress["indeterminate"], 0, "{progress}");
    assert_eq!(worker.end(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_cannot_be_settled_leaves_the_others_settled() {
    let Some(environment) = require_engine("one-refusal").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    for partition in 0..2 {
        add(&mut redis, partition, 0, "*").await;
    }
    let mut worker = Worker::consumer(port, Duration::from_secs(2));
    worker.wait_for_deliveries(2);
    // While both are worked on, one of the streams becomes something else.
    command(&mut redis, &["DEL", &stream(0)]).await;
    command(&mut redis, &["SET", &stream(0), "a string"]).await;
    eventually("the other is acknowledged", async || pending(&mut redis, 1, None).await == 0).await;
    worker.wait_for(|message| message["message"].as_str().is_some_and(|words| words.contains("WRONGTYPE")));
    worker.end();
}
