//! The trial's folder: `trial.json`, `history/`, `logs/`.

use super::observer::{self, Observer};
use super::{Order, TrialError, drive::Times, stage::Stage};
use crate::model::{Role, Schedule};
use crate::scenario::{Scenario, System};
use crate::worker::Tables;
use reports::facts::{
    ClientFacts, EndFacts, FileFacts, HISTORY_SCHEMA, PhaseFacts, Setting, SystemFacts, TrialFacts, WorkloadFacts,
};
use std::path::{Path, PathBuf};

/// The trial's folder while the trial goes on.
pub(super) struct Record {
    folder: PathBuf,
    observer: Observer,
    facts: Option<TrialFacts>,
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
    pub(super) fn begin(&mut self, order: &Order<'_>, stage: &Stage, times: &Times) -> Result<(), TrialError> {
        let facts = facts(order, stage, times);
        facts.save(self.folder())?;
        self.facts = Some(facts);
        Ok(())
    }

    /// Writes the tables' ends, and `trial.json` again.
    pub(super) fn end(&mut self, end: EndFacts) -> Result<(), TrialError> {
        self.observer.finish()?;
        if let Some(facts) = self.facts.as_mut() {
            facts.end = Some(end);
            facts.save(&self.folder)?;
        }
        Ok(())
    }
}

fn facts(order: &Order<'_>, stage: &Stage, times: &Times) -> TrialFacts {
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
            ordering: broker.ordering(&system.spec, &scenario.workload),
            settling: broker.settling(),
            log: broker.log(),
            fairness: fairness(order),
            versions: stage.versions().clone(),
        },
        repeat: order.repeat,
        trial_id: order.trial_id,
        workload: workload(scenario),
        phases: phases(times),
        clients: clients(scenario, system),
        faults: stage.planned_faults().iter().map(|fault| fault.facts(times.load, &scenario.workload)).collect(),
        limits: scenario.expect.clone(),
        files: files(scenario),
        end: None,
    }
}

fn workload(scenario: &Scenario) -> WorkloadFacts {
    let workload = &scenario.workload;
    WorkloadFacts {
        rate: workload.rate.to_string(),
        offered: Schedule::offered(&workload.rate, &scenario.phases, workload.producers, scenario.seed),
        message_bytes: workload.message_bytes as u64,
        producers: workload.producers,
        consumers: workload.consumers,
        partitions: workload.partitions,
        seed: scenario.seed,
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
    let producers = facts(Role::Producer, producers(scenario).collect());
    producers.chain(facts(Role::Consumer, consumers(scenario).collect())).collect()
}

/// The fairness table, without the secrets that raw settings may hold.
fn fairness(order: &Order<'_>) -> Vec<Setting> {
    let (scenario, system) = (order.scenario, order.system);
    let rows = system.fairness(&scenario.client, &scenario.workload);
    rows.into_iter().map(|row| Setting { value: order.secrets.mask(&row.value), ..row }).collect()
}

pub(super) fn producers(scenario: &Scenario) -> impl Iterator<Item = String> + use<> {
    (0..scenario.workload.producers).map(|index| format!("producer-{index}"))
}

pub(super) fn consumers(scenario: &Scenario) -> impl Iterator<Item = String> + use<> {
    (0..scenario.workload.consumers).map(|index| format!("consumer-{index}"))
}

fn files(scenario: &Scenario) -> Vec<FileFacts> {
    let of_producers = producers(scenario).flat_map(|name| Tables::Producer.files(&name));
    let of_consumers = consumers(scenario).flat_map(|name| Tables::Consumer.files(&name));
    of_producers.chain(of_consumers).chain(observer::files()).collect()
}
