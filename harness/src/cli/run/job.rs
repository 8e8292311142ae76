//! One scenario of a run: its environment, its trials one after the other, and what is reported after each.

use super::files::{create_folder, remove_folder};
use super::options::Options;
use crate::cli::judge::{Format, judge_and_write, print};
use crate::cli::progress::tell;
use crate::cli::{Exit, answer, exit, provenance};
use crate::environment::{Environment, EnvironmentError, Ports, make_room_for_files, must_drop_packets};
use crate::fault::PlannedFault;
use crate::plan::{Plan, Repeats, Series, TrialPlan};
use crate::scenario::{Loaded, Scenario, Secrets, System};
use crate::trial::{self, Event, Events, Interrupt, Order, TrialError, Urgency};
use reports::facts::{self, RunFacts, ScenarioFacts};
use reports::judge::Judged;
use reports::result::TrialResult;
use std::path::Path;
use tokio::sync::mpsc::unbounded_channel;

/// One scenario to be run.
pub(super) struct Job<'a> {
    options: &'a Options,
    scenario: &'a Scenario,
    secrets: &'a Secrets,
    /// What the scenario says, for `trial.json`.
    facts: ScenarioFacts,
    /// The run's folder.
    folder: &'a Path,
    interrupt: Interrupt,
}

/// How a run ended.
pub(in crate::cli) struct Ended {
    /// What it exits with. Errors have been shown.
    pub(in crate::cli) exit: Exit,
    /// What was judged; `None`: nothing could be.
    pub(in crate::cli) judged: Option<Judged>,
}

impl Ended {
    /// Before anything could be judged.
    const fn early(exit: Exit) -> Self {
        Self { exit, judged: None }
    }
}

/// What came out of a run's trials.
struct Carried {
    /// The newest judgement; `None`: there was nothing to judge.
    judged: Option<Result<(Judged, Exit), Exit>>,
    /// What stopped the run before its last trial.
    stopped: Option<TrialError>,
}

impl<'a> Job<'a> {
    /// Of a scenario, into a folder.
    pub(super) fn of(options: &'a Options, loaded: &'a Loaded, folder: &'a Path, interrupt: &Interrupt) -> Self {
        let Loaded { scenario, secrets, .. } = loaded;
        Self { options, scenario, secrets, facts: loaded.facts(), folder, interrupt: interrupt.clone() }
    }
}

