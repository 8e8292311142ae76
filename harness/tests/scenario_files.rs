//! Good scenarios: what they become, what overrides them, where each value comes from, and that the project's own are valid.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod brokers;

use brokers::REGISTRY;
use harness::cli::{list, plan as dry_run};
use harness::fault::FAULTS;
use harness::model::{AckMode, Direction, Durability, Link, OptionValue, Rate};
use harness::plan::Plan;
use harness::scenario::{Advice, Cells, Loaded, Origin, Overrides, load, load_cells, load_text, load_text_cells};
use reports::facts::{LatencyKind, Path as Reach, RateKind};
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const WHOLE: &str = include_str!("whole.toml");

const SMALL: &str = r#"
[workload]
rate = { constant = { per-second = 1000 } }
producers = 2

[[systems]]
name = "redis"
redis-streams = {}

[profile.ci.workload]
producers = 3

[profile.poisson.workload]
rate = { poisson = { per-second = 500 } }
"#;

fn read(text: &str, overrides: &Overrides) -> Loaded {
    load_text("folder/small.toml", text, overrides, REGISTRY).unwrap_or_else(|errors| {
        panic!("{errors}: {:?}", errors.problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    })
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn set(assignments: &[&str]) -> Overrides {
    Overrides { set: assignments.iter().map(|text| (*text).to_owned()).collect(), ..Overrides::default() }
}

fn own_scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut paths: Vec<PathBuf> = list::scenarios(&folder).into_iter().map(|listed| listed.path.into()).collect();
    paths.sort();
    paths
}

#[test]
fn a_whole_scenario_is_read_as_written() {
    let scenario = read(WHOLE, &Overrides::default()).scenario;
    assert_eq!((scenario.title.as_str(), scenario.repeats, scenario.seed), ("Everything", 2, 7));
    let workload = &scenario.workload;
    assert_eq!(workload.rate, Rate::Ramp { from: 100.0, to: 900.5 });
    assert_eq!((workload.message_bytes, workload.compressibility), (512, 0.5));
    assert_eq!((workload.producers, workload.consumers, workload.partitions), (2, 3, 4));
    assert_eq!((workload.in_flight, workload.ack), (64, AckMode::BeforeProcessing));
    assert_eq!(workload.processing, Duration::from_millis(2));
    assert_eq!(scenario.phases.load, Duration::from_secs(90));
    assert_eq!(scenario.client.backoff.max, Duration::from_secs(16));
    let kafka = &scenario.systems[1];
    assert_eq!(
        (kafka.spec.durability, kafka.spec.path, kafka.spec.brokers),
        (Durability::Replicated, Reach::Proxied, 3)
    );
    assert_eq!(kafka.spec.image.as_deref(), Some("apache/kafka:4.3.1"));
    assert_eq!(kafka.spec.options["linger"], OptionValue::Duration(Duration::ZERO));
    assert_eq!(kafka.spec.options["compression"], OptionValue::Choice("zstd"));
    assert_eq!(kafka.spec.options["idempotence"], OptionValue::Boolean(false), "defaults are filled in");
    assert_eq!(kafka.spec.settings["linger.ms"], "5");
    let cut = &scenario.faults[0];
    assert_eq!((cut.name.as_str(), cut.target.link(), cut.fault.name()), ("cut", Some(Link::Peer), "down"));
    assert_eq!(cut.systems, ["kafka"]);
    let slow = &scenario.faults[1];
    assert_eq!((slow.name.as_str(), slow.target.direction()), ("latency-1", Direction::Both));
    assert_eq!(scenario.expect.reconnected, Some(Nanos::from_secs(20)));
    assert_eq!(scenario.expect.latency[1].statistic, "p99.9");
    assert_eq!(scenario.expect.latency[1].kind, LatencyKind::EndToEnd);
    assert_eq!(scenario.expect.throughput[0].kind, RateKind::Acknowledged);
}

#[test]
fn faults_are_in_order_of_their_injection_whatever_the_files_order() {
    let scenario = read(WHOLE, &Overrides::default()).scenario;
    assert!(scenario.faults.is_sorted_by_key(|fault| fault.at));
    assert_eq!(scenario.faults.len(), 4);
}

#[test]
fn defaults_are_those_of_the_reference() {
    let scenario = read(SMALL, &Overrides::default()).scenario;
    assert_eq!((scenario.title.as_str(), scenario.repeats, scenario.seed), ("small", 1, 1));
    assert_eq!((scenario.workload.message_bytes, scenario.workload.in_flight), (1024, 1024));
    assert_eq!(scenario.workload.ack, AckMode::AfterProcessing);
    assert_eq!(scenario.client.connect_timeout, Duration::from_secs(1));
    assert_eq!(scenario.client.request_timeout, Duration::from_secs(5));
    assert_eq!(scenario.client.heartbeat.misses, 3);
    assert_eq!(scenario.client.backoff.first, Duration::from_millis(100));
    assert_eq!(scenario.expect.generator_lag, Nanos::from_millis(10));
    assert_eq!((scenario.expect.lost, scenario.expect.redelivered), (0, None));
    assert_eq!(scenario.systems[0].spec.durability, Durability::OsCache);
}

#[test]
fn a_profile_wins_over_the_file_a_variable_over_the_profile_and_set_over_all() {
    let producers = |overrides: &Overrides| read(SMALL, overrides).scenario.workload.producers;
    let mut overrides = Overrides::default();
    assert_eq!(producers(&overrides), 2);
    overrides.profile = Some("ci".to_owned());
    assert_eq!(producers(&overrides), 3);
    overrides.variables = variables(&[("HARNESS_WORKLOAD__PRODUCERS", "4")]);
    assert_eq!(producers(&overrides), 4);
    overrides.set = vec!["workload.producers=5".to_owned(), "workload.producers=6".to_owned()];
    assert_eq!(producers(&overrides), 6, "and the last --set over the ones before");
}

#[test]
fn another_kind_of_rate_replaces_the_one_below() {
    let poisson = Overrides { profile: Some("poisson".to_owned()), ..Overrides::default() };
    assert_eq!(read(SMALL, &poisson).scenario.workload.rate, Rate::Poisson { per_second: 500.0 });
    let ramp = set(&["workload.rate.ramp.from=1", "workload.rate.ramp.to=2"]);
    assert_eq!(read(SMALL, &ramp).scenario.workload.rate, Rate::Ramp { from: 1.0, to: 2.0 });
    let faster = set(&["workload.rate.constant.per-second=9"]);
    assert_eq!(read(SMALL, &faster).scenario.workload.rate, Rate::Constant { per_second: 9.0 });
}

#[test]
fn systems_are_reached_by_name_or_place_from_outside() {
    for assignment in ["systems.redis.redis-streams.durability=fsync", "systems.0.redis-streams.durability=\"fsync\""] {
        assert_eq!(read(SMALL, &set(&[assignment])).scenario.systems[0].spec.durability, Durability::Fsync);
    }
    let overrides = Overrides {
        variables: variables(&[("HARNESS_SYSTEMS__REDIS__REDIS_STREAMS__READ_COUNT", "7")]),
        ..Overrides::default()
    };
    assert_eq!(read(SMALL, &overrides).scenario.systems[0].spec.options["read-count"], OptionValue::Integer(7));
    let dotted = set(&["systems.redis.redis-streams.settings.\"a.b\"=1"]);
    assert_eq!(read(SMALL, &dotted).scenario.systems[0].spec.settings["a.b"], "1");
}

#[test]
fn the_harness_own_variables_are_no_keys() {
    let overrides = Overrides {
        variables: variables(&[("HARNESS_REQUIRE_REAL", "1"), ("HARNESS_REPEATS", "3"), ("HOME", "/")]),
        ..Overrides::default()
    };
    assert_eq!(read(SMALL, &overrides).scenario.repeats, 3);
}

#[test]
fn every_value_knows_where_it_came_from() {
    let overrides = Overrides {
        profile: Some("ci".to_owned()),
        variables: variables(&[("HARNESS_PHASES__LOAD", "20s")]),
        ..set(&["phases.drain=9s"])
    };
    let loaded = read(SMALL, &overrides);
    let origin = |key: &str| loaded.origins.iter().find(|origin| origin.key == key).unwrap();
    assert_eq!(origin("workload.rate.constant.per-second").origin.to_string(), "folder/small.toml:3");
    assert_eq!(origin("workload.producers").origin.to_string(), "folder/small.toml:11 [profile.ci]");
    assert_eq!(origin("phases.load").origin.to_string(), "HARNESS_PHASES__LOAD");
    assert_eq!(origin("phases.drain").origin.to_string(), "--set phases.drain");
    assert_eq!((&origin("phases.warmup").origin, origin("phases.warmup").value.as_str()), (&Origin::Default, "\"3s\""));
}

#[test]
fn every_origin_can_be_set_by_its_key() {
    let loaded = read(WHOLE, &Overrides::default());
    for key in loaded.origins.iter().filter(|key| key.origin != Origin::Default) {
        let assignment = format!("{}={}", key.key, key.value);
        read(WHOLE, &set(&[assignment.as_str()]));
    }
}

#[test]
fn secrets_come_from_the_environment_and_are_not_shown() {
    let text =
        SMALL.replace("redis-streams = {}", "redis-streams = { settings = { password = \"${REDIS_PASSWORD}\" } }");
    let overrides = Overrides { variables: variables(&[("REDIS_PASSWORD", "correct horse")]), ..Overrides::default() };
    let loaded = read(&text, &overrides);
    assert_eq!(loaded.scenario.systems[0].spec.settings["password"], "correct horse");
    let shown = dry_run::render(&loaded, &Plan::of(&loaded.scenario), dry_run::Origins::Shown, "2026-06-15T12:00:00Z");
    assert!(!shown.contains("correct horse"), "{shown}");
    assert!(shown.contains("${REDIS_PASSWORD}"));
}

#[test]
fn only_the_chosen_systems_remain_with_their_faults() {
    let overrides = Overrides { systems: vec!["redis".to_owned()], ..Overrides::default() };
    let scenario = read(WHOLE, &overrides).scenario;
    assert_eq!(scenario.systems.len(), 1);
    assert!(scenario.faults.iter().all(|fault| fault.name != "cut"), "it is for kafka only");
}

#[test]
fn a_reconnect_limit_that_the_policy_cannot_meet_is_warned_of() {
    let advice = |limit: &str| -> Vec<Advice> {
        let text = include_str!("../../scenarios/failover.toml").replace("\"6s\"", limit);
        read(&text, &Overrides::default()).warnings.into_iter().map(|warning| warning.advice).collect()
    };
    assert_eq!(advice("\"6s\""), []);
    assert!(matches!(advice("\"4s\"")[..], [Advice::ReconnectUncertain { .. }]), "kafka needs up to 5.6 s");
    let impossible = advice("\"200ms\"");
    assert!(impossible.iter().all(|advice| matches!(advice, Advice::ReconnectImpossible { .. })));
    assert_eq!(impossible.len(), 2);
}

#[test]
fn doubtful_expectations_are_warned_of() {
    let kinds = |assignments: &[&str]| -> Vec<Advice> {
        read(SMALL, &set(assignments)).warnings.into_iter().map(|warning| warning.advice).collect()
    };
    assert_eq!(kinds(&[]), []);
    assert_eq!(kinds(&["expect.reconnected=1s"]), [Advice::NothingCut]);
    assert_eq!(kinds(&["expect.recovered=1s"]), [Advice::NothingToRecoverFrom { limit: "recovered" }]);
    assert!(matches!(
        kinds(&["expect.soak.client-memory=5MiB"])[..],
        [Advice::TooShortToSoak { key: "client-memory", .. }]
    ));
    assert!(kinds(&["expect.soak.client-memory=5GiB"]).is_empty());
    assert!(matches!(kinds(&["expect.throughput.sent=1001"])[..], [Advice::MoreThanOffered { kind: "sent", .. }]));
    let unlimited = "workload.rate={ unlimited = {} }";
    assert_eq!(kinds(&[unlimited]), []);
    assert_eq!(kinds(&[unlimited, "phases.settle=1s"]), [Advice::NoSchedule { key: "phases.settle" }]);
    assert_eq!(kinds(&[unlimited, "phases.ramp-up=true"]), [Advice::NoSchedule { key: "phases.ramp-up" }]);
    assert_eq!(kinds(&["phases.settle=1s", "phases.ramp-up=true"]), []);
    assert_eq!(kinds(&["workload.consumers=2"]), [], "they share every stream");
    let of_kafka = SMALL.replace("redis-streams", "kafka");
    let warnings = read(&of_kafka, &set(&["workload.consumers=2"])).warnings;
    let kinds_of_kafka: Vec<Advice> = warnings.into_iter().map(|warning| warning.advice).collect();
    assert_eq!(kinds_of_kafka, [Advice::IdleConsumers { consumers: 2, partitions: 1 }]);
    assert_eq!(kinds(&["workload.ack=never"]), [Advice::NeverAcknowledged]);
    assert_eq!(kinds(&["workload.ack=never", "expect.unrecovered={ at-least = 1 }"]), [], "it is expected");
    let join = |stays: &str| {
        let join =
            format!("faults=[{{ at = \"5s\", for = \"4s\", worker = \"consumer-0\", join = {{ stays = {stays} }} }}]");
        kinds(&["workload.consumers=0", &join])
    };
    assert_eq!(join("false"), [Advice::NobodyToDrain { system: "redis".to_owned() }]);
    assert_eq!(join("true"), []);
    let late = set(&[
        "expect.recovered=5s",
        "phases.load=12s",
        "faults=[{ at = \"5s\", for = \"4s\", latency = { delay = \"9ms\" } }]",
    ]);
    let warnings = read(SMALL, &late).warnings;
    assert!(matches!(warnings[0].advice, Advice::NoTimeToRecover { .. }));
    assert!(warnings[0].remedy().contains("phases.load"));
}

/// With real brokers, because it is for their clients to say what they take into their hands.
#[test]
fn what_will_bite_is_warned_of() {
    let advice = |assignments: &[&str]| -> Vec<Advice> {
        let text = include_str!("../../scenarios/failover.toml");
        let loaded = load_text("failover.toml", text, &set(assignments), &harness::broker::REGISTRY).expect("valid");
        loaded.warnings.into_iter().map(|warning| warning.advice).collect()
    };
    assert_eq!(advice(&[]), []);
    let slow = advice(&["workload.processing=700ms"]);
    assert!(
        matches!(&slow[..], [Advice::KeptTooLong { messages: 1024, .. }, Advice::KeptTooLong { messages: 500, .. }]),
        "{slow:?}"
    );
    assert_eq!(advice(&["workload.processing=1ms"]), []);
    // 5 of 30 seconds are cut: a sixth of all, less what falls due in the last second of the cut.
    let late = advice(&["expect.latency.response-p90=1s"]);
    assert!(
        matches!(&late[..], [Advice::LatencyImpossible { late, .. }] if (late - 4.0 / 30.0).abs() < 1e-6),
        "{late:?}"
    );
    assert_eq!(advice(&["expect.latency.response-p50=1s"]), [], "half of the messages may be late");
    assert_eq!(advice(&["expect.latency.service-p99=1s"]), [], "what waits for a connection is not under way");
    let two = |second: &str| {
        let faults = format!(
            "faults=[{{ at = \"5s\", for = \"2s\", down = {{}} }}, {{ at = \"{second}\", for = \"2s\", down = {{}} }}]"
        );
        let all = advice(&[&faults, "expect.reconnected=60s"]);
        all.into_iter().filter(|advice| matches!(advice, Advice::RecoveryHidden { .. })).count()
    };
    assert_eq!((two("11s"), two("12s")), (1, 0), "5 s must be left");
}

#[test]
fn the_projects_own_scenarios_are_valid_ask_a_question_and_can_be_met() {
    let paths = own_scenarios();
    assert!(paths.len() >= 4);
    let loaded_from = |path: &PathBuf| {
        let cells = load_cells(path, &Overrides::default(), &harness::broker::REGISTRY);
        cells.unwrap_or_else(|errors| panic!("{errors:?}")).scenarios
    };
    let all =
        paths.into_iter().flat_map(|path| loaded_from(&path).into_iter().map(move |loaded| (path.clone(), loaded)));
    for (path, loaded) in all {
        let question = harness::scenario::question(&loaded.scenario.source);
        assert!(question.ends_with('?'), "{} asks nothing", path.display());
        // What people ship by mistake is warned of; that is the point of it.
        let is_mistake = path.parent().is_some_and(|folder| folder.ends_with("mistakes"));
        assert!(is_mistake || loaded.warnings.is_empty(), "{}: {:?}", path.display(), loaded.warnings);
        // What creeps takes its time; such a scenario says so, and can be left out by its tag.
        let is_soak = loaded.scenario.tags.iter().any(|tag| tag == "soak");
        assert!(is_soak || loaded.scenario.phases.load <= Duration::from_secs(60), "{}", path.display());
    }
}

/// Each begins with its question, as a reader is told to begin.
#[test]
fn the_scenarios_that_documents_show_are_valid_and_ask_a_question() {
    for document in [
        "README.md",
        "docs/scenario.md",
        "docs/matrix.md",
        "docs/guides/first-scenario.md",
        "docs/guides/add-a-client.md",
    ] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document)).unwrap();
        let shown = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        let whole: Vec<&str> = shown.filter(|text| text.contains("[workload]")).collect();
        assert!(!whole.is_empty(), "{document} shows no scenario");
        for scenario in whole {
            let read = load_text_cells(document, scenario, &Overrides::default(), &harness::broker::REGISTRY);
            assert!(read.is_ok(), "{document}: {:?}", read.map(drop));
            assert!(harness::scenario::question(scenario).ends_with('?'), "{document}: {scenario}");
        }
    }
}

