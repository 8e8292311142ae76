//! An environment that cannot be had: exit 4, the way out in words, and nothing left behind.

use crate::binary::{Bench, Finished, check};
use crate::engine::{containers, limits, with_engine};
use crate::faulted;
use reports::result::Verdict;

fn scenario(image: &str) -> String {
    format!(
        r#"
title = "Nowhere to run"

[workload]
rate       = {{ constant = {{ per-second = 100 }} }}
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "0s"
load   = "1s"
drain  = "1s"

[[systems]]
name = "redis"
redis-streams = {{{image}}}
"#
    )
}

#[test]
fn without_an_engine_it_says_where_it_looked_and_what_to_do() {
    let bench = Bench::new(&scenario(""));
    let output = bench
        .command(&["--environment", "containers"])
        .env("DOCKER_HOST", "unix:///nonexistent")
        .output()
        .expect("run");
    let run = Finished { folder: bench.path("run"), output };
    assert_eq!(run.code(), 4, "{}", run.said());
    for words in ["no container engine answers", "unix:///nonexistent", "make setup", "DOCKER_HOST", "harness doctor"] {
        assert!(run.stderr().contains(words), "{words:?} is missing: {}", run.said());
    }
    assert!(run.stdout().is_empty(), "{}", run.said());
    // The next attempt may take the same folder.
    assert!(!run.folder.exists());
}

#[test]
fn an_image_that_was_never_built_is_named_with_the_way_to_build_it() {
    with_engine("missing image", || {
        let bench = Bench::new(&scenario(r#" image = "harness/redis:none" "#));
        let run = bench.run(&[]);
        assert_eq!(run.code(), 4, "{}", run.said());
        for words in ["harness/redis:none", "redis-0", "make setup"] {
            assert!(run.stderr().contains(words), "{words:?} is missing: {}", run.said());
        }
        assert!(!run.stdout().contains("PASS"), "{}", run.said());
        assert_eq!(containers(&bench), []);
    });
}

#[test]
fn a_node_has_the_limits_of_its_system_and_no_other_node_has() {
    with_engine("limits of nodes", || {
        let limited = "redis-streams = { cpus = 0.5, memory = \"96MiB\" }";
        let small = faulted::scenario("3s", "1s", &[&format!("[[systems]]\nname = \"small\"\n{limited}")], "");
        let bench = Bench::new(&small);
        let mut run = bench.start(&[]);
        run.wait_for("driving the load");
        let found: Vec<_> = containers(&bench).into_iter().map(|(node, id)| (node, limits(&id))).collect();
        let run = run.finish();
        let of = |node: &str| found.iter().find(|(name, _)| name == node).map(|(_, limits)| *limits);
        assert_eq!(of("redis-0"), Some((500_000_000, 96 << 20)), "{}", run.said());
        assert_eq!(of("toxiproxy"), Some((0, 0)), "{}", run.said());
        assert_eq!(check(&run.trial(), "lost").verdict, Verdict::Pass, "{}", run.said());
        let processes = Bench::new(&small).command(&["--environment", "processes"]).output().expect("run");
        let said = String::from_utf8_lossy(&processes.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("a local process has none") && said.contains("leave `memory` out"), "{said}");
    });
}
