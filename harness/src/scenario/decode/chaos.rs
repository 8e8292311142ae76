//! `[chaos]`: faults at random over the load, the same for the same seed.
//!
//! The load is divided into slots of the length `every`; the first stays calm, and in each further one that ends within the
//! load one fault is injected, some time after the slot's begin. Kinds are drawn without repetition until each had its turn.
//! What is drawn is a fault like any other: planned, confirmed, attributed and judged as if the scenario had listed it.

use super::aim;
use super::kind::{build, kinds, named_kind};
use crate::fault::{Aim, Fault, Lasts, Select, Target, ToldConsumers};
use crate::model::duration::show;
use crate::model::{Role, Workload};
use crate::scenario::node::{Entry, Table, TreeNode, Value};
use crate::scenario::origin::TextPlace;
use crate::scenario::problem::Finding;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;
use std::time::Duration;

/// Times are drawn in steps of this length, so that plans can be read.
const STEP: Duration = Duration::from_millis(100);

/// What faults are drawn from, and when they happen.
pub(super) struct Mix {
    seed: u64,
    every: Duration,
    of: Vec<Template>,
}

/// A fault of a mix; it has no name yet.
pub(super) struct DrawnFault {
    pub(super) at: Duration,
    pub(super) lasts: Duration,
    pub(super) target: Target,
    pub(super) fault: Arc<dyn Fault>,
    pub(super) systems: Vec<String>,
    /// Where the scenario speaks of it.
    pub(super) path: String,
}

/// One kind of fault in a mix: everything but its time, and its target where that is drawn too.
struct Template {
    place: TextPlace,
    fault: Arc<dyn Fault>,
    lasts: Duration,
    /// `None`: one of these.
    target: Option<Target>,
    aims: &'static [Aim],
    systems: Vec<String>,
    path: String,
}

/// Reads the mix. `None`: there is none, or it has been reported as wrong.
pub(super) fn read(top: &mut Section<'_>, seed: u64, load: Duration, reading: &mut ScenarioReading) -> Option<Mix> {
    let entry = top.entry(reading, "chaos")?;
    let mut section = top.section(reading, "chaos");
    let seed = section.or(reading, "seed", seed);
    let every: Option<Duration> = section.required(reading, "every");
    let every = every.filter(|every| fits_into(*every, load, &section, reading));
    let lasts = section.or(reading, "for", every.unwrap_or_default() / 3);
    let of = section.entry(reading, "of");
    if of.is_none() && entry.node.value.as_table().is_some() {
        reading.find(
            Finding::at(Some(entry.key_place), "`chaos.of` is missing")
                .note("which faults are to happen?")
                .help("add of = [\"down\", \"crash\"], or tables with options: { latency = { delay = \"100ms\" } }"),
        );
    }
    let items: Vec<TreeNode> = of.map(|of| tables(&of.node, reading)).unwrap_or_default();
    let read = items.iter().enumerate().filter_map(|(index, item)| template(top, index, item, lasts, reading));
    let of: Vec<Template> = read.collect();
    section.finish(reading);
    let every = every?;
    let too_long: Vec<&Template> = of.iter().filter(|template| template.lasts >= every).collect();
    for template in &too_long {
        let message =
            format!("a fault of {} does not end before the next one, {} later", show(template.lasts), show(every));
        let place = reading.place(&format!("{}.for", template.path)).or(Some(entry.key_place));
        reading.find(Finding::at(place, message).note("too long").help("make `for` shorter, or `every` longer"));
    }
    (too_long.is_empty() && !of.is_empty()).then_some(Mix { seed, every, of })
}

fn fits_into(every: Duration, load: Duration, section: &Section<'_>, reading: &mut ScenarioReading) -> bool {
    let fits = every >= Duration::from_secs(1) && every * 2 <= load;
    if !fits {
        let message = format!("`chaos.every` cannot be {} in a load of {}", show(every), show(load));
        let help = format!("write \"1s\" to {:?}: the first stretch of this length stays calm", show(load / 2));
        section.blame(reading, "every", message, "no room for a fault", &help);
    }
    fits
}

/// Each kind as a table: its name alone stands for one without options.
fn tables(of: &TreeNode, reading: &mut ScenarioReading) -> Vec<TreeNode> {
    let Value::Array(items) = &of.value else {
        reading.find(
            Finding::at(Some(of.place), format!("`chaos.of` is a list, not {}", of.value.kind()))
                .note("a list belongs here")
                .help("write of = [\"down\", \"crash\"]"),
        );
        return Vec::new();
    };
    if items.is_empty() {
        reading.find(
            Finding::at(Some(of.place), "`chaos.of` is empty")
                .note("nothing would happen")
                .help("name at least one kind: of = [\"down\"]"),
        );
    }
    items.iter().map(as_table).collect()
}