#[test]
fn known_failures_stand_in_the_scenario_and_in_the_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let load_it = |name: &str| load(&at(name), &Overrides::default(), REGISTRY);
    let own = "[[known]]\ncheck = \"lost\"\nissue = \"#1\"\n";
    std::fs::write(at("small.toml"), format!("{SMALL}\n{own}")).unwrap();
    std::fs::write(at("other.toml"), SMALL).unwrap();
    assert_eq!(load_it("small.toml").unwrap().facts().known.len(), 1);
    let entry = "[[known]]\nscenarios = [\"small\"]\ncheck = \"latency\"\nsystem = \"redis\"\nissue = \"#2\"\n";
    std::fs::write(at("known.toml"), format!("{entry}until = 2026-12-31\n")).unwrap();
    let known = load_it("small.toml").unwrap().facts().known;
    assert_eq!(known.iter().map(|known| known.check.as_str()).collect::<Vec<_>>(), ["lost", "latency"]);
    assert_eq!(known[1].until.as_deref(), Some("2026-12-31"));
    assert!(load_it("other.toml").unwrap().facts().known.is_empty());
    let wrong = entry.replace("\"small\"", "\"smal\"").replace("\"latency\"", "\"latenzy\"");
    std::fs::write(at("known.toml"), wrong).unwrap();
    for name in ["small.toml", "other.toml"] {
        let errors = load_it(name).expect_err("an error, whichever scenario it is for");
        let told: Vec<String> = errors
            .problems
            .iter()
            .map(|problem| format!("{problem} ({}): {}", problem.text.name(), problem.note))
            .collect();
        let both = told.iter().all(|told| told.contains("known.toml"))
            && told.iter().any(|told| told.contains("`smal` is beside") && told.contains("did you mean `small`?"))
            && told.iter().any(|told| told.contains("no check `latenzy`") && told.contains("did you mean `latency`?"));
        assert!(both && told.len() == 2, "{told:?}");
    }
    let elsewhere = entry.replace("\"redis\"", "\"rediss\"");
    std::fs::write(at("known.toml"), elsewhere).unwrap();
    assert!(load_it("small.toml").is_err() && load_it("other.toml").is_ok());
    std::fs::write(at("known.toml"), "").unwrap();
    assert!(load_it("small.toml").is_ok());
}

