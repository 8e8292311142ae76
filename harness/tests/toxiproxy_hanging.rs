//! A Toxiproxy that hangs, as real ones have under load: played by a few lines, so that it hangs when it should.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

use harness::environment::toxiproxy::{ProxiedPath, Toxiproxy, ToxiproxyError};
use harness::fault::{FAULTS, FaultDriver, Handles, PlannedFault, Target};
use harness::model::{Direction, Link, PathRecipe, Selection};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LIMIT: Duration = Duration::from_millis(100);

/// What the player does with changes; reading always works.
#[derive(Clone, Copy, PartialEq)]
enum Changes {
    /// Does them, but the answers never come.
    DoneUnanswered,
    /// Neither does them nor answers.
    Ignored,
    /// Ignores the first, then behaves.
    FirstIgnored,
    /// Heals only a path that is new.
    HealsOnlyWhatIsNew,
}

#[derive(Default)]
struct Played {
    disabled: AtomicBool,
    changes: AtomicUsize,
}

async fn play(changes: Changes) -> (Toxiproxy, Arc<Played>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let played = Arc::new(Played::default());
    let shared = Arc::clone(&played);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(answer(client, changes, Arc::clone(&shared)));
        }
    });
    (Toxiproxy::answering_within(LIMIT, port).expect("a client"), played)
}

async fn answer(mut client: TcpStream, changes: Changes, played: Arc<Played>) {
    let mut request = vec![0; 4_096];
    while let Ok(read @ 1..) = client.read(&mut request).await {
        let text = String::from_utf8_lossy(&request[..read]).into_owned();
        if changes == Changes::HealsOnlyWhatIsNew {
            if text.starts_with("POST /proxies/p ") && text.contains("\"enabled\":true") {
                std::future::pending::<()>().await;
            }
            if text.starts_with("POST") {
                played.changes.fetch_add(1, Ordering::SeqCst);
                played.disabled.store(text.contains("\"enabled\":false"), Ordering::SeqCst);
            }
        } else if text.starts_with("POST") {
            let first = played.changes.fetch_add(1, Ordering::SeqCst) == 0;
            if changes != Changes::Ignored && !(changes == Changes::FirstIgnored && first) {
                played.disabled.store(text.contains("\"enabled\":false"), Ordering::SeqCst);
            }
            if changes != Changes::FirstIgnored || first {
                std::future::pending::<()>().await;
            }
        }
        let enabled = !played.disabled.load(Ordering::SeqCst);
        let body = format!(r#"{{"name":"p","listen":"a","upstream":"b","enabled":{enabled},"toxics":[]}}"#);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if client.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn down(server: Toxiproxy) -> FaultDriver {
    let fault = PlannedFault {
        when: None,
        name: "down-1".to_owned(),
        at: Duration::ZERO,
        lasts: Duration::from_secs(1),
        target: Target::Link {
            link: Link::Client,
            direction: Direction::Both,
            clients: Selection::All,
            nodes: Selection::All,
        },
        fault: FAULTS.iter().find(|spec| spec.name == "down").expect("listed").with(&[]).expect("fits"),
        systems: vec![],
        after: None,
    };
    let path = PathRecipe {
        link: Link::Client,
        from: vec![],
        to: "redis-0".to_owned(),
        name: "p".to_owned(),
        listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1),
        upstream: "127.0.0.1:2".to_owned(),
    };
    FaultDriver::new(&fault, &Handles { paths: vec![ProxiedPath::new(server, path)], ..Handles::default() })
}

#[tokio::test]
async fn a_call_that_hangs_is_given_up() {
    let (server, _) = play(Changes::Ignored).await;
    let error = server.disable("p").await.expect_err("it hangs");
    assert!(matches!(&error, ToxiproxyError::NoAnswer { call, .. } if call == "POST /proxies/p"), "{error}");
}

#[tokio::test]
async fn a_change_that_was_done_but_not_answered_is_confirmed_by_reading_it_back() {
    let (server, played) = play(Changes::DoneUnanswered).await;
    let mut down = down(server);
    assert!(down.inject().await.is_some());
    assert!(down.heal().await.is_some());
    assert_eq!(played.changes.load(Ordering::SeqCst), 2, "one call each");
    let row = down.row().expect("a row");
    assert!(row.confirmed);
    assert!(row.evidence.contains("did not answer"), "{}", row.evidence);
}

#[tokio::test]
async fn a_change_that_was_not_done_is_tried_once_more() {
    let (server, played) = play(Changes::FirstIgnored).await;
    let mut down = down(server);
    assert!(down.inject().await.is_some());
    assert_eq!(played.changes.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_path_that_does_not_heal_when_asked_is_replaced() {
    let (server, played) = play(Changes::HealsOnlyWhatIsNew).await;
    let mut down = down(server);
    assert!(down.inject().await.is_some());
    assert!(down.heal().await.is_some(), "{:?}", down.row());
    assert_eq!(played.changes.load(Ordering::SeqCst), 2, "disabled, and created anew");
}

#[tokio::test]
async fn a_change_that_is_never_done_is_recorded_as_not_confirmed() {
    let (server, played) = play(Changes::Ignored).await;
    let mut down = down(server);
    assert_eq!(down.inject().await, None);
    assert_eq!(played.changes.load(Ordering::SeqCst), 2);
    let row = down.row().expect("a row");
    assert!(!row.confirmed && row.injected.is_none());
    assert!(row.evidence.contains("read back otherwise: p: enabled"), "{}", row.evidence);
}
