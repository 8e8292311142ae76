//! Nodes and workers that are kept to cores: from their start, and also who comes after them.

use crate::binary::{Bench, Finished, check};
use crate::engine::{local_process, process, with_engine, workers};
use crate::faulted::scenario;
use crate::processes::with_programs;
use reports::result::Verdict;

/// The cores on which a process may run, as the kernel lists them: `0-1`.
fn allowed(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.expect("told").trim().to_owned()
}

/// One core for nodes and one for clients: two where this process may use two.
fn two() -> (String, String) {
    let mine = allowed(std::process::id());
    let ends: Vec<&str> = mine.split([',', '-']).collect();
    (ends[0].to_owned(), ends[ends.len() - 1].to_owned())
}

/// Redis is killed and started again, and then a producer and a consumer.
fn kept_to(nodes: &str, clients: &str) -> String {
    let redis = format!("[[systems]]\nname = \"redis\"\nredis-streams = {{ cores = [{nodes}] }}");
    let faults = r#"
[[faults]]
at   = "2s"
for  = "500ms"
node = "any"
kill = {}

[[faults]]
name   = "of-producer"
at     = "6s"
for    = "500ms"
worker = "producer-0"
crash  = {}

[[faults]]
name   = "of-consumer"
at     = "8s"
for    = "500ms"
worker = "consumer-1"
crash  = {}
"#;
    scenario("11s", "1s", &[&redis], faults).replace("[client]\n", &format!("[client]\ncores = [{clients}]\n"))
}

/// Starts the run, looks at all processes before and after the faults, and lets it end.
fn looked_at(
    bench: &Bench,
    environment: &str,
    node: fn(&Bench, &str) -> u32,
    (nodes, clients): (&str, &str),
) -> Finished {
    let mut run = bench.start(&["--environment", environment]);
    let pid = run.pid();
    let look = |when: &str| {
        let node = node(bench, "redis-0");
        let crew = workers(pid).iter().map(|worker| worker.pid()).collect::<Vec<_>>();
        assert_eq!(allowed(node), nodes, "redis-0, {when}");
        assert_eq!(crew.len(), 4, "{when}");
        for &worker in &crew {
            assert_eq!(allowed(worker), clients, "{worker}, {when}");
        }
        (node, crew)
    };
    run.wait_for("driving the load");
    let before = look("before the faults");
    run.wait_for("of-consumer healed at");
    let after = look("after the faults");
    assert_ne!(before.0, after.0, "redis-0 was not started again");
    assert_eq!(before.1.iter().filter(|pid| after.1.contains(pid)).count(), 2, "two workers have followed others");
    // Neither the proxy nor the run itself is kept to anything.
    assert_eq!(allowed(run.pid()), allowed(std::process::id()));
    assert_eq!(allowed(node(bench, "toxiproxy")), allowed(std::process::id()));
    run.finish()
}

/// The rows on cores, as the result has them: what, value, and whether it was read back.
fn rows(run: &Finished) -> Vec<(String, String, bool)> {
    let rows = run.trial().fairness.into_iter().filter(|row| row.topic == "cores");
    rows.map(|row| (row.setting, row.value, row.read_back)).collect()
}

fn are_kept(environment: &str, node: fn(&Bench, &str) -> u32) {
    let (nodes, clients) = two();
    let bench = Bench::new(&kept_to(&nodes, &clients));
    let run = looked_at(&bench, environment, node, (&nodes, &clients));
    let told = vec![("nodes".to_owned(), nodes, true), ("clients".to_owned(), clients, true)];
    assert_eq!(rows(&run), told, "{}", run.said());
    let trial = run.trial();
    assert!(trial.faults.iter().all(|fault| fault.confirmed), "{:#?}", trial.faults);
    assert_eq!(check(&trial, "phantom").verdict, Verdict::Pass, "{}", run.said());
}

#[test]
fn containers_and_workers_stay_on_their_cores_and_so_does_who_follows_them() {
    with_engine("cores of containers", || are_kept("containers", process));
}

#[test]
fn local_processes_and_workers_stay_on_their_cores_and_so_does_who_follows_them() {
    with_programs("cores of local processes", || are_kept("processes", local_process));
}