#[test]
fn known_failures_are_no_other_scenario() {
    let known = "[[known]]\ncheck = \"lost\"\nissue = \"#1\"\n";
    let print = |text: &str| {
        let mut facts = read(text, &Overrides::default()).facts();
        facts.given.retain(|key, _| reports::fingerprint::concerns_load(key));
        facts.given
    };
    assert_eq!(print(SMALL), print(&format!("{SMALL}\n{known}")));
}

/// Every key that the decoder asks for, over all kinds of rates, faults and brokers.
#[test]
fn the_reference_describes_every_key() {
    let reference = include_str!("../../docs/scenario.md");
    let mut keys = read(WHOLE, &Overrides::default()).keys;
    for rate in [
        "{ constant = { per-second = 1 } }",
        "{ poisson = { per-second = 1 } }",
        "{ steps = { per-second = [1], each = \"1s\" } }",
        "{ burst = { base = 1, peak = 2, every = \"2s\", lasts = \"1s\" } }",
    ] {
        keys.extend(read(SMALL, &set(&[&format!("workload.rate={rate}")])).keys);
    }
    let brokers: Vec<&str> = REGISTRY.brokers.iter().map(|broker| broker.kind()).collect();
    for key in keys {
        let own_option = brokers.iter().any(|broker| {
            key.strip_prefix(&format!("systems.{broker}."))
                .is_some_and(|option| !["durability", "image", "brokers", "settings"].contains(&option))
        });
        let last = key.rsplit('.').next().unwrap();
        // The brokers' own options are declared by the brokers, and `harness list` and `harness plan` show them.
        assert!(own_option || reference.contains(&format!("`{last}`")), "docs/scenario.md does not mention `{key}`");
    }
    for fault in FAULTS {
        assert!(reference.contains(&format!("`{}`", fault.name)));
    }
}

