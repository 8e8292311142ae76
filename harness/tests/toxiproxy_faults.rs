//! Each fault on a real path: its effect on a client without a library, its confirmation, and its healing.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::environment::toxiproxy::{ProxiedPath, Toxiproxy};
use harness::environment::{Environment, Node};
use harness::fault::{FAULTS, FaultDriver, Handles, PlannedFault, Target};
use harness::model::{Direction, Link, OptionValue, PathRecipe, Selection};
use real::{connect, ping, require_engine, start_redis};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A Redis behind a proxy.
struct Path {
    proxy: Toxiproxy,
    recipe: PathRecipe,
    listen: u16,
    toxiproxy: Node,
    _redis: Node,
    _logs: tempfile::TempDir,
    _environment: Environment,
}

async fn open_path(test: &str) -> Option<Path> {
    let environment = require_engine(test).await?;
    let logs = tempfile::tempdir().expect("a folder");
    let (redis, upstream) = start_redis(&environment, logs.path()).await;
    let listen = environment.ports().pick().expect("a port");
    let upstream = format!("127.0.0.1:{upstream}");
    let recipe = PathRecipe {
        link: Link::Client,
        from: vec![],
        to: "redis-0".to_owned(),
        name: "client-redis-0".to_owned(),
        listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, listen),
        upstream,
    };
    let (toxiproxy, proxy) =
        environment.start_toxiproxy(std::slice::from_ref(&recipe), logs.path()).await.expect("started");
    Some(Path { proxy, recipe, listen, toxiproxy, _redis: redis, _logs: logs, _environment: environment })
}

const DOWN: (&str, &[(&str, OptionValue)]) = ("down", &[]);

