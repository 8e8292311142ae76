//! The trial's folder: `trial.json`, `history/`, `logs/`.

use super::error::TrialError;
use super::observer::{self, Observer};
use super::order::Order;
use super::scribe::Tables;
use super::times::Times;
use crate::model::{HEADER_BYTES, RecordFile, Role, Schedule};
use crate::scenario::{Scenario, System};
use reports::facts::{
    ClientFacts, EndFacts, FaultFacts, FileFacts, HISTORY_SCHEMA, IdleFacts, PhaseFacts, RecordFacts, Setting,
    SystemFacts, TrialFacts, WorkloadFacts,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The trial's folder while the trial goes on.
pub(super) struct Record {
    folder: PathBuf,
    observer: Observer,
    facts: Option<TrialFacts>,
}

/// What only the started system tells.
pub(super) struct Started {
    /// The versions of everything that was started.
    pub(super) versions: BTreeMap<String, String>,
    /// The faults that it gets, as planned.
    pub(super) faults: Vec<FaultFacts>,
    /// The settings in force.
    pub(super) in_force: Vec<Setting>,
}

/// Creates the folder and the run's own tables.
pub(super) fn prepare(order: &Order<'_>) -> Result<Record, TrialError> {
    let folder = std::path::absolute(&order.folder)
        .map_err(|source| TrialError::Io { doing: format!("finding {}", order.folder.display()), source })?;
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)
        .map_err(|source| TrialError::Io { doing: format!("creating {}", logs.display()), source })?;
    let observer = Observer::create(&folder)?;
    Ok(Record { folder, observer, facts: None })
}

impl Record {
    pub(super) fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// Writes `trial.json` before the load, so that a history whose run died can be judged for what it is.
    pub(super) fn begin(&mut self, order: &Order<'_>, started: Started, times: &Times) -> Result<(), TrialError> {
        let facts = facts(order, started, times);
        facts.save(self.folder())?;
        self.facts = Some(facts);
        Ok(())
    }

    /// More files belong to the history from now on: those of a worker's successor.
    pub(super) fn add(&mut self, files: Vec<FileFacts>) -> Result<(), TrialError> {
        if let Some(facts) = self.facts.as_mut() {
            facts.files.extend(files);
            facts.save(&self.folder)?;
        }
        Ok(())
    }

    /// Writes the run's own tables' ends, and `trial.json` again, with how these files and its own ended.
    pub(super) fn end(&mut self, end: EndFacts, of_workers: Vec<FileFacts>) -> Result<(), TrialError> {
        let ended = of_workers.into_iter().chain(self.observer.finish()?);
        if let Some(facts) = self.facts.as_mut() {
            for file in ended {
                if let Some(listed) = facts.files.iter_mut().find(|listed| listed.name == file.name) {
                    listed.end = file.end;
                }
            }
            facts.end = Some(end);
            facts.save(&self.folder)?;
        }
        Ok(())
    }
}

fn facts(order: &Order<'_>, started: Started, times: &Times) -> TrialFacts {
    let (scenario, system) = (order.scenario, order.system);
    let broker = system.broker;
    TrialFacts {
        schema: HISTORY_SCHEMA.to_owned(),
        run: order.run.clone(),
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        system: SystemFacts {
            name: system.spec.name.clone(),
            broker: broker.kind().to_owned(),
            client: system.client.version(),
            path: system.spec.path,
            ordering: scenario.ordering(system),
            settling: broker.settling(),
            log: broker.log(),
            fairness: fairness(order, started.in_force),
            versions: started.versions,
            slow_at_first: broker.slow_at_first().map(str::to_owned),
        },
        repeat: order.repeat,
        trial_id: order.trial_id,
        workload: workload(scenario),
        phases: phases(times),
        clients: clients(scenario, system),
        faults: started.faults,
        limits: order.limits(),
        idle: (!scenario.phases.idle.is_zero()).then_some(IdleFacts { from: times.idle, to: times.origin }),
        files: files(scenario),
        end: None,
    }
}

fn workload(scenario: &Scenario) -> WorkloadFacts {
    let workload = &scenario.workload;
    WorkloadFacts {
        rate: workload.rate.to_string(),
        offered: Schedule::offered(&workload.rate, &scenario.phases, workload.producers, scenario.seed),
        closed_loop: workload.rate.is_closed(),
        even: Some(workload.rate.is_even()),
        message_bytes: workload.message_bytes as u64,
        smallest_bytes: workload.smallest_bytes.map(|bytes| bytes as u64),
        records: workload.records.as_ref().map(record_facts),
        keys: workload.keys.map(|keys| keys.told(workload.partitions)),
        in_flight: Some(workload.in_flight as u64),
        producers: workload.producers,
        consumers: workload.consumers,
        partitions: workload.partitions,
        seed: scenario.seed,
    }
}

fn record_facts(records: &RecordFile) -> RecordFacts {
    let name = records.path.file_name().unwrap_or_default();
    RecordFacts {
        file: name.to_string_lossy().into_owned(),
        crc32c: records.sum,
        bytes: records.bytes.iter().map(|bytes| (HEADER_BYTES + bytes) as u64).collect(),
    }
}

fn phases(times: &Times) -> Vec<PhaseFacts> {
    let phase = |name: &str, from, to| PhaseFacts { name: name.to_owned(), from, to };
    vec![
        phase("warmup", times.origin, times.load),
        phase("load", times.load, times.end),
        phase("drain", times.end, times.drain_limit),
    ]
}

fn clients(scenario: &Scenario, system: &System) -> Vec<ClientFacts> {
    let facts = |role, names: Vec<String>| {
        let envelope = system.envelope(&scenario.client, role);
        names.into_iter().map(move |name| ClientFacts { name, envelope })
    };
    let producers = facts(Role::Producer, scenario.workload.names(Role::Producer).collect());
    let consumers = scenario.workload.names(Role::Consumer).chain(scenario.joiners(system));
    producers.chain(facts(Role::Consumer, consumers.collect())).collect()
}

/// The fairness table, without the secrets that raw settings may hold.
fn fairness(order: &Order<'_>, in_force: Vec<Setting>) -> Vec<Setting> {
    let (scenario, system) = (order.scenario, order.system);
    let is_secret = |text: &str| order.secrets.mask(text) != text;
    // What stands for a secret would tell it, in whatever words the broker has for it.
    let kept = |told: &Setting| {
        let given = system.spec.settings.get(&format!("server.{}", told.setting));
        !given.is_some_and(|value| is_secret(value))
    };
    let in_force = in_force.into_iter().filter(kept).collect();
    let rows = scenario.fairness(system, in_force);
    let masked = |row: Setting| Setting {
        value: order.secrets.mask(&row.value),
        note: row.note.as_deref().map(|note| order.secrets.mask(note)),
        ..row
    };
    rows.into_iter().map(masked).collect()
}

fn files(scenario: &Scenario) -> Vec<FileFacts> {
    let of_producers = scenario.workload.names(Role::Producer).flat_map(|name| Tables::Producer.files(&name));
    let of_consumers = scenario.workload.names(Role::Consumer).flat_map(|name| Tables::Consumer.files(&name));
    of_producers.chain(of_consumers).chain(observer::files()).collect()
}