/// A scenario whose system has this client.
fn with_client(broker: &str, client: &str) -> Result<harness::scenario::System, harness::scenario::ScenarioErrors> {
    let text = format!(
        r#"
[workload]
rate = {{ constant = {{ per-second = 1000 }} }}

[[systems]]
name = "system"
client = {client}
{broker} = {{}}
"#
    );
    load_text("client.toml", &text, &Overrides::default(), &harness::broker::REGISTRY)
        .map(|loaded| loaded.scenario.systems[0].clone())
}

#[test]
fn a_client_is_a_library_or_a_program() {
    use harness::broker::client::Run;
    let system = with_client("redis-streams", r#"{ program = ["python3", "worker.py"] }"#).unwrap();
    assert!(matches!(system.client.run(), Run::Program(command) if command == ["python3", "worker.py"]));
    assert_eq!(system.client.version(), "python3 worker.py");
    let library = with_client("redis-streams", r#""redis-rs""#).unwrap();
    assert!(matches!(library.client.run(), Run::Native(_)));
}

#[test]
fn a_program_without_a_name_or_without_a_way_to_the_broker_is_refused() {
    for (broker, client, why) in [
        ("redis-streams", "{ program = [] }", "needs its name"),
        ("redis-streams", "{ program = \"python3\" }", "a list"),
        ("redis-streams", "{}", "`systems.system.client.program` is missing"),
        ("redis-streams", "{ program = [\"python3\"], speed = 9 }", "unknown key"),
        ("memory", "{ program = [\"python3\"] }", "in the harness's own process"),
    ] {
        let errors = with_client(broker, client).expect_err(client);
        let told: Vec<String> = errors.problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains(why)), "{client}: {told:?}");
    }
}

