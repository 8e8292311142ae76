//! An environment that cannot be had: exit 4, the way out in words, and nothing left behind.

use crate::binary::{Bench, Finished};
use crate::engine::{containers, with_engine};

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
