//! A consumer that works long on a message keeps its connection meanwhile.

use crate::real::{require_engine, start_redis};
use crate::worker::{Worker, add, client, command, create_streams, eventually, pending, text};
use redis::aio::MultiplexedConnection;
use std::time::{Duration, Instant};

async fn others(redis: &mut MultiplexedConnection) -> Vec<String> {
    let mine = text(redis, &["CLIENT", "ID"]).await;
    let id = |line: &str| line.strip_prefix("id=")?.split(' ').next().map(str::to_owned);
    text(redis, &["CLIENT", "LIST"]).await.lines().filter_map(id).filter(|id| *id != mine).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_lost_during_the_work_is_back_before_the_work_is_done() {
    let Some(environment) = require_engine("slow-consumer").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    add(&mut redis, 0, 0, "*").await;
    let processing = Duration::from_secs(8);
    let mut worker = Worker::consumer(port, processing);
    worker.wait_for_deliveries(1);
    let began = Instant::now();

    let before = others(&mut redis).await;
    command(&mut redis, &["CLIENT", "KILL", "ID", &before[0]]).await;
    eventually("it is connected again", async || {
        let now = others(&mut redis).await;
        now.len() == 1 && now != before
    })
    .await;
    assert!(began.elapsed() < processing, "only after the work");
    assert_eq!(pending(&mut redis, 0, None).await, 1, "it is still at work");
    eventually("what was worked on is acknowledged", async || pending(&mut redis, 0, None).await == 0).await;
    assert_eq!(worker.end(), Vec::<String>::new());
}