const SWEPT: &str = r#"
[matrix]
"workload.partitions"                                 = [1, 6]
"systems.*.kafka.linger"                              = ["0s", "5ms", "20ms"]
"systems.*.*.durability"                              = ["os-cache", "fsync"]

[workload]
rate = { constant = { per-second = 1000 } }
partitions = 3

[[systems]]
name = "redis"
redis-streams = {}

[[systems]]
name = "kafka"
kafka = {}

[[systems]]
name = "other-kafka"
kafka = { linger = "1s" }

[profile.ci.matrix]
"workload.partitions" = [2, 4]
"#;

fn cells(overrides: &Overrides) -> Cells {
    load_text_cells("folder/swept.toml", SWEPT, overrides, REGISTRY)
        .unwrap_or_else(|errors| panic!("{:?}", errors.problems.iter().map(ToString::to_string).collect::<Vec<_>>()))
}

#[test]
fn a_matrix_has_every_choice_once_and_sets_options_of_all_systems_of_a_kind() {
    let cells = cells(&Overrides::default());
    assert_eq!(
        cells.keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(),
        ["partitions", "linger", "durability"]
    );
    let choices: Vec<&Vec<usize>> = cells.scenarios.iter().filter_map(|one| Some(&one.cell.as_ref()?.choice)).collect();
    let distinct: std::collections::BTreeSet<&&Vec<usize>> = choices.iter().collect();
    assert_eq!((choices.len(), distinct.len()), (12, 12));
    for loaded in &cells.scenarios {
        let choice = &loaded.cell.as_ref().unwrap().choice;
        let scenario = &loaded.scenario;
        assert_eq!(scenario.workload.partitions, [1, 6][choice[0]]);
        let linger = [0, 5, 20].map(Duration::from_millis)[choice[1]];
        let durability = [Durability::OsCache, Durability::Fsync][choice[2]];
        for system in &scenario.systems {
            assert_eq!(system.spec.durability, durability, "{}", scenario.name);
            let is_set = system.spec.options.get("linger").is_none_or(|set| *set == OptionValue::Duration(linger));
            assert!(is_set, "{}", scenario.name);
        }
        assert_eq!(
            load_text("again.toml", &scenario.source, &Overrides::default(), REGISTRY).unwrap().facts().given,
            loaded.facts().given
        );
    }
    let names: Vec<&str> = cells.scenarios.iter().map(|one| one.scenario.name.as_str()).collect();
    assert_eq!(names[1], "swept-partitions=6,linger=5ms,durability=fsync");
    assert_eq!(cells.scenarios[1].scenario.title, "swept: partitions = 6, linger = 5ms, durability = fsync");
}

