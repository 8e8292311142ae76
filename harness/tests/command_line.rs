//! The command line as people and CI meet it: streams, exit codes, errors, and the commands that start nothing.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use assert_cmd::assert::OutputAssertExt;
use binary::{Bench, harness, judge, skipped};
use reports::result::RunResult;
use std::process::{Command, Output};

const SCENARIO: &str = r#"
title = "Memory"
tags  = ["tiny", "memory"]

[workload]
rate       = { constant = { per-second = 200 } }
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "0s"
load   = "500ms"
drain  = "2s"

[[systems]]
name   = "one"
memory = {}

[[systems]]
name   = "other"
memory = {}
"#;

fn call(arguments: &[&str]) -> Output {
    harness().args(arguments).output().expect("run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// It is refused before anything was started, with words on stderr.
fn is_refused(arguments: &[&str], because: &str) {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(arguments);
    assert_eq!(finished.code(), 2, "{arguments:?}: {}", finished.said());
    assert!(finished.stderr().contains(because), "{arguments:?}: {}", finished.said());
    assert!(finished.stdout().is_empty(), "{arguments:?}: {}", finished.said());
    assert!(!finished.folder.exists(), "{arguments:?}");
}

#[test]
fn a_tag_chooses_scenarios_and_one_that_nobody_has_is_refused_with_those_there_are() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&["--tag", "other", "--tag", "tiny"]);
    assert!(finished.stdout().starts_with("PASS  Memory"), "{}", finished.said());
    is_refused(&["--tag", "qiuck"], "they have: `memory`, `tiny`");
}

#[test]
fn results_go_to_stdout_and_progress_to_stderr() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&[]);
    let (stdout, stderr) = (finished.stdout(), finished.stderr());
    assert!(stdout.starts_with("PASS  Memory"), "{}", finished.said());
    assert!(stdout.contains("report.html") && !stdout.contains("driving the load"), "{}", finished.said());
    for line in ["one: trial 1 of 2", "one: driving the load", "other: trial 2 of 2", "other: draining"] {
        assert!(stderr.contains(line), "{line:?} is missing: {}", finished.said());
    }
    assert!(!stderr.contains("PASS"), "{}", finished.said());
}

#[test]
fn quiet_leaves_stderr_empty_and_stdout_as_it_is() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&["--quiet"]);
    assert!(finished.stderr().is_empty(), "{}", finished.said());
    assert!(finished.stdout().starts_with("PASS  Memory"), "{}", finished.said());
}

/// It is an answer that is needed, whatever else is not wanted.
#[test]
fn what_is_kept_is_told_with_quiet_too() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&["--system", "one", "--quiet", "--keep"]);
    let expected = "one: nothing of it is known to be left running; `harness clean` removes whatever is\n";
    assert_eq!(finished.stderr(), expected, "{}", finished.said());
}

#[test]
fn json_is_the_result_and_nothing_else() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&["--json"]);
    let printed: RunResult = serde_json::from_str(&finished.stdout()).expect("a result and nothing else");
    assert_eq!(printed, finished.result());
    assert_eq!(printed.trials.len(), 2);
    assert!(finished.stderr().contains("driving the load"), "{}", finished.said());
}

