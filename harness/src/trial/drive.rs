//! Driving the load while faults are injected and healed on schedule.

use super::cores::CoresRead;
use super::crew::{Crew, Request};
use super::event::{Event, Events};
use super::faults::Faults;
use super::halt::{Halt, Halting};
use super::record::Record;
use super::stage::Stage;
use super::times::Times;
use super::totals::{self, TOLD_EVERY};
use super::yardstick::WorkThread;
use crate::clock;
use reports::facts::{CoresFacts, Yardstick};
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long healing may take, and how long where there is little time: a call to a proxy that hangs is tried again.
const HEAL_WITHIN: Duration = Duration::from_secs(120);
const HEAL_SOON: Duration = Duration::from_secs(2);

/// How the drive went.
#[derive(Debug, Default)]
pub(super) struct Driven {
    /// Why it ended before its time; `None`: it did not.
    pub(super) halt: Option<Halt>,
    pub(super) troubles: Vec<String>,
    /// Why the trial is not the one that the scenario describes.
    pub(super) unplanned: Vec<String>,
    /// Faults that were not injected because their condition never came true, and why.
    pub(super) untriggered: BTreeMap<String, String>,
    /// What the machine's cores did meanwhile.
    pub(super) cores: Option<CoresFacts>,
    /// How fast they were.
    pub(super) yardstick: Option<Yardstick>,
}

impl Driven {
    /// Keeps what went wrong, and tells of it at once.
    pub(super) fn note(&mut self, troubles: Vec<String>, events: &Events) {
        for trouble in &troubles {
            events.tell(Event::Trouble(trouble.clone()));
        }
        self.troubles.extend(troubles);
    }
}

/// Lets the load run to its end, or until it is halted; every fault is healed when this returns.
pub(super) async fn drive(
    crew: &mut Crew,
    stage: &mut Stage,
    record: &mut Record,
    times: &Times,
    events: &Events,
    halting: &mut Halting,
) -> Driven {
    let mut driven = Driven::default();
    let faults = Faults::start(stage.take_drivers(), times, &record.observer().samples(), events);
    let samples = record.observer().samples();
    let mut began: Option<CoresRead> = None;
    let mut yardstick: Option<WorkThread> = None;
    let mut announced = false;
    let mut tick = clock::now();
    while clock::now() < times.end && !crew.has_no_producers() && crew.unwritten().is_none() {
        tokio::select! {
            () = sleep_until(tick.min(times.end)) => tick = clock::now().plus(TOLD_EVERY.into()),
            request = crew.asked() => {
                serve(request, crew, stage, record, &mut driven);
                continue;
            }
            halt = halting.asked() => {
                driven.halt = Some(halt);
                crew.stop();
                break;
            }
        }
        if !announced && clock::now() >= times.load {
            announced = true;
            began = CoresRead::now();
            yardstick = WorkThread::start();
            events.tell(Event::Step("driving the load"));
        }
        crew.catch_up();
        record.observer().gauges(&crew.take_gauges());
        driven.note(crew.take_troubles(), events);
        totals::tell(crew, times, None, (&samples, events));
    }
    driven.cores = began.zip(CoresRead::now()).map(|(began, now)| began.until(now));
    if let Some(thread) = yardstick {
        driven.yardstick = thread.end().await;
    }
    if driven.halt == Some(Halt::NodeLost) {
        let (after, of) = (clock::now().since(times.load), times.end.since(times.load));
        let why = format!("the load was stopped after {after} of {of}, because a node had ended");
        driven.unplanned.push(why.clone());
        driven.note(vec![why], events);
    }
    let patience = if driven.halt.is_some() { HEAL_SOON } else { HEAL_WITHIN };
    let mut ending = std::pin::pin!(faults.end(patience));
    let ended = loop {
        tokio::select! {
            ended = &mut ending => break ended,
            request = crew.asked() => serve(request, crew, stage, record, &mut driven),
        }
    };
    ended.rows.iter().for_each(|row| record.observer().fault(row));
    driven.untriggered = ended.untriggered;
    crew.catch_up();
    record.observer().gauges(&crew.take_gauges());
    driven.note(crew.take_troubles(), events);
    driven
}

/// Does what a fault asks of the workers, and writes down who is new among them.
fn serve(request: Request, crew: &mut Crew, stage: &Stage, record: &mut Record, driven: &mut Driven) {
    crew.answer(request);
    let files = crew.take_new_files();
    if files.is_empty() {
        return;
    }
    for (name, pid) in crew.processes() {
        stage.roster().enter("generator", &name, pid);
    }
    if let Err(error) = record.add(files) {
        driven.troubles.push(format!("the files of a successor could not be listed: {error}"));
    }
}

async fn sleep_until(at: Nanos) {
    tokio::time::sleep(at.since(clock::now()).into()).await;
}
