//! What redis-rs alone can append to a stream: pipelines of one message again and again, and nothing is kept of their
//! answers. For `benches/peers/compare.sh`, which compares the harness with it: what the harness costs beyond its client.
//!
//!     redis-rs ADDRESS STREAM IN-FLIGHT SECONDS     prints how many were acknowledged, and how many of them a second

use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// As the harness has it, in `harness/src/broker/client/redis_rs/produce.rs`.
const PIPELINE_AT_MOST: usize = 128;
const PAYLOAD: [u8; 1024] = [b'0'; 1024];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [address, stream, in_flight, seconds] = arguments.as_slice() else {
        return Err("redis-rs ADDRESS STREAM IN-FLIGHT SECONDS".into());
    };
    let (in_flight, lasts) = (in_flight.parse::<usize>()?.max(1), Duration::from_secs_f64(seconds.parse()?));
    let at_once = in_flight.div_ceil(3).min(PIPELINE_AT_MOST);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (acknowledged, took) = LocalSet::new().block_on(&runtime, async {
        let client = redis::Client::open(format!("redis://{address}/"))?;
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_pipeline_buffer_size(in_flight);
        let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let pipelines = (0..in_flight).step_by(at_once).map(|under_way| at_once.min(in_flight - under_way));
        append(connection, stream, pipelines, lasts).await
    })?;
    println!("{acknowledged} {:.0}", acknowledged as f64 / took.as_secs_f64());
    Ok(())
}

/// Keeps pipelines of so many messages each under way for as long. How many messages were acknowledged, and in which time.
async fn append(
    connection: MultiplexedConnection,
    stream: &str,
    pipelines: impl Iterator<Item = usize>,
    lasts: Duration,
) -> redis::RedisResult<(usize, Duration)> {
    let (begun, acknowledged) = (Instant::now(), Rc::new(Cell::new(0)));
    let senders: Vec<_> = pipelines
        .map(|at_once| {
            let (mut connection, stream, acknowledged) =
                (connection.clone(), stream.to_owned(), Rc::clone(&acknowledged));
            tokio::task::spawn_local(async move {
                while begun.elapsed() < lasts {
                    let mut pipeline = redis::Pipeline::with_capacity(at_once);
                    for _ in 0..at_once {
                        pipeline.cmd("XADD").arg(&stream).arg("*").arg("p").arg(&PAYLOAD[..]);
                    }
                    let ids: Vec<redis::Value> = pipeline.query_async(&mut connection).await?;
                    acknowledged.set(acknowledged.get() + ids.len());
                }
                redis::RedisResult::Ok(())
            })
        })
        .collect();
    for sender in senders {
        match sender.await {
            Ok(sent) => sent?,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    Ok((acknowledged.get(), begun.elapsed()))
}