impl Job<'_> {
    pub(super) async fn run(self, id: String) -> Ended {
        let Self { scenario, folder, .. } = self;
        if let Err(exit) = create_folder(folder, scenario) {
            return Ended::early(exit);
        }
        let environment = match self.prepare(&id).await {
            Ok(environment) => environment,
            Err(error) => {
                remove_folder(folder, scenario);
                return Ended::early(exit::explain(&error, Exit::Environment));
            }
        };
        let series = Repeats::of(Plan::of(scenario).trials);
        let planned = Series::<TrialResult>::planned(&series).iter().map(fact).collect();
        let mut run = provenance::of_run(&scenario.name, environment.as_ref(), id, planned).await;
        run.scenario = self.facts.clone();
        run.command.iter_mut().for_each(|word| *word = self.secrets.mask(word));
        let carried = self.carry_out(series, environment.as_ref(), &run).await;
        let (exit, judged) = self.report(carried);
        // After the report: what a second interrupt left running is removed here.
        if let Some(environment) = environment {
            environment.close().await;
        }
        Ended { exit, judged }
    }

    /// Opens the environment, and looks whether everything is there, before anything is started. `None` where no system of
    /// the scenario needs an environment.
    async fn prepare(&self, id: &str) -> Result<Option<Environment>, EnvironmentError> {
        let Self { options, scenario, .. } = self;
        let workload = &scenario.workload;
        let workers = u64::from(workload.producers) + u64::from(workload.consumers);
        make_room_for_files(workers, u64::from(workload.partitions))?;
        let needs_host = |system: &System| {
            let proxied_only = system.spec.external.is_some() && system.spec.path == reports::facts::Path::Direct;
            !system.broker.is_in_process() && !proxied_only
        };
        if !scenario.systems.iter().any(needs_host) {
            return Ok(None);
        }
        let drops = |fault: &PlannedFault| {
            fault.fault.drops_packets() && scenario.systems.iter().any(|system| fault.is_for(&system.spec.name))
        };
        if scenario.faults.iter().any(drops) {
            must_drop_packets().await?;
        }
        let mut environment = Environment::open(options.environment.into(), id).await?;
        environment.notes().iter().for_each(|note| options.say(&format!("note: {note}")));
        environment.swept().iter().for_each(|left| options.say(&format!("removed what a dead run left: {left}")));
        for system in &scenario.systems {
            // A layout takes ports; this gives them back.
            if let Some(topology) = trial::topology(system, scenario, &mut Ports::default())? {
                environment.check(&topology).await?;
            }
        }
        if options.keep {
            environment.keep();
        } else if let Ok(program) = std::env::current_exe() {
            environment.guard(&program)?;
        }
        Ok(Some(environment))
    }

    /// All trials of a series, each judged and reported as soon as it is over, so that a crash costs one.
    async fn carry_out(
        &self,
        mut series: impl Series<TrialResult>,
        environment: Option<&Environment>,
        run: &RunFacts,
    ) -> Carried {
        let (sender, receiver) = unbounded_channel();
        let telling = tokio::spawn(tell(receiver, self.options.audience()));
        let events = Events::new(sender);
        let hearing = tokio::spawn(tell_of_interrupt(self.interrupt.clone(), events.clone()));
        let of = series.planned().len();
        let mut carried = Carried { judged: None, stopped: None };
        let mut done = Vec::new();
        while let Some(planned) = series.next(&done) {
            let number = done.len() + 1;
            events.tell(Event::TrialBegan { system: planned.name.clone(), repeat: planned.repeat, number, of });
            let stopped = self.trial(&planned, environment, run, &events, &mut carried.judged).await;
            if let Some(Ok((judged, _))) = &carried.judged {
                done.clone_from(&judged.result.trials);
            }
            if let Err(error) = stopped {
                carried.stopped = Some(error);
            }
            if carried.stopped.is_some() || self.interrupt.urgency() > Urgency::No {
                break;
            }
        }
        hearing.abort();
        drop(events);
        // The teller ends when the last way to it is closed.
        let _ = hearing.await;
        let _ = telling.await;
        carried
    }

    /// One trial. Judging and removing go on at the same time: the report is there before a slow removal has ended.
    async fn trial(
        &self,
        planned: &TrialPlan,
        environment: Option<&Environment>,
        run: &RunFacts,
        events: &Events,
        judged: &mut Option<Result<(Judged, Exit), Exit>>,
    ) -> Result<(), TrialError> {
        let Some(system) = self.scenario.systems.get(planned.system) else { return Ok(()) };
        let began = crate::clock::now();
        let order = Order {
            scenario: self.scenario,
            system,
            repeat: planned.repeat,
            folder: self.folder.join(format!("{}-{}", planned.name, planned.repeat)),
            run,
            trial_id: rand::random(),
            secrets: self.secrets,
        };
        let mut interrupt = self.interrupt.clone();
        let played = trial::play(&order, environment, events, &mut interrupt).await;
        events.tell(Event::Step("judging and tearing down"));
        let kept = if self.options.keep { Some(played.kept(system).await) } else { None };
        let folder = self.folder.to_owned();
        let has_history = order.folder.join("trial.json").exists();
        let judging = tokio::task::spawn_blocking(move || has_history.then(|| judge_and_write(&folder)));
        let removing = async {
            let mut second = self.interrupt.clone();
            tokio::select! {
                removed = played.tear_down(environment) => removed,
                () = hurry(&mut second, environment) => Err(TrialError::Interrupted),
            }
        };
        let (newest, removed) = tokio::join!(judging, removing);
        if let Ok(Some(newest)) = newest {
            *judged = Some(newest);
        }
        kept.into_iter().for_each(|kept| events.tell(Event::Kept(kept)));
        events.tell(Event::TrialEnded { took: crate::clock::now().since(began) });
        removed
    }

    /// Prints what came out. What stopped the run comes before what it found.
    fn report(&self, carried: Carried) -> (Exit, Option<Judged>) {
        let interrupted = (self.interrupt.urgency() > Urgency::No).then_some(Exit::Interrupted);
        let stopped = carried.stopped.map(|error| match error {
            TrialError::Interrupted => Exit::Interrupted,
            error => exit::explain(&error, Exit::Environment),
        });
        let stopped = stopped.or(interrupted);
        let found = match &carried.judged {
            None => None,
            Some(Err(exit)) => Some(*exit),
            Some(Ok((judged, written))) if self.options.unanswered => {
                Some(written.worse(Exit::of(judged.result.verdict)))
            }
            Some(Ok((judged, written))) => {
                let mut said = print(judged, if self.options.json { Format::Json } else { Format::Summary });
                if !self.options.json {
                    let report = self.folder.join("report.html");
                    said = said.worse(answer::print(&format!("\nreport: {}", report.display())));
                }
                Some(said.worse(*written).worse(Exit::of(judged.result.verdict)))
            }
        };
        let exit = match (stopped, found) {
            (Some(stopped), Some(found)) => stopped.worse(found),
            (stopped, found) => stopped.or(found).unwrap_or(Exit::Unknown),
        };
        (exit, carried.judged.and_then(Result::ok).map(|(judged, _)| judged))
    }
}

/// A trial that the run sets out to do, for `trial.json`.
fn fact(planned: &TrialPlan) -> facts::PlannedTrial {
    facts::PlannedTrial { system: planned.name.clone(), repeat: planned.repeat }
}

/// Waits for a second interrupt; what is dropped then is left to the environment, which comes after the report.
async fn hurry(interrupt: &mut Interrupt, environment: Option<&Environment>) {
    interrupt.until(Urgency::AtOnce).await;
    environment.iter().for_each(|environment| environment.leave_nodes());
}

async fn tell_of_interrupt(mut interrupt: Interrupt, events: Events) {
    interrupt.until(Urgency::InOrder).await;
    events.tell(Event::Interrupted);
}
