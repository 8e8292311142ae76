//! Local nodes, with programs that every machine has.

use super::*;
use crate::environment::labels::RunLabels;
use crate::model::NodeRecipe;
use std::path::Path;
use std::time::Instant;

const LOOKED_AT_EVERY: Duration = Duration::from_millis(5);

/// A shell script as a node.
fn order(run: &str, script: &str, logs: &Path) -> NodeOrder {
    NodeOrder {
        recipe: NodeRecipe {
            name: "shell-0".to_owned(),
            image: "none".to_owned(),
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            files: vec![("settings".to_owned(), "folder={dir}\n".to_owned())],
            variables: vec![("GREETING".to_owned(), "hello".to_owned())],
            ports: vec![],
            limits: Default::default(),
            needs: vec![],
        },
        run: RunLabels::new(run, &Owner::current().expect("readable")),
        logs: logs.to_owned(),
        keeping: Keeping::default(),
    }
}

fn run_id(test: &str) -> String {
    format!("unit-{test}-{}", std::process::id())
}

async fn of_run(host: &Processes, run: &str) -> Vec<(&'static str, String)> {
    let all = host.leftovers().await.expect("listed");
    all.into_iter().filter(|left| left.run == run).map(|left| (left.kind, left.node)).collect()
}

/// A process that is just becoming another program has no environment for a moment, and ends some time after it is killed.
async fn wait_for_count(count: usize, host: &Processes, run: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while of_run(host, run).await.len() != count {
        assert!(Instant::now() < deadline, "not {count}: {:?}", of_run(host, run).await);
        tokio::time::sleep(LOOKED_AT_EVERY).await;
    }
}

async fn wait_for(log: &Path, words: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !std::fs::read_to_string(log).unwrap_or_default().contains(words) {
        assert!(Instant::now() < deadline, "the log never said {words:?}");
        tokio::time::sleep(LOOKED_AT_EVERY).await;
    }
}

#[tokio::test]
async fn a_node_gets_its_files_and_variables_and_leaves_only_its_log() {
    let (logs, run) = (tempfile::tempdir().expect("a folder"), run_id("leaves"));
    let host = Processes::new().expect("a host");
    let script = "cat settings; echo $GREETING; echo ready; exec sleep 1000";
    let node = host.start(order(&run, script, logs.path())).await.expect("started");
    let log = logs.path().join("shell-0.log");
    wait_for(&log, "ready").await;
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains("folder=/") && text.contains("hello"), "{text}");
    assert!(node.pid().is_some() && node.ending().await.expect("asked").is_none());
    assert_eq!(of_run(&host, &run).await, [("process", "shell-0".to_owned()), ("folder", "shell-0".to_owned())]);
    node.remove().await.expect("removed");
    assert_eq!(of_run(&host, &run).await, []);
    assert!(log.is_file());
}

#[tokio::test]
async fn what_a_node_started_itself_ends_with_it_also_when_it_is_dropped() {
    let (logs, run) = (tempfile::tempdir().expect("a folder"), run_id("group"));
    let host = Processes::new().expect("a host");
    let node = host.start(order(&run, "sleep 1000 & wait", logs.path())).await.expect("started");
    // The shell, what it started, and the folder.
    wait_for_count(3, &host, &run).await;
    drop(node);
    wait_for_count(0, &host, &run).await;
}

#[tokio::test]
async fn an_end_is_told_with_its_code_or_its_signal_and_a_node_can_start_again() {
    let (logs, run) = (tempfile::tempdir().expect("a folder"), run_id("ends"));
    let host = Processes::new().expect("a host");
    // The second start finds what the first one left in its folder.
    let script = "[ -e been ] && exec sleep 1000; touch been; echo the disk is full >&2; exit 3";
    let node = host.start(order(&run, script, logs.path())).await.expect("started");
    assert_eq!(node.ended().await, Ending::Exit(3));
    assert_eq!(node.log_tail().await, ["the disk is full"]);
    assert_eq!(node.pid(), None);
    node.restart().await.expect("started again");
    assert!(node.ending().await.expect("asked").is_none());
    node.signal(Signal::TERM).await.expect("signalled");
    assert_eq!(node.ended().await, Ending::Signal(15));
    node.signal(Signal::TERM).await.expect("one that has ended is fine");
    node.remove().await.expect("removed");
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_named_and_leaves_nothing() {
    let (logs, run) = (tempfile::tempdir().expect("a folder"), run_id("missing"));
    let host = Processes::new().expect("a host");
    let mut order = order(&run, "", logs.path());
    order.recipe.command = vec!["no-such-program".to_owned()];
    let error = host.start(order).await.expect_err("missing").to_string();
    assert!(error.contains("no-such-program") && error.contains("shell-0"), "{error}");
    assert_eq!(of_run(&host, &run).await, []);
}

#[tokio::test]
async fn a_leftover_is_removed_by_its_label() {
    let (logs, run) = (tempfile::tempdir().expect("a folder"), run_id("leftover"));
    let host = Processes::new().expect("a host");
    let order = order(&run, "exec sleep 1000", logs.path());
    order.keeping.keep();
    drop(host.start(order).await.expect("started"));
    let left = host.leftovers().await.expect("listed");
    let mine: Vec<_> = left.iter().filter(|left| left.run == run).collect();
    assert_eq!(mine.len(), 2, "{mine:?}");
    for leftover in mine {
        host.remove(leftover).await.expect("removed");
    }
    assert_eq!(of_run(&host, &run).await, []);
}