/// However slow the machine becomes, it becomes so for all values of a key alike.
#[test]
fn from_run_to_run_every_key_takes_another_value() {
    let cells = cells(&set(&["systems.1.kafka.linger=1ms"]));
    let choices: Vec<&Vec<usize>> = cells.scenarios.iter().filter_map(|one| Some(&one.cell.as_ref()?.choice)).collect();
    assert_eq!(choices, [&[0, 0], &[1, 1], &[0, 1], &[1, 0]]);
}

#[test]
fn a_profile_replaces_values_of_the_matrix_and_what_is_set_from_outside_leaves_it() {
    let profile = Overrides { profile: Some("ci".to_owned()), ..Overrides::default() };
    assert_eq!(cells(&profile).keys[0].values, ["2", "4"]);
    for (overrides, by) in [
        (set(&["workload.partitions=9"]), "--set workload.partitions=9"),
        (
            Overrides { variables: variables(&[("HARNESS_WORKLOAD__PARTITIONS", "9")]), ..Overrides::default() },
            "HARNESS_WORKLOAD__PARTITIONS",
        ),
        (set(&["workload={ partitions = 9 }"]), "--set workload={ partitions = 9 }"),
    ] {
        let cells = cells(&overrides);
        assert_eq!((cells.keys.len(), cells.replaced.len(), cells.scenarios.len()), (2, 1, 6), "{by}");
        assert_eq!((cells.replaced[0].key.as_str(), cells.replaced[0].by.as_str()), ("workload.partitions", by));
        assert!(cells.scenarios.iter().all(|one| one.scenario.workload.partitions == 9));
    }
    let beside = cells(&set(&["workload={ producers = 9 }", "systems.redis.path=direct"]));
    assert_eq!(
        (beside.keys.len(), beside.replaced.len()),
        (3, 0),
        "what lies beside a key of the matrix leaves it alone"
    );
}