fn as_table(item: &TreeNode) -> TreeNode {
    let Value::String(kind) = &item.value else { return item.clone() };
    let options = TreeNode { value: Value::Table(Table::default()), place: item.place };
    let entry = Entry { key: kind.clone(), key_place: item.place, node: options };
    TreeNode { value: Value::Table(Table { entries: vec![entry] }), place: item.place }
}

fn template(
    top: &Section<'_>,
    index: usize,
    item: &TreeNode,
    usual: Duration,
    reading: &mut ScenarioReading,
) -> Option<Template> {
    if item.value.as_table().is_none() {
        reading.find(
            Finding::at(Some(item.place), "a kind of fault is a name or a table")
                .note(item.value.kind())
                .help("write \"down\", or { latency = { delay = \"100ms\" } }"),
        );
        return None;
    }
    let mut section = top.element("chaos", &format!("of.{index}"), item);
    let spec = named_kind(&section);
    let at_once = spec.is_some_and(|spec| spec.lasts == Lasts::AtOnce);
    let lasts = section.or(reading, "for", if at_once { Duration::ZERO } else { usual });
    let systems: Vec<String> = section.or(reading, "systems", Vec::new());
    let has_choice = spec.is_some_and(|spec| spec.aims.iter().all(|aim| matches!(aim, Aim::Node | Aim::Worker)));
    let is_drawn = has_choice && !aim::is_given(&section);
    let given = (!is_drawn).then(|| aim::read(&mut section, spec, reading));
    let spec = section.tag(reading, "fault", &kinds()).and(spec);
    let fault = spec.and_then(|spec| build(&mut section, spec, reading));
    let directed = |(target, fault): (Target, &Arc<dyn Fault>)| aim::directed(target, &**fault, &section, reading);
    let given = given.map(|target| target.zip(fault.as_ref()).map(directed));
    let path = section.path.clone();
    section.finish(reading);
    let target = match given {
        None => None,
        Some(target) => Some(target?),
    };
    Some(Template { place: item.place, fault: fault?, lasts, target, aims: spec?.aims, systems, path })
}

impl Mix {
    /// Leaves out what only consumers can do, where there are none, and says so.
    pub(super) fn fit(&mut self, workload: &Workload, reading: &mut ScenarioReading) {
        let is_unfit = |template: &Template| {
            let told = template.fault.tells();
            let by_consumers = matches!(told, Some(ToldConsumers::Work(_) | ToldConsumers::Leave(_)));
            by_consumers && template.target.is_none() && workload.consumers == 0
        };
        for template in self.of.iter().filter(|template| is_unfit(template)) {
            let message = format!("`{}` is done by consumers, and the workload has none", template.fault.name());
            let found = Finding::at(Some(template.place), message).note("nobody to do it");
            reading.find(found.help("leave it out, or set workload.consumers to 1 or more"));
        }
        self.of.retain(|template| !is_unfit(template));
    }

    /// The faults of a load of this length, in the order of their times.
    pub(super) fn draw(&self, load: Duration, workload: &Workload) -> Vec<DrawnFault> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut bag: Vec<&Template> = Vec::new();
        let mut faults = Vec::new();
        let mut slot = self.every;
        while slot + self.every <= load {
            if bag.is_empty() {
                bag.extend(&self.of);
                bag.shuffle(&mut random);
            }
            if let Some(template) = bag.pop() {
                let at = slot + delay(self.every.saturating_sub(template.lasts), &mut random);
                faults.push(template.at(at, workload, &mut random));
            }
            slot += self.every;
        }
        faults
    }
}

/// Up to half of what a slot leaves beside its fault: the other half is left for the return.
fn delay(spare: Duration, random: &mut impl Rng) -> Duration {
    let steps = u32::try_from(spare.as_millis() / STEP.as_millis() / 2).unwrap_or(u32::MAX);
    STEP * random.random_range(0..=steps)
}

impl Template {
    fn at(&self, at: Duration, workload: &Workload, random: &mut impl Rng) -> DrawnFault {
        DrawnFault {
            at,
            lasts: self.lasts,
            target: self.target.clone().unwrap_or_else(|| self.drawn_target(workload, random)),
            fault: Arc::clone(&self.fault),
            systems: self.systems.clone(),
            path: self.path.clone(),
        }
    }
}

impl Template {
    /// A worker, or any node, where the mix does not say which.
    fn drawn_target(&self, workload: &Workload, random: &mut impl Rng) -> Target {
        let consumers = || workload.names(Role::Consumer);
        let workers: Vec<String> = match self.fault.tells() {
            None => workload.names(Role::Producer).chain(consumers()).collect(),
            Some(ToldConsumers::Join | ToldConsumers::JoinForGood) => vec![Role::Consumer.named(workload.consumers)],
            Some(ToldConsumers::Work(_) | ToldConsumers::Leave(_)) => consumers().collect(),
        };
        match (self.aims.choose(random), workers.choose(random)) {
            (Some(Aim::Worker), Some(worker)) => Target::Worker(vec![worker.clone()]),
            _ => Target::Node(Select::Any),
        }
    }
}
