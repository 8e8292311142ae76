//! Packets that vanish on a real path: what a client without a library sees, what is counted, and that nothing is left.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::environment::toxiproxy::ProxiedPath;
use harness::environment::{Environment, Node, leftovers, must_drop_packets};
use harness::fault::{FAULTS, FaultDriver, Handles, PlannedFault, Target};
use harness::model::{Direction, Link, OptionValue, PathRecipe, Selection};
use real::{LIMIT, connect, ping, require_engine, start_redis};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::Command;
use std::time::Duration;

/// Long enough for a round trip on a busy machine, and far below what a test may take.
const UNANSWERED: Duration = Duration::from_millis(1_500);

/// A Redis behind a proxy.
struct Path {
    proxied: ProxiedPath,
    listen: u16,
    _nodes: [Node; 2],
    _logs: tempfile::TempDir,
    environment: Environment,
}

/// `None`: there is no engine, or this user may not change the packet filter; both were said aloud.
async fn open_path(test: &str) -> Option<Path> {
    let environment = require_engine(test).await?;
    if let Err(error) = must_drop_packets().await {
        // Root may: without nft `HARNESS_REQUIRE_REAL=1` fails. Others may not, and lose only these two faults.
        let required = std::env::var("HARNESS_REQUIRE_REAL").is_ok_and(|value| value == "1");
        assert!(!(required && rustix::process::geteuid().is_root()), "{test} cannot run: {error}");
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {error}");
        return None;
    }
    let logs = tempfile::tempdir().expect("a folder");
    let (redis, upstream) = start_redis(&environment, logs.path()).await;
    let listen = environment.ports().pick().expect("a port");
    let recipe = PathRecipe {
        link: Link::Client,
        from: vec![],
        to: "redis-0".to_owned(),
        name: "client-redis-0".to_owned(),
        listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, listen),
        upstream: format!("127.0.0.1:{upstream}"),
    };
    let (toxiproxy, server) =
        environment.start_toxiproxy(std::slice::from_ref(&recipe), logs.path()).await.expect("started");
    let proxied = ProxiedPath::new(server, recipe);
    Some(Path { proxied, listen, _nodes: [redis, toxiproxy], _logs: logs, environment })
}

fn driver(path: &Path, (kind, given): (&str, &[(&'static str, OptionValue)]), direction: Direction) -> FaultDriver {
    let fault = PlannedFault {
        when: None,
        name: "fault-1".to_owned(),
        at: Duration::ZERO,
        lasts: Duration::from_secs(1),
        target: Target::Link { link: Link::Client, direction, clients: Selection::All, nodes: Selection::All },
        fault: FAULTS.iter().find(|spec| spec.name == kind).expect("listed").with(given).expect("fits"),
        systems: vec![],
        after: None,
    };
    let packets = Some(path.environment.packets());
    FaultDriver::new(&fault, &Handles { paths: vec![path.proxied.clone()], packets, ..Handles::default() })
}

async fn tables(path: &Path) -> usize {
    let table = path.environment.packets().table().to_owned();
    let all = leftovers().await.expect("listed");
    all.iter().filter(|left| left.kind == "table" && left.id == table).count()
}

#[tokio::test]
async fn drop_swallows_packets_of_old_and_new_connections_and_the_old_ones_go_on_after_the_heal() {
    for direction in [Direction::Upstream, Direction::Downstream, Direction::Both] {
        let Some(path) = open_path(&format!("drop-{direction:?}")).await else { return };
        let mut drop = driver(&path, ("drop", &[]), direction);
        drop.prepare().await.expect("prepared");
        let mut old = connect(path.listen).await.expect("connected");
        ping(&mut old).await.expect("answered");
        assert!(drop.inject().await.is_some(), "{:?}", drop.row());
        let mut asked = Box::pin(ping(&mut old));
        assert!(tokio::time::timeout(UNANSWERED, &mut asked).await.is_err(), "{direction:?}: answered");
        let new = tokio::time::timeout(UNANSWERED, connect(path.listen)).await;
        assert!(new.is_err(), "{direction:?}: {new:?}");
        assert!(drop.heal().await.is_some(), "{:?}", drop.row());
        tokio::time::timeout(LIMIT, asked).await.expect("sent again").expect("on the same connection");
        let row = drop.row().expect("a row");
        assert!(row.confirmed && row.dropped > Some(0), "{row:?}");
        assert!(row.evidence.contains("packets dropped") && row.evidence.contains("no rule works"), "{row:?}");
    }
}

#[tokio::test]
async fn packet_loss_drops_a_share_and_answers_come_all_the_same() {
    let Some(path) = open_path("packet-loss").await else { return };
    let mut loss = driver(&path, ("packet-loss", &[("rate", OptionValue::Share(0.3))]), Direction::Both);
    loss.prepare().await.expect("prepared");
    let mut client = connect(path.listen).await.expect("connected");
    assert!(loss.inject().await.is_some(), "{:?}", loss.row());
    for _ in 0..20 {
        tokio::time::timeout(LIMIT, ping(&mut client)).await.expect("sent again").expect("answered");
    }
    assert!(loss.heal().await.is_some(), "{:?}", loss.row());
    let row = loss.row().expect("a row");
    assert!(row.confirmed && row.dropped > Some(0), "{row:?}");
    let dropped = row.dropped;
    for _ in 0..5 {
        ping(&mut client).await.expect("answered");
    }
    assert_eq!(loss.row().expect("a row").dropped, dropped);
}

#[tokio::test]
async fn a_table_that_somebody_else_removed_makes_the_fault_unconfirmed_and_healing_does_no_harm() {
    let Some(path) = open_path("removed-table").await else { return };
    let mut drop = driver(&path, ("drop", &[]), Direction::Upstream);
    drop.prepare().await.expect("prepared");
    assert!(drop.inject().await.is_some(), "{:?}", drop.row());
    let table = path.environment.packets().table().to_owned();
    let mut delete = Command::new("nft");
    delete.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").args(["delete", "table", "inet", &table]);
    assert!(delete.status().expect("run").success(), "one command removes everything");
    assert!(drop.heal().await.is_some(), "{:?}", drop.row());
    let row = drop.row().expect("a row");
    assert!(!row.confirmed && row.evidence.contains("no longer there"), "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_nobody_healed_goes_with_its_environment_also_where_nodes_are_kept() {
    for kept in [false, true] {
        let Some(path) = open_path(&format!("left-{kept}")).await else { return };
        let mut drop_all = driver(&path, ("drop", &[]), Direction::Upstream);
        assert!(drop_all.inject().await.is_some(), "{:?}", drop_all.row());
        assert_eq!(tables(&path).await, 1);
        if kept {
            path.environment.keep();
        }
        let table = path.environment.packets().table().to_owned();
        let Path { environment, _nodes, .. } = path;
        drop(environment);
        let left = leftovers().await.expect("listed");
        assert!(left.iter().all(|left| left.id != table), "{left:#?}");
        for node in _nodes {
            node.stop().await.expect("stopped");
        }
    }
}
