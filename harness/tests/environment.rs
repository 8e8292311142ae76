//! Nodes in real containers: started, found, removed; and every way in which that goes wrong.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::environment::{Environment, EnvironmentError, EnvironmentKind, OwnerState, images, leftovers, sweep};
use harness::model::NodeRecipe;
use miette::Diagnostic;
use real::{LIMIT, connect, ping, redis_recipe, require_engine, start_redis};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

async fn nodes_of(run: &str) -> Vec<String> {
    let all = leftovers().await.expect("listed");
    all.into_iter().filter(|left| left.run == run).map(|left| left.node).collect()
}

fn run_id(test: &str) -> String {
    format!("test-{test}-{}", std::process::id())
}

#[tokio::test]
async fn a_node_answers_and_leaves_only_its_log() {
    let Some(environment) = require_engine("answers").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (node, _) = start_redis(&environment, logs.path()).await;
    let origin = node.origin();
    assert_eq!((origin.kind, origin.reference.as_str()), ("image", images::redis()));
    assert!(origin.id.as_deref().is_some_and(|id| id.starts_with("sha256:")), "{origin:?}");
    assert!(origin.version.as_deref().is_some_and(|version| version.starts_with("8.")), "{origin:?}");
    assert_eq!(nodes_of(&run_id("answers")).await, ["redis-0"]);
    node.stop().await.expect("stopped");
    assert!(nodes_of(&run_id("answers")).await.is_empty());
    let log = std::fs::read_to_string(logs.path().join("redis-0.log")).expect("saved");
    assert!(log.contains("Ready to accept connections"), "{log}");
}

#[tokio::test]
async fn a_nodes_process_can_be_watched_from_here() {
    let Some(environment) = require_engine("watched").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (node, _) = start_redis(&environment, logs.path()).await;
    let name = std::fs::read_to_string(format!("/proc/{}/comm", node.pid().expect("a process"))).expect("readable");
    assert_eq!(name.trim(), "redis-server");
}