#[test]
fn a_folder_that_holds_something_is_never_written_over() {
    let bench = Bench::new(SCENARIO);
    std::fs::create_dir(bench.path("run")).expect("created");
    std::fs::write(bench.path("run").join("precious"), "mine").expect("written");
    let finished = bench.run(&[]);
    assert_eq!(finished.code(), 2, "{}", finished.said());
    assert!(finished.stderr().contains("holds something already"), "{}", finished.said());
    let left: Vec<_> = std::fs::read_dir(bench.path("run")).expect("listed").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_file_is_no_folder_for_a_run_and_no_run_is_begun() {
    let bench = Bench::new(SCENARIO);
    std::fs::write(bench.path("run"), "mine").expect("written");
    for out in ["run", "run/below"] {
        let out = bench.path(out).display().to_string();
        let refused = call(&["run", &bench.scenario().display().to_string(), "--out", &out]);
        assert_eq!(refused.status.code(), Some(2), "{out}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("is a file"), "{out}: {}", text(&refused.stderr));
    }
    assert_eq!(std::fs::read_to_string(bench.path("run")).expect("read"), "mine");
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    for arguments in [&["list"][..], &["--help"], &["man"], &["completions", "bash"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("opened");
        let answer = harness().args(arguments).stdout(full).output().expect("run");
        assert_eq!(answer.status.code(), Some(4), "{arguments:?}");
        assert!(text(&answer.stderr).contains("cannot be written to stdout"), "{}", text(&answer.stderr));
    }
}

#[test]
fn an_empty_folder_is_taken() {
    let bench = Bench::new(SCENARIO);
    std::fs::create_dir(bench.path("run")).expect("created");
    assert_eq!(bench.run(&["--system", "one"]).code(), 0);
}

#[test]
fn a_system_is_chosen_by_its_name() {
    let bench = Bench::new(SCENARIO);
    let finished = bench.run(&["--system", "other"]);
    assert_eq!(finished.code(), 0, "{}", finished.said());
    assert_eq!(finished.trial().system, "other");
}

#[test]
fn a_key_is_set_from_the_command_line() {
    let bench = Bench::new(SCENARIO);
    let arguments =
        ["--system", "one", "--set", "workload.producers=3", "--set", "workload.rate.constant.per-second=100"];
    let finished = bench.run(&arguments);
    assert_eq!(finished.code(), 0, "{}", finished.said());
    let (workload, counts) = (finished.result().scenario.workload, finished.trial().counts);
    assert_eq!((workload.producers, counts.acknowledged), (3, 50));
}

#[test]
fn a_secret_in_a_setting_that_is_refused_is_not_printed() {
    let system = "name = \"kafka\"\nkafka = { settings = { \"sasl.pasword\" = \"${TEST_PASSWORD}\" } }";
    let bench = Bench::new(&SCENARIO.replace("name   = \"one\"\nmemory = {}", system));
    let output =
        harness().arg("plan").arg(bench.scenario()).env("TEST_PASSWORD", "hunter2hunter2").output().expect("run");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("sasl.pasword") && !said.contains("hunter2"), "{said}");
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_starts() {
    is_refused(&["--system", "onee"], "onee");
    is_refused(&["--set", "workload.producers=0"], "workload.producers");
    is_refused(&["--set", "workload.consumer=1"], "consumer");
    is_refused(&["--set", "nonsense"], "nonsense");
    is_refused(&["--profile", "night"], "night");
    is_refused(&["--repeats", "0"], "repeats");
    is_refused(&["--no-such-option"], "--no-such-option");
    is_refused(&["--environment", "moon"], "moon");
}

/// Nobody listens there, so that it comes no further than to ask.
#[test]
fn a_broker_that_somebody_else_runs_needs_no_environment_where_no_proxy_leads_to_it() {
    let (load, _) = SCENARIO.split_once("[[systems]]").expect("systems");
    let system = r#"path = "direct"
external = { address = "127.0.0.1:1" }
redis-streams = {}
"#;
    let finished = Bench::new(&format!("{load}[[systems]]\nname = \"theirs\"\n{system}")).run(&[]);
    assert_eq!(finished.code(), 4, "{}", finished.said());
    assert!(finished.stderr().contains("which somebody else runs, does not answer"), "{}", finished.said());
}

#[test]
fn a_scenario_that_is_not_there_is_refused() {
    for command in ["run", "plan"] {
        let output = call(&[command, "no/such/scenario.toml"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains("no/such/scenario.toml") && output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn a_folder_of_scenarios_is_run_in_the_order_of_their_names_and_all_are_read_first() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["b", "a"] {
        std::fs::write(folder.path().join(format!("{name}.toml")), SCENARIO).expect("written");
    }
    let out = folder.path().join("runs");
    let command = |out: &std::path::Path| {
        let mut command = harness();
        command.arg("run").arg(folder.path()).args(["--system", "one", "--out"]).arg(out);
        command.output().expect("run")
    };
    let output = command(&out);
    assert!(output.status.success(), "{output:?}");
    let stdout = text(&output.stdout);
    let place = |run: &str| stdout.find(&format!("{run}/report.html")).unwrap_or_else(|| panic!("no {run}: {stdout}"));
    assert!(place("runs/a") < place("runs/b"));
    std::fs::write(folder.path().join("c.toml"), "title = 1").expect("written");
    let refused = folder.path().join("refused");
    assert_eq!(command(&refused).status.code(), Some(2));
    assert!(!refused.exists());
}

#[test]
fn a_run_of_several_scenarios_leaves_a_page_that_leads_to_each_and_tells_what_its_baseline_says() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["a b", "c"] {
        std::fs::write(folder.path().join(format!("{name}.toml")), SCENARIO).expect("written");
    }
    let run = |out: &str, more: &[&str]| {
        let mut command = harness();
        command
            .arg("run")
            .arg(folder.path())
            .args(["--system", "one", "--out"])
            .arg(folder.path().join(out))
            .args(more);
        let output = command.output().expect("run");
        let page = std::fs::read_to_string(folder.path().join(out).join("index.html")).expect("a page");
        (output, page)
    };
    let (output, page) = run("first", &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).contains("all scenarios: ") && page.contains("2 scenarios: 2 passed"));
    assert!(page.contains("href=\"a%20b/report.html\"") && page.contains("href=\"c/report.html\""), "{page}");
    assert!(folder.path().join("first/a b/report.html").is_file() && !page.contains("Compared with"));

    let base = folder.path().join("first").display().to_string();
    let losing = ["--baseline", &base, "--set", "systems.one.memory.lose-every=2", "--json"];
    let (output, page) = run("second", &losing);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(page.contains("2 failed") && page.contains("href=\"c/compare/compare.html\""), "{page}");
    assert!(!text(&output.stdout).contains("all scenarios"), "JSON is the result and nothing else");
}

#[test]
fn nothing_at_all_shows_the_usage_and_fails() {
    let output = call(&[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("Usage: harness"), "{output:?}");
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let output = call(&["--help"]);
    let help = text(&output.stdout);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    for command in ["run", "plan", "judge", "report", "compare", "list", "doctor", "clean", "completions", "man"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command} is missing: {help}");
        call(&[command, "--help"]).assert().success();
    }
    assert!(help.contains("130 interrupted"), "{help}");
    assert!(!help.contains("worker"), "{help}");
}

#[test]
fn list_shows_scenarios_systems_faults_and_checks() {
    let bench = Bench::new(&format!("# Is this line shown?\n{SCENARIO}"));
    let folder = bench.scenario().parent().expect("a folder").display().to_string();
    let output = call(&["list", &folder]);
    let list = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let words = ["Is this line shown?", bench.name(), "redis-streams", "kafka", "memory", "down", "reset-peer", "lost"];
    for word in words {
        assert!(list.contains(word), "{word:?} is missing: {list}");
    }
}

#[test]
fn plan_starts_nothing_and_shows_what_would_be_done() {
    let bench = Bench::new(SCENARIO);
    let file = bench.scenario().display().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(["plan", &file, "--set", "repeats=2"])
        .env("DOCKER_HOST", "unix:///nonexistent")
        .current_dir(bench.path("."))
        .output()
        .expect("run");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let plan = text(&output.stdout);
    assert!(plan.contains("one") && plan.contains("other"), "{plan}");
    assert!(!bench.path("runs").exists());
}

#[test]
fn completions_and_manual_are_printed() {
    let completions = call(&["completions", "bash"]);
    assert!(text(&completions.stdout).contains("complete -F _harness"), "{completions:?}");
    // What was printed is a script that a shell takes.
    Command::new("bash").args(["-n", "-c", &text(&completions.stdout)]).assert().success();
    let manual = call(&["man"]);
    assert!(text(&manual.stdout).contains(".TH harness"), "{manual:?}");
    call(&["completions", "nosuchshell"]).assert().code(2);
}

/// The schedule goes on for longer than a log waits for its next line.
#[test]
fn a_log_has_the_percentile_and_the_clients_that_are_connected_on_one_line() {
    let bench = Bench::new(&SCENARIO.replace("load   = \"500ms\"", "load   = \"14s\""));
    let finished = bench.run(&["--system", "one"]);
    let stderr = finished.stderr();
    let line = stderr.lines().find(|line| line.starts_with("one: load ")).unwrap_or_else(|| panic!("{stderr}"));
    let after = |words: &str| line.split_once(words).map_or("", |(_, rest)| rest);
    assert!(after(", p99 ").starts_with(|first: char| first.is_ascii_digit()), "{line}");
    assert!(after(" acknowledged/s, ").contains(" unsuccessful, "), "{line}");
    assert!(line.ends_with("2 of 2 clients connected"), "{line}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
}

/// On a terminal of its own, which the program `script` makes.
fn on_a_terminal(command: &str, no_color: &str) -> Option<String> {
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", command, "/dev/null"])
        .env("NO_COLOR", no_color)
        .env("TERM", "xterm-256color")
        .stdin(std::process::Stdio::null())
        .output();
    match output {
        Ok(output) => Some(text(&output.stdout)),
        Err(error) => {
            skipped("colours", &format!("no terminal can be had without the program `script`: {error}"));
            None
        }
    }
}

#[test]
fn colours_are_for_terminals_and_not_for_those_who_do_not_want_them() {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--system", "one"]);
    let plain = judge(&run.folder);
    assert!(!plain.stdout().contains('\u{1b}'), "{}", plain.said());
    let command = format!("{} judge {}", env!("CARGO_BIN_EXE_harness"), run.folder.display());
    let Some(coloured) = on_a_terminal(&command, "") else { return };
    assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    let uncoloured = on_a_terminal(&command, "1").expect("as before");
    assert!(uncoloured.contains("PASS") && !uncoloured.contains('\u{1b}'), "{uncoloured:?}");
}

/// A live line is filled up to the last column, and the next one begins there.
#[test]
fn a_terminal_is_told_of_the_load_in_lines_that_fit_it() {
    const COLUMNS: usize = 52;
    let bench = Bench::new(&SCENARIO.replace("load   = \"500ms\"", "load   = \"2s\""));
    let run = format!(
        "stty rows 30 cols {COLUMNS}; {} run {} --system one --out {} >/dev/null",
        env!("CARGO_BIN_EXE_harness"),
        bench.scenario().display(),
        bench.path("run").display()
    );
    let Some(terminal) = on_a_terminal(&run, "1") else { return };
    let told: Vec<Vec<String>> = terminal
        .split(['\u{1b}', '\r', '\n'])
        .filter_map(|piece| piece.find("one: load ━").map(|at| piece[at..].chars().collect::<Vec<char>>()))
        // Before it stand the spinner and a space.
        .map(|line| [&[' '; 2][..], &line].concat().chunks(COLUMNS).map(|row| row.iter().collect()).collect())
        .collect();
    assert!(!told.is_empty(), "{terminal:?}");
    for rows in told {
        let [load, clients, passing, counts] = &rows[..] else { panic!("{rows:#?}") };
        assert!(load.contains("s left") && clients.starts_with("  2 of 2 clients connected "), "{rows:#?}");
        assert!(passing.starts_with("  ") && passing.contains("p99 "), "{rows:#?}");
        assert!(counts.starts_with("  ") && counts.contains(" acknowledged, 0 unsuc"), "{rows:#?}");
    }
}

/// Every command that answers on stdout, with a pipe there that nobody reads.
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--system", "one"]);
    let folder = run.folder.display().to_string();
    let scenario = bench.scenario().display().to_string();
    let answers: [&[&str]; 9] = [
        &["judge", &folder],
        &["judge", "--json", &folder],
        &["report", &folder],
        &["plan", &scenario],
        &["list"],
        &["completions", "bash"],
        &["man"],
        &["help"],
        &["--version"],
    ];
    for arguments in answers {
        let (reader, writer) = std::io::pipe().expect("pipe");
        drop(reader);
        let output = harness().args(arguments).stdout(writer).output().expect("run");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
    }
}

/// With Sentinels all nodes know each other by one address, so that what a replica opens cannot be cut alone.
#[test]
fn an_isolation_that_cannot_be_is_refused_before_anything_is_started() {
    let isolate = |system: &str, node: &str| {
        let systems = format!("[[systems]]\nname = \"redis\"\nredis-streams = {system}\n");
        let fault = format!("[[faults]]\nat = \"100ms\"\nfor = \"200ms\"\nisolate = {{}}\n{node}");
        let text = format!("{}\n{systems}\n{fault}", SCENARIO.split("[[systems]]").next().unwrap_or_default());
        let bench = Bench::new(&text);
        let planned = call(&["plan", &bench.scenario().display().to_string()]);
        (planned.status.code(), text_of_errors(&planned))
    };
    let (code, said) = isolate("{}", "");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("it has only one") && said.contains("give it more nodes"), "{said}");
    for node in ["node = \"redis-1\"", "node = \"sentinel-0\"", "node = \"any\""] {
        let (code, said) = isolate("{ replicas = 2, sentinels = 3 }", node);
        assert_eq!(code, Some(2), "{node}: {said}");
        assert!(said.contains("only the primary can be isolated"), "{node}: {said}");
    }
    for (system, node) in [
        ("{ replicas = 2, sentinels = 3 }", ""),
        ("{ replicas = 2, sentinels = 3 }", "node = \"redis-0\""),
        ("{ replicas = 2 }", "node = \"redis-1\""),
        ("{ replicas = 2 }", "node = \"any\""),
    ] {
        let (code, said) = isolate(system, node);
        assert_eq!(code, Some(0), "{system} {node}: {said}");
    }
}

/// Its words without the frame and the line breaks of the report.
fn text_of_errors(output: &Output) -> String {
    let words = text(&output.stderr);
    words.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}
