//! The client against a real Toxiproxy, with a second, independent client as witness.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::environment::toxiproxy::{Stream, Toxic, ToxiproxyError};
use harness::model::{Link, PathRecipe};
use real::{LIMIT, connect, ping, require_engine, start_redis};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

fn path(name: &str, listen: u16, upstream: u16) -> PathRecipe {
    PathRecipe {
        link: Link::Client,
        from: vec![],
        to: "redis-0".to_owned(),
        name: name.to_owned(),
        listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, listen),
        upstream: format!("127.0.0.1:{upstream}"),
    }
}

fn latency(delay_ms: i64) -> Toxic {
    let attributes = BTreeMap::from([("latency".to_owned(), delay_ms), ("jitter".to_owned(), 3)]);
    Toxic { name: "slow".to_owned(), kind: "latency".to_owned(), stream: Stream::Upstream, toxicity: 0.5, attributes }
}

#[tokio::test]
async fn what_is_set_is_what_an_independent_client_reads() {
    let Some(environment) = require_engine("witness").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (listen, upstream) = (environment.ports().pick().expect("a port"), environment.ports().pick().expect("a port"));
    let (node, proxy) =
        environment.start_toxiproxy(&[path("client", listen, upstream)], logs.path()).await.expect("started");
    proxy.add_toxic("client", &latency(100)).await.expect("added");
    proxy.update_toxic("client", &latency(200)).await.expect("updated");
    proxy.disable("client").await.expect("disabled");

    let port = proxy.port();
    // Blocking, and of another tokio: it needs a thread without a runtime.
    let witness = std::thread::spawn(move || {
        let client = toxiproxy_rust::client::Client::new(("127.0.0.1", port));
        let proxy = client.find_proxy("client").expect("found");
        let mut toxics = proxy.toxics().expect("read");
        let toxic = toxics.pop().expect("one");
        assert!(toxics.is_empty());
        (proxy.proxy_pack.listen, proxy.proxy_pack.enabled, toxic)
    });
    let (read_listen, enabled, toxic) = witness.join().expect("read");
    assert_eq!(read_listen, format!("127.0.0.1:{listen}"));
    assert!(!enabled);
    assert_eq!((toxic.name.as_str(), toxic.r#type.as_str(), toxic.stream.as_str()), ("slow", "latency", "upstream"));
    assert!((toxic.toxicity - 0.5).abs() < f32::EPSILON);
    assert_eq!((toxic.attributes["latency"], toxic.attributes["jitter"]), (200, 3));
    assert_eq!(proxy.toxics("client").await.expect("read"), [latency(200)]);
    node.stop().await.expect("stopped");
}

#[tokio::test]
async fn version_paths_and_passed_bytes_are_read() {
    let Some(environment) = require_engine("bytes").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (_redis, upstream) = start_redis(&environment, logs.path()).await;
    let listen = environment.ports().pick().expect("a port");
    let (_node, proxy) =
        environment.start_toxiproxy(&[path("client", listen, upstream)], logs.path()).await.expect("started");
    assert_eq!(proxy.version().await.expect("read"), "2.12.0");
    let mut client = connect(listen).await.expect("connected");
    ping(&mut client).await.expect("answered");
    drop(client);
    let deadline = Instant::now() + LIMIT;
    loop {
        let bytes = proxy.passed_bytes().await.expect("read");
        if bytes.of("client", Stream::Upstream) == 6 && bytes.of("client", Stream::Downstream) == 7 {
            break;
        }
        assert!(Instant::now() < deadline, "the bytes were not counted: {bytes:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    proxy.delete("client").await.expect("deleted");
    assert!(proxy.proxy("client").await.expect_err("gone").is_absent());
}

#[tokio::test]
async fn a_refusal_shows_the_servers_words() {
    let Some(environment) = require_engine("refusal").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let listen = environment.ports().pick().expect("a port");
    let (_node, proxy) = environment.start_toxiproxy(&[path("client", listen, 1)], logs.path()).await.expect("started");
    let unknown = Toxic { kind: "no-such-toxic".to_owned(), ..latency(1) };
    let error = proxy.add_toxic("client", &unknown).await.expect_err("refused");
    let ToxiproxyError::Refused { call, status, body } = &error else { panic!("another error: {error}") };
    assert_eq!((call.as_str(), *status), ("POST /proxies/client/toxics", 400));
    assert!(body.contains("invalid toxic type"), "{body}");
    assert!(proxy.create(&path("client", listen, 1)).await.expect_err("exists").is_present());
}
