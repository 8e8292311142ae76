//! A consuming worker takes over what another consumer was given and never acknowledged.

use crate::real::{require_engine, start_redis};
use crate::worker::{CLAIM_IDLE_MS, PARTITIONS, Worker, add, client, command, create_streams, pending, stream};
use redis::aio::MultiplexedConnection;
use std::time::Duration;

/// Pending for a moment only, and in front: more than one XAUTOCLAIM of `COUNT` entries looks at, which is ten times as many.
const FRESH: u64 = 30;
const STALE: u64 = 20;

/// A consumer `ghost` has been given everything; of each stream the last entries have been idle for long.
async fn abandon(redis: &mut MultiplexedConnection) {
    create_streams(redis).await;
    for partition in 0..PARTITIONS {
        let stream = stream(partition);
        let mut stale = Vec::new();
        for seq in 0..FRESH + STALE {
            let id = add(redis, partition, seq, "*").await;
            if seq >= FRESH {
                stale.push(id);
            }
        }
        command(redis, &["XREADGROUP", "GROUP", "group", "ghost", "COUNT", "1000", "STREAMS", &stream, ">"]).await;
        let idle = (2 * CLAIM_IDLE_MS).to_string();
        let mut claim = vec!["XCLAIM", &stream, "group", "ghost", "0"];
        claim.extend(stale.iter().map(String::as_str));
        claim.extend(["IDLE", &idle, "JUSTID"]);
        command(redis, &claim).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_been_idle_for_long_is_taken_over_however_far_behind_and_what_has_not_is_left() {
    let Some(environment) = require_engine("claims").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    abandon(&mut redis).await;

    let mut worker = Worker::consumer(port, Duration::ZERO);
    worker.wait_for_deliveries(STALE * u64::from(PARTITIONS));
    assert_eq!(worker.end(), Vec::<String>::new());
    for partition in 0..PARTITIONS {
        let left = (
            pending(&mut redis, partition, Some("ghost")).await,
            pending(&mut redis, partition, Some("consumer-0")).await,
        );
        assert_eq!(left, (FRESH as usize, 0), "{partition}");
    }
}
