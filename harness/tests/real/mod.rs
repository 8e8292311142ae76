//! What tests with real nodes share: an open environment or a clear word, a Redis node, and a client without a library.
//! From here the library's public interface may be used; nothing here asserts what a test is about.
//! To add a test file: `mod real;`, and begin each test with `require_engine`.

mod engine;

use harness::environment::{Environment, EnvironmentKind, Node, images};
use harness::model::NodeRecipe;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Generous: a test must not fail because the machine is busy.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// An environment with a run id of its own. `None`: no engine answers, which was printed; with `HARNESS_REQUIRE_REAL=1`
/// the test fails instead.
pub(crate) async fn require_engine(test: &str) -> Option<Environment> {
    let run = format!("test-{test}-{}", std::process::id());
    engine::or_skipped(test, Environment::open(EnvironmentKind::Containers, &run).await)
}

/// Redis without persistence.
pub(crate) fn redis_recipe(port: u16) -> NodeRecipe {
    let port_text = port.to_string();
    let command = ["redis-server", "{dir}/redis.conf", "--port", &port_text];
    NodeRecipe {
        name: "redis-0".to_owned(),
        image: images::redis().to_owned(),
        command: command.map(str::to_owned).to_vec(),
        files: vec![("redis.conf".to_owned(), "bind 127.0.0.1\nsave \"\"\ndir {dir}\n".to_owned())],
        variables: vec![],
        ports: vec![port],
        limits: Default::default(),
        needs: vec![],
    }
}

/// A Redis node that answers, and its port.
pub(crate) async fn start_redis(environment: &Environment, logs: &Path) -> (Node, u16) {
    let port = environment.ports().pick().expect("a port");
    let node = environment.start(&redis_recipe(port), logs).await.expect("started");
    node.wait_until(LIMIT, || async move { ping(&mut connect(port).await?).await }).await.expect("ready");
    (node, port)
}

pub(crate) async fn connect(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port)).await
}

/// One round trip; an error where the answer is another, or the connection ended.
pub(crate) async fn ping(client: &mut TcpStream) -> std::io::Result<()> {
    client.write_all(b"PING\r\n").await?;
    let mut answer = [0; 7];
    client.read_exact(&mut answer).await?;
    if &answer == b"+PONG\r\n" { Ok(()) } else { Err(std::io::Error::other("another answer than PONG")) }
}