#[test]
fn a_star_sets_a_key_of_every_element_that_has_it() {
    let of = |text: &str, assignment: &str| read(text, &set(&[assignment])).scenario;
    assert!(of(SMALL, "systems.*.path=direct").systems.iter().all(|system| system.spec.path == Reach::Direct));
    let linger = |scenario: &harness::scenario::Scenario| {
        let lingers = scenario.systems.iter().filter_map(|system| system.spec.options.get("linger").cloned());
        lingers.collect::<Vec<_>>()
    };
    assert_eq!(linger(&of(WHOLE, "systems.*.kafka.linger=7ms")), [OptionValue::Duration(Duration::from_millis(7))]);
    let wrong = load_text("whole.toml", WHOLE, &set(&["systems.*.kafak.linger=7ms"]), REGISTRY).unwrap_err();
    let told = &wrong.problems[0];
    assert!(told.message.contains("no element of `systems` has `kafak`") && told.note.contains("kafka"), "{told:?}");
}

#[test]
fn one_scenario_is_not_taken_from_a_matrix_and_the_way_out_is_told() {
    let refused = load_text("swept.toml", SWEPT, &Overrides::default(), REGISTRY).unwrap_err();
    let help = refused.problems[0].help.clone().unwrap();
    assert!(
        refused.problems[0].message.contains("the matrix makes 12 of it")
            && help.contains("--set 'workload.partitions=1'")
    );
    let chosen: Vec<&str> = help.split("--set '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert!(load_text("swept.toml", SWEPT, &set(&chosen), REGISTRY).is_ok(), "{help}");
}
