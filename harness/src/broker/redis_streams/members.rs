//! The nodes of a replicated system, as the administrator asks them: who leads, who keeps up, whether all know each other.

use super::connection::{client, is_answer};
use super::layout::is_sentinel;
use super::{options, sentinel};
use crate::model::{Endpoint, Endpoints, SystemSpec};
use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisResult, Value};
use std::time::Duration;

/// The section of INFO in which a primary tells of its replicas.
pub(super) const SECTION: &str = "replication";

/// A Sentinel that does not answer within this is passed over.
const SENTINEL_ANSWERS: Duration = Duration::from_secs(1);

/// Connects past any policy of clients.
///
/// # Errors
/// Nobody answers in time.
pub(super) async fn connect(address: &str, patience: Duration) -> RedisResult<MultiplexedConnection> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(patience)).set_response_timeout(Some(patience));
    let client = client(address).map_err(|error| std::io::Error::other(error.to_string()))?;
    client.get_multiplexed_async_connection_with_config(&config).await
}

fn sentinels(at: &Endpoints) -> impl Iterator<Item = &Endpoint> {
    at.nodes.iter().filter(|node| is_sentinel(&node.node))
}

/// The primary, by the first Sentinel that answers; where there is none, the node that was started as primary. `None`: no
/// Sentinel answers, or nobody knows the nodes.
pub(super) async fn primary(at: &Endpoints) -> Option<Endpoint> {
    if sentinels(at).next().is_none() {
        return at.nodes.first().cloned();
    }
    for sentinel in sentinels(at) {
        if let Ok(found) = ask(sentinel, &at.nodes).await {
            return Some(found);
        }
    }
    None
}

async fn ask(sentinel: &Endpoint, nodes: &[Endpoint]) -> RedisResult<Endpoint> {
    let mut connection = connect(&sentinel.address, SENTINEL_ANSWERS).await?;
    let answer = sentinel::whereabouts().query_async(&mut connection).await?;
    sentinel::primary(answer, nodes).cloned()
}

/// What a system that was just started lacks until its replicas are in sync and its Sentinels know all of it; `None`: nothing.
/// `info` is what the primary says of its replicas. A Sentinel that knows of no primary is told of it.
///
/// # Errors
/// A node does not answer.
pub(super) async fn lacks(system: &SystemSpec, at: &Endpoints, info: &str) -> RedisResult<Option<String>> {
    let (there, wanted) = (in_sync(info, u64::MAX), usize::from(options::replicas(system)));
    if there < wanted {
        return Ok(Some(format!("{there} of {wanted} replicas are in sync")));
    }
    let Some(primary) = at.nodes.first() else { return Ok(None) };
    let views = join_all(sentinels(at).map(|node| view(system, node, primary))).await;
    let lacking: RedisResult<Vec<Option<String>>> = views.into_iter().collect();
    Ok(lacking?.into_iter().flatten().next())
}

async fn view(system: &SystemSpec, node: &Endpoint, primary: &Endpoint) -> RedisResult<Option<String>> {
    let mut connection = connect(&node.address, SENTINEL_ANSWERS).await?;
    let asked: RedisResult<Value> =
        redis::cmd("SENTINEL").arg("MASTER").arg(sentinel::MASTER).query_async(&mut connection).await;
    let lacks = match asked {
        Ok(master) => sentinel::lacks(system, &master),
        Err(error) if is_answer(&error) => {
            sentinel::monitor(system, primary).query_async::<()>(&mut connection).await?;
            Some("it was told of the primary just now".to_owned())
        }
        Err(error) => return Err(error),
    };
    Ok(lacks.map(|lacks| format!("{}: {lacks}", node.node)))
}

/// How many replicas the primary has sent all to, and heard of within so many seconds, by its `INFO replication`.
pub(super) fn in_sync(info: &str, within_seconds: u64) -> usize {
    let lines = info.lines().filter(|line| line.starts_with("slave") && line.contains("state=online"));
    let lag = |line: &&str| {
        let field = line.split(',').find_map(|field| field.trim().strip_prefix("lag="));
        field.and_then(|lag| lag.parse::<u64>().ok()).is_some_and(|lag| lag <= within_seconds)
    };
    lines.filter(lag).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Replication\r\nrole:master\r\nconnected_slaves:3\r\n\
        slave0:ip=127.0.0.1,port=1,state=online,offset=14,lag=0\r\n\
        slave1:ip=127.0.0.1,port=2,state=online,offset=14,lag=12\r\n\
        slave2:ip=127.0.0.1,port=3,state=wait_bgsave,offset=0,lag=0\r\nmaster_repl_offset:14\r\n";

    #[test]
    fn a_replica_is_in_sync_when_it_was_sent_all_and_was_heard_of_lately() {
        assert_eq!((in_sync(INFO, 10), in_sync(INFO, 12), in_sync("role:master", 10)), (1, 2, 0));
    }

    #[tokio::test]
    async fn without_sentinels_the_first_node_leads_and_of_no_nodes_nobody_knows() {
        let nodes = ["redis-0", "redis-1"].map(|node| Endpoint::new(node, "127.0.0.1:1".to_owned()));
        let first = primary(&Endpoints::of_first(nodes.to_vec())).await;
        assert_eq!(first.map(|node| node.node).as_deref(), Some("redis-0"));
        assert_eq!(primary(&Endpoints::at("127.0.0.1:1")).await, None);
    }
}