fn driver(path: &Path, (kind, given): (&str, &[(&'static str, OptionValue)]), direction: Direction) -> FaultDriver {
    let fault = PlannedFault {
        when: None,
        name: "fault-1".to_owned(),
        at: Duration::ZERO,
        // Each test heals by itself.
        lasts: Duration::from_secs(60),
        target: Target::Link { link: Link::Client, direction, clients: Selection::All, nodes: Selection::All },
        fault: FAULTS.iter().find(|spec| spec.name == kind).expect("listed").with(given).expect("fits"),
        systems: vec![],
        after: None,
    };
    let paths = vec![ProxiedPath::new(path.proxy.clone(), path.recipe.clone())];
    FaultDriver::new(&fault, &Handles { paths, packets: Some(path._environment.packets()), ..Handles::default() })
}

/// The shortest of some round trips: a busy machine makes trips longer, never shorter.
async fn shortest_round_trip(listen: u16) -> Duration {
    let mut client = connect(listen).await.expect("connected");
    let mut shortest = Duration::MAX;
    for _ in 0..5 {
        let before = Instant::now();
        ping(&mut client).await.expect("answered");
        shortest = shortest.min(before.elapsed());
    }
    shortest
}

/// The shortest of some times in which this many bytes go to Redis and come back.
async fn shortest_echo(listen: u16, bytes: usize) -> Duration {
    let request =
        [format!("*2\r\n$4\r\nECHO\r\n${bytes}\r\n").into_bytes(), vec![b'x'; bytes], b"\r\n".to_vec()].concat();
    let mut answer = vec![0; format!("${bytes}\r\n").len() + bytes + 2];
    let mut client = connect(listen).await.expect("connected");
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        let before = Instant::now();
        client.write_all(&request).await.expect("sent");
        client.read_exact(&mut answer).await.expect("answered");
        shortest = shortest.min(before.elapsed());
    }
    shortest
}

async fn works(path: &Path) -> bool {
    match connect(path.listen).await {
        Ok(mut client) => ping(&mut client).await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test]
async fn down_refuses_clients_and_ends_their_connections_until_it_is_healed() {
    let Some(path) = open_path("down").await else { return };
    let mut client = connect(path.listen).await.expect("connected");
    ping(&mut client).await.expect("answered");
    let mut down = driver(&path, DOWN, Direction::Both);
    down.prepare().await.expect("prepared");
    assert!(down.inject().await.is_some());
    assert!(ping(&mut client).await.is_err());
    assert_eq!(connect(path.listen).await.expect_err("refused").kind(), ErrorKind::ConnectionRefused);
    assert!(down.heal().await.is_some());
    assert!(works(&path).await);
    let row = down.row().expect("a row");
    assert!(row.confirmed, "{}", row.evidence);
    assert_eq!((row.name.as_str(), row.kind.as_str(), row.target.as_str()), ("fault-1", "down", "link client"));
    assert!(row.evidence.contains("disabled") && row.evidence.contains("enabled"), "{}", row.evidence);
    let times = [Some(row.inject_requested), row.injected, row.heal_requested, row.healed];
    assert!(times.is_sorted() && times.iter().all(Option::is_some), "{times:?}");
}

#[tokio::test]
async fn latency_delays_a_round_trip_once_for_each_direction() {
    let Some(path) = open_path("latency").await else { return };
    let delay = Duration::from_millis(100);
    for (direction, ways) in [(Direction::Downstream, 1), (Direction::Upstream, 1), (Direction::Both, 2)] {
        let before = shortest_round_trip(path.listen).await;
        let mut late = driver(&path, ("latency", &[("delay", OptionValue::Duration(delay))]), direction);
        assert!(late.inject().await.is_some(), "{:?}", late.row());
        let during = shortest_round_trip(path.listen).await;
        assert!(during >= delay * ways, "{direction:?}: {before:?} became {during:?}");
        assert!(late.heal().await.is_some(), "{:?}", late.row());
        let after = shortest_round_trip(path.listen).await;
        assert!(after < delay * ways, "{direction:?}: {during:?} became {after:?}");
    }
    assert!(path.proxy.toxics("client-redis-0").await.expect("read").is_empty());
}

#[tokio::test]
async fn timeout_swallows_everything_while_the_connection_stays_open() {
    for direction in [Direction::Downstream, Direction::Upstream] {
        let Some(path) = open_path(&format!("timeout-{direction:?}")).await else { return };
        let mut client = connect(path.listen).await.expect("connected");
        ping(&mut client).await.expect("answered");
        let mut silence = driver(&path, ("timeout", &[("after", OptionValue::Duration(Duration::ZERO))]), direction);
        assert!(silence.inject().await.is_some());
        let answer = tokio::time::timeout(Duration::from_millis(300), ping(&mut client)).await;
        assert!(answer.is_err(), "{direction:?}: {answer:?}");
        assert!(silence.heal().await.is_some());
        assert!(works(&path).await);
    }
}

#[tokio::test]
async fn timeout_closes_connections_after_a_while_if_asked_to() {
    let Some(path) = open_path("closing").await else { return };
    let mut silence = driver(
        &path,
        ("timeout", &[("after", OptionValue::Duration(Duration::from_millis(50)))]),
        Direction::Downstream,
    );
    assert!(silence.inject().await.is_some());
    let mut client = connect(path.listen).await.expect("connected");
    assert!(ping(&mut client).await.is_err());
    assert!(silence.heal().await.is_some());
    assert!(works(&path).await);
}

#[tokio::test]
async fn reset_peer_resets_connections_that_exist_and_new_ones() {
    for direction in [Direction::Downstream, Direction::Upstream, Direction::Both] {
        let Some(path) = open_path(&format!("reset-{direction:?}")).await else { return };
        let mut reset = driver(&path, ("reset-peer", &[("after", OptionValue::Duration(Duration::ZERO))]), direction);
        reset.prepare().await.expect("prepared");
        let mut existing = connect(path.listen).await.expect("connected");
        ping(&mut existing).await.expect("an armed path works");
        assert!(reset.inject().await.is_some(), "{:?}", reset.row());
        let end = ping(&mut existing).await.expect_err("reset");
        assert_eq!(end.kind(), ErrorKind::ConnectionReset, "{direction:?}, existing: {end}");
        let mut new = connect(path.listen).await.expect("connected");
        let end = ping(&mut new).await.expect_err("reset");
        assert_eq!(end.kind(), ErrorKind::ConnectionReset, "{direction:?}, new: {end}");
        assert!(reset.heal().await.is_some(), "{:?}", reset.row());
        assert!(works(&path).await);
        assert!(reset.row().expect("a row").confirmed);
    }
}

#[tokio::test]
async fn bandwidth_lets_pass_no_more_than_its_rate() {
    let Some(path) = open_path("bandwidth").await else { return };
    let given = [("rate", OptionValue::Bytes(100_000))];
    let mut slow = driver(&path, ("bandwidth", &given), Direction::Upstream);
    slow.prepare().await.expect("prepared");
    assert!(slow.inject().await.is_some(), "{:?}", slow.row());
    // 50,000 bytes at 100 KB/s.
    let during = shortest_echo(path.listen, 50_000).await;
    assert!(during >= Duration::from_millis(400), "{during:?}");
    assert!(slow.heal().await.is_some(), "{:?}", slow.row());
    let after = shortest_echo(path.listen, 50_000).await;
    assert!(after < during / 2, "{during:?} became {after:?}");
}

#[tokio::test]
async fn slicer_delays_each_piece() {
    let Some(path) = open_path("slicer").await else { return };
    let given = [("average-size", OptionValue::Bytes(64)), ("delay", OptionValue::Duration(Duration::from_millis(20)))];
    let mut pieces = driver(&path, ("slicer", &given), Direction::Upstream);
    pieces.prepare().await.expect("prepared");
    assert!(pieces.inject().await.is_some(), "{:?}", pieces.row());
    // 1,024 bytes in pieces of at most 64: fifteen delays before the last.
    let during = shortest_echo(path.listen, 1_024).await;
    assert!(during >= Duration::from_millis(300), "{during:?}");
    assert!(pieces.heal().await.is_some(), "{:?}", pieces.row());
    let after = shortest_echo(path.listen, 1_024).await;
    assert!(after < during / 2, "{during:?} became {after:?}");
}

#[tokio::test]
async fn slow_close_hides_an_end_for_a_while() {
    let Some(path) = open_path("slow-close").await else { return };
    let delay = Duration::from_millis(500);
    let mut late = driver(&path, ("slow-close", &[("delay", OptionValue::Duration(delay))]), Direction::Downstream);
    late.prepare().await.expect("prepared");
    let mut client = connect(path.listen).await.expect("connected");
    assert!(late.inject().await.is_some(), "{:?}", late.row());
    let begin = Instant::now();
    client.write_all(b"QUIT\r\n").await.expect("sent");
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.expect("ended in order");
    assert!(rest.starts_with(b"+OK") && begin.elapsed() >= delay, "{:?}", begin.elapsed());
    assert!(late.heal().await.is_some(), "{:?}", late.row());
    assert!(works(&path).await);
}

#[tokio::test]
async fn limit_data_ends_a_connection_when_so_much_has_passed_and_lets_a_new_one_have_as_much() {
    let Some(path) = open_path("limit-data").await else { return };
    let mut existing = connect(path.listen).await.expect("connected");
    ping(&mut existing).await.expect("answered");
    // An answer to a ping has seven bytes.
    let mut limited = driver(&path, ("limit-data", &[("bytes", OptionValue::Bytes(20))]), Direction::Downstream);
    limited.prepare().await.expect("prepared");
    assert!(limited.inject().await.is_some(), "{:?}", limited.row());
    for mut client in [existing, connect(path.listen).await.expect("connected")] {
        ping(&mut client).await.expect("7 bytes");
        ping(&mut client).await.expect("14 bytes");
        assert_eq!(ping(&mut client).await.expect_err("cut within an answer").kind(), ErrorKind::UnexpectedEof);
    }
    assert!(limited.heal().await.is_some(), "{:?}", limited.row());
    let mut after = connect(path.listen).await.expect("connected");
    for _ in 0..5 {
        ping(&mut after).await.expect("answered");
    }
    assert!(limited.row().expect("a row").confirmed);
}

async fn is_refused(path: &Path) -> bool {
    connect(path.listen).await.is_err()
}

#[tokio::test]
async fn a_flapping_link_refuses_and_accepts_in_turns_until_it_is_healed() {
    let Some(path) = open_path("flap").await else { return };
    let time = OptionValue::Duration(Duration::from_millis(300));
    let mut flap = driver(&path, ("flap", &[("down", time.clone()), ("up", time)]), Direction::Both);
    flap.prepare().await.expect("prepared");
    let mut client = connect(path.listen).await.expect("connected");
    ping(&mut client).await.expect("answered");
    assert!(flap.inject().await.is_some(), "{:?}", flap.row());
    assert!(ping(&mut client).await.is_err(), "its connection was closed");
    for _ in 0..2 {
        while is_refused(&path).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while !is_refused(&path).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert!(flap.heal().await.is_some(), "{:?}", flap.row());
    let row = flap.row().expect("a row");
    assert!(row.confirmed && row.evidence.contains(" times down, confirmed after "), "{}", row.evidence);
    for _ in 0..20 {
        assert!(works(&path).await, "{}", row.evidence);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_flap_whose_link_somebody_else_put_up_is_not_confirmed() {
    let Some(path) = open_path("meddled-flap").await else { return };
    let long = OptionValue::Duration(Duration::from_millis(500));
    let mut flap = driver(&path, ("flap", &[("down", long.clone()), ("up", long)]), Direction::Both);
    assert!(flap.inject().await.is_some(), "{:?}", flap.row());
    path.proxy.enable("client-redis-0").await.expect("as if by hand");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(flap.heal().await.is_some());
    let row = flap.row().expect("a row");
    assert!(!row.confirmed && row.evidence.contains("changed by somebody else"), "{}", row.evidence);
    assert!(works(&path).await);
}

#[tokio::test]
async fn without_preparation_a_connection_that_exists_ends_without_a_reset() {
    let Some(path) = open_path("unarmed").await else { return };
    let mut existing = connect(path.listen).await.expect("connected");
    ping(&mut existing).await.expect("answered");
    let mut reset =
        driver(&path, ("reset-peer", &[("after", OptionValue::Duration(Duration::ZERO))]), Direction::Downstream);
    assert!(reset.inject().await.is_some());
    assert_eq!(ping(&mut existing).await.expect_err("closed").kind(), ErrorKind::UnexpectedEof);
    reset.heal().await;
}

/// Removing a toxic waits for a receiver that does not receive, and holds the proxy's lock meanwhile.
#[tokio::test]
async fn a_path_that_hangs_on_healing_is_replaced_by_a_new_proxy_on_the_same_port() {
    const ANSWER: usize = 1 << 20;
    let Some(mut path) = open_path("hanging").await else { return };
    path.proxy = Toxiproxy::answering_within(Duration::from_millis(500), path.proxy.port()).expect("a client");
    let mut late = driver(
        &path,
        ("latency", &[("delay", OptionValue::Duration(Duration::from_millis(1)))]),
        Direction::Downstream,
    );
    assert!(late.inject().await.is_some(), "{:?}", late.row());
    let mut deaf = connect(path.listen).await.expect("connected");
    let set = format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${ANSWER}\r\n{}\r\n", "x".repeat(ANSWER));
    deaf.write_all(set.as_bytes()).await.expect("sent");
    // Far more than sockets and the proxy hold, and nobody reads it.
    deaf.write_all("GET k\r\n".repeat(64).as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(late.heal().await.is_some(), "{:?}", late.row());
    let row = late.row().expect("a row");
    assert!(row.evidence.contains("did not answer"), "it did not hang: {}", row.evidence);
    assert!(works(&path).await, "{}", row.evidence);
    assert!(path.proxy.toxics("client-redis-0").await.expect("read").is_empty());
}

#[tokio::test]
async fn healing_again_and_healing_without_injection_change_nothing() {
    let Some(path) = open_path("again").await else { return };
    let mut down = driver(&path, DOWN, Direction::Both);
    assert_eq!(down.heal().await, None);
    assert_eq!(down.row(), None);
    down.inject().await;
    let first = down.heal().await;
    assert_eq!(down.heal().await, first);
    assert!(down.row().expect("a row").confirmed);
}

#[tokio::test]
async fn an_injection_that_nobody_waited_for_is_healed_all_the_same() {
    let Some(path) = open_path("cut-off").await else { return };
    let mut down = driver(&path, DOWN, Direction::Both);
    // Polled once: the call is on its way when the future is dropped.
    tokio::select! { biased; _ = down.inject() => {}, () = std::future::ready(()) => {} }
    path.proxy.disable("client-redis-0").await.expect("as if the call had arrived");
    assert!(down.heal().await.is_some());
    assert!(works(&path).await);
    assert!(!down.row().expect("a row").confirmed);
}

#[tokio::test]
async fn a_fault_that_somebody_else_took_back_is_not_confirmed() {
    let Some(path) = open_path("meddled").await else { return };
    let mut late =
        driver(&path, ("latency", &[("delay", OptionValue::Duration(Duration::from_millis(1)))]), Direction::Upstream);
    assert!(late.inject().await.is_some());
    path.proxy.remove_toxic("client-redis-0", "fault-1-upstream").await.expect("removed");
    assert!(late.heal().await.is_some());
    let row = late.row().expect("a row");
    assert!(!row.confirmed);
    assert!(row.evidence.contains("no longer there"), "{}", row.evidence);
}

#[tokio::test]
async fn a_fault_on_a_dead_proxy_is_recorded_as_not_confirmed() {
    let Some(path) = open_path("dead").await else { return };
    let mut down = driver(&path, DOWN, Direction::Both);
    path.toxiproxy.stop().await.expect("stopped");
    assert_eq!(down.inject().await, None);
    assert_eq!(down.heal().await, None);
    let row = down.row().expect("a row");
    assert!(!row.confirmed && row.injected.is_none() && row.healed.is_none());
    assert!(row.heal_requested.is_some());
    assert!(row.evidence.contains("did not answer"), "{}", row.evidence);
}

#[tokio::test]
async fn a_closed_upstream_is_not_hidden_by_the_proxy() {
    let Some(path) = open_path("upstream").await else { return };
    let mut client = connect(path.listen).await.expect("connected");
    ping(&mut client).await.expect("answered");
    path._redis.stop().await.expect("stopped");
    let mut rest = Vec::new();
    let ended = client.read_to_end(&mut rest).await;
    assert!(ended.is_err() || rest.is_empty());
}