#[tokio::test]
async fn a_dropped_node_is_removed_and_its_log_saved() {
    let Some(environment) = require_engine("dropped").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    drop(start_redis(&environment, logs.path()).await);
    assert!(nodes_of(&run_id("dropped")).await.is_empty());
    assert!(logs.path().join("redis-0.log").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_removed_when_its_task_is_cancelled_as_by_ctrl_c() {
    let Some(environment) = require_engine("cancelled").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let folder = logs.path().to_owned();
    let (started, wait) = tokio::sync::oneshot::channel();
    let trial = tokio::spawn(async move {
        let node = start_redis(&environment, &folder).await;
        started.send(()).expect("awaited");
        std::future::pending::<()>().await;
        drop(node);
    });
    wait.await.expect("started");
    trial.abort();
    trial.await.expect_err("cancelled");
    assert!(nodes_of(&run_id("cancelled")).await.is_empty());
}

#[test]
fn a_node_is_removed_when_the_runtime_has_ended_before() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let logs = tempfile::tempdir().expect("a folder");
    let Some(environment) = runtime.block_on(require_engine("outlives")) else { return };
    let node = runtime.block_on(start_redis(&environment, logs.path()));
    drop(runtime);
    drop(node);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    assert!(runtime.block_on(nodes_of(&run_id("outlives"))).is_empty());
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_leaves_nothing() {
    let Some(environment) = require_engine("abandoned").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let recipe = redis_recipe(environment.ports().pick().expect("a port"));
    let start = environment.start(&recipe, logs.path());
    tokio::time::timeout(Duration::from_millis(30), start).await.map(drop).unwrap_or_default();
    drop(environment);
    let deadline = Instant::now() + LIMIT;
    while !nodes_of(&run_id("abandoned")).await.is_empty() {
        assert!(Instant::now() < deadline, "it is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let Some(environment) = require_engine("taken").await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let error = environment.start(&redis_recipe(port), &std::env::temp_dir()).await.expect_err("taken");
    assert!(matches!(error, EnvironmentError::PortTaken { port: named, .. } if named == port), "{error}");
    assert!(error.to_string().contains(&port.to_string()));
    assert!(error.help().expect("a way out").to_string().contains("ss -ltnp"));
}

#[tokio::test]
async fn a_missing_image_says_how_to_get_it() {
    let Some(environment) = require_engine("missing").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    for (image, way_out) in [("harness/none:0", "make setup"), ("localhost:1/none:0", "docker pull localhost:1/none:0")]
    {
        let recipe = NodeRecipe { image: image.to_owned(), ports: vec![], ..redis_recipe(1) };
        let error = environment.start(&recipe, logs.path()).await.expect_err("missing");
        assert!(matches!(error, EnvironmentError::ImageMissing { .. }), "{error}");
        assert!(error.help().expect("a way out").to_string().contains(way_out), "{error:?}");
    }
}

#[tokio::test]
async fn a_program_that_the_image_does_not_have_is_named_and_leaves_nothing() {
    let Some(environment) = require_engine("program").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let recipe = NodeRecipe { command: vec!["no-such-program".to_owned()], ports: vec![], ..redis_recipe(1) };
    let error = environment.start(&recipe, logs.path()).await.expect_err("no program");
    assert!(error.to_string().contains("no-such-program"), "{error}");
    assert!(nodes_of(&run_id("program")).await.is_empty());
}

#[tokio::test]
async fn a_node_that_ends_shows_the_end_of_its_log() {
    let Some(environment) = require_engine("ends").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let port = environment.ports().pick().expect("a port");
    let mut recipe = redis_recipe(port);
    recipe.files[0].1 = "no-such-directive yes\n".to_owned();
    let error = match environment.start(&recipe, logs.path()).await {
        Ok(node) => node.wait_until_listening(LIMIT).await.expect_err("it ends"),
        Err(error) => error,
    };
    let EnvironmentError::NodeEnded { node, ending, log } = error else { panic!("another error: {error}") };
    assert_eq!((node.as_str(), ending.as_str()), ("redis-0", "exit code 1"));
    assert!(log.contains("no-such-directive"), "{log}");
    let saved = std::fs::read_to_string(logs.path().join("redis-0.log")).expect("saved");
    assert!(saved.contains("no-such-directive"), "{saved}");
}

#[tokio::test]
async fn a_node_that_is_not_ready_in_time_says_what_the_last_check_said() {
    let Some(environment) = require_engine("unready").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (node, _) = start_redis(&environment, logs.path()).await;
    let never = node.wait_until(Duration::from_millis(50), || async { Err::<(), _>("not yet") }).await;
    let error = never.expect_err("never ready");
    assert!(
        matches!(&error, EnvironmentError::NotReady { last, log, .. } if last == "not yet" && log.contains("Ready")),
        "{error}"
    );
}

#[tokio::test]
async fn a_kept_node_stays() {
    let Some(environment) = require_engine("kept").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (node, port) = start_redis(&environment, logs.path()).await;
    environment.keep();
    drop(node);
    drop(environment);
    ping(&mut connect(port).await.expect("still listening")).await.expect("still answering");
    let kept = leftovers().await.expect("listed").into_iter().find(|left| left.run == run_id("kept")).expect("there");
    assert_eq!(kept.owner, OwnerState::Alive);
    // Opened again by the same process with the same run, dropping removes what is left of it.
    drop(Environment::open(EnvironmentKind::Containers, &run_id("kept")).await.expect("open"));
    assert!(nodes_of(&run_id("kept")).await.is_empty());
}

/// Starts a node and waits to be killed: run by the next test, in a process of its own.
#[tokio::test]
#[ignore = "run by `a_killed_owners_node_is_swept_and_a_living_ones_is_not`"]
async fn owner_that_waits_to_be_killed() {
    let Some(folder) = std::env::var_os("HARNESS_TEST_LOGS") else { return };
    let environment = require_engine("killed").await.expect("an engine");
    let _node = start_redis(&environment, folder.as_ref()).await;
    println!("\nstarted {}", run_id("killed"));
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_owners_node_is_swept_and_a_living_ones_is_not() {
    let Some(_environment) = require_engine("sweeper").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let mut owner = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "owner_that_waits_to_be_killed", "--ignored", "--nocapture"])
        .env("HARNESS_TEST_LOGS", logs.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("spawned");
    let lines = BufReader::new(owner.stdout.take().expect("piped")).lines();
    let run = lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("started ")?.to_owned()));
    let run = run.expect("the owner started its node");

    sweep().await.expect("swept");
    assert_eq!(nodes_of(&run).await, ["redis-0"], "a living owner's node was swept");

    owner.kill().expect("killed");
    owner.wait().expect("reaped");
    sweep().await.expect("swept");
    assert!(nodes_of(&run).await.is_empty(), "a dead owner's node was left");
    assert!(logs.path().join("redis-0.log").is_file(), "its log was not saved");
}

#[tokio::test]
async fn kafka_finds_its_files_and_may_write() {
    let Some(environment) = require_engine("kafka").await else { return };
    let logs = tempfile::tempdir().expect("a folder");
    let (broker, controller) =
        (environment.ports().pick().expect("a port"), environment.ports().pick().expect("a port"));
    let properties = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=CLIENT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n\
         listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT\ninter.broker.listener.name=CLIENT\n\
         controller.listener.names=CONTROLLER\nlog.dirs={{dir}}/data\n"
    );
    let java = "java -Xmx512m -cp '/opt/kafka/libs/*'";
    let script = format!(
        "{java} kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c {{dir}}/server.properties \
         && exec {java} kafka.Kafka {{dir}}/server.properties"
    );
    let recipe = NodeRecipe {
        name: "kafka-0".to_owned(),
        image: images::kafka().to_owned(),
        command: vec!["sh".to_owned(), "-c".to_owned(), script],
        files: vec![("server.properties".to_owned(), properties)],
        variables: vec![],
        limits: Default::default(),
        ports: vec![broker, controller],
        needs: vec![],
    };
    let node = environment.start(&recipe, logs.path()).await.expect("started");
    node.wait_until_listening(LIMIT).await.expect("listening");
    node.stop().await.expect("stopped");
    let log = std::fs::read_to_string(logs.path().join("kafka-0.log")).expect("saved");
    assert!(log.contains("Formatting"), "{log}");
}
