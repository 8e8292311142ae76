//! `trial.json`: what a run writes down of a plan before it starts. Limits are drawn later.

use crate::plan::{BrokerKind, FaultKind, Plan, Shape};
use reports::facts::{
    ClientFacts, Cut, Effect, FaultFacts, FileFacts, HISTORY_SCHEMA, Limits, LogFacts, Ordering, Path, PhaseFacts,
    Positions, Retention, RunFacts, ScenarioFacts, Settling, SystemFacts, TrialFacts, WorkloadFacts,
};
use reports::units::Nanos;
use std::collections::BTreeMap;

/// The payload of each message.
pub(crate) const MESSAGE_BYTES: u64 = 100;

pub(super) fn of(plan: &Plan) -> TrialFacts {
    let (shape, load) = (plan.shape, &plan.load);
    let phase = |name: &str, from, to| PhaseFacts { name: name.to_owned(), from, to };
    TrialFacts {
        schema: HISTORY_SCHEMA.to_owned(),
        run: RunFacts {
            id: format!("seed-{}", plan.seed),
            started: "2026-01-01T00:00:00Z".to_owned(),
            command: vec!["simulator".to_owned()],
            versions: BTreeMap::new(),
            host: BTreeMap::new(),
            planned: Vec::new(),
            scenario: ScenarioFacts::default(),
        },
        scenario: "simulated".to_owned(),
        title: "A simulated trial".to_owned(),
        system: system(shape.kind),
        repeat: 1,
        trial_id: plan.seed,
        workload: WorkloadFacts {
            rate: format!("{}/s", load.rate),
            offered: load.schedule.len() as u64,
            even: Some(true),
            message_bytes: MESSAGE_BYTES,
            producers: shape.producers as u16,
            consumers: shape.consumers as u16,
            partitions: shape.partitions as u16,
            seed: plan.seed,
            ..WorkloadFacts::default()
        },
        phases: vec![
            phase("warmup", load.warm_up, load.from),
            phase("load", load.from, load.to),
            phase("drain", load.to, load.drain_to),
        ],
        clients: (0..shape.clients())
            .map(|client| ClientFacts { name: shape.name(client), envelope: plan.policy.envelope })
            .collect(),
        faults: faults(plan),
        limits: Limits { failed: Some(0), generator_lag: Nanos::from_millis(5), ..Limits::default() },
        idle: None,
        files: files(shape),
        end: None,
    }
}

/// Each client's files. How they ended is not known before the end.
fn files(shape: Shape) -> Vec<FileFacts> {
    let file = |table: &str, writer: &str| FileFacts {
        name: format!("{table}.{writer}.arrows"),
        table: table.to_owned(),
        writer: writer.to_owned(),
        end: None,
    };
    let each = (0..shape.clients()).flat_map(|client| {
        let tables: &[&str] = if client < shape.producers {
            &["sends", "connections"]
        } else {
            &["deliveries", "settlements", "connections", "group_events"]
        };
        tables.iter().map(move |table| file(table, &shape.name(client)))
    });
    each.collect()
}

fn system(kind: BrokerKind) -> SystemFacts {
    let (broker, ordering, settling, log) = match kind {
        BrokerKind::Log => ("kafka", Ordering::Partition, Settling::Position, LogFacts::default()),
        BrokerKind::Entries => ("redis-streams", Ordering::Consumer, Settling::Message, LogFacts::default()),
        BrokerKind::Queue => {
            let log = LogFacts { positions: Positions::None, retention: Retention::Forgets };
            ("queue", Ordering::None, Settling::Message, log)
        }
    };
    SystemFacts {
        name: "simulated".to_owned(),
        broker: broker.to_owned(),
        client: "simulator".to_owned(),
        path: Path::Proxied,
        ordering,
        settling,
        log,
        fairness: Vec::new(),
        versions: BTreeMap::new(),
        slow_at_first: None,
    }
}

fn faults(plan: &Plan) -> Vec<FaultFacts> {
    let each = plan.faults.iter().map(|fault| {
        let (effect, cut) = match fault.kind {
            FaultKind::Cut(Cut::Silent) => (Effect::Silence, Some(Cut::Silent)),
            FaultKind::Cut(cut) => (Effect::ConnectionsLost, Some(cut)),
            FaultKind::Latency(by) => (Effect::Slower { by }, None),
        };
        FaultFacts {
            name: fault.name.clone(),
            kind: fault.name.rsplit_once('-').map_or_else(String::new, |(kind, _)| kind.to_owned()),
            target: "link client".to_owned(),
            detail: String::new(),
            at: fault.at,
            until: fault.until,
            effect,
            clients: if fault.everybody {
                Vec::new()
            } else {
                fault.clients.iter().map(|client| plan.shape.name(*client)).collect()
            },
            paths: Vec::new(),
            some_of: Vec::new(),
            alternatives: Vec::new(),
            cut,
            poison: None,
            when: None,
        }
    });
    each.collect()
}
