//! `harness run`: scenarios → trials → histories → verdicts and reports.

use super::judge::{Format, judge_and_write, print};
use super::progress::{Audience, tell};
use super::{Exit, Overriding, default_runs, exit, provenance};
use crate::broker;
use crate::environment::{Environment, EnvironmentError, EnvironmentKind};
use crate::plan::Plan;
use crate::scenario::{self, Loaded, Scenario, Secrets};
use crate::trial::{self, Event, Events, Interrupt, Order, TrialError, Urgency};
use reports::facts::RunFacts;
use std::path::{Path, PathBuf};

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    scenarios: Vec<PathBuf>,
    /// Where the run's folder goes; with several scenarios, the folder of their folders [default: runs/<UTC time>-<scenario>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where brokers run
    #[arg(long, value_enum, default_value_t = Where::Auto)]
    environment: Where,
    #[command(flatten)]
    overriding: Overriding,
    /// Leave brokers and proxy running; `harness clean` removes them
    #[arg(long)]
    keep: bool,
    /// No progress on stderr
    #[arg(long)]
    quiet: bool,
    /// Print result.json instead of the summary
    #[arg(long)]
    json: bool,
}

/// Where brokers run, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Where {
    /// In containers, if an engine answers
    Auto,
    /// In containers
    Containers,
}

/// Runs every scenario, one after the other; the worst exit wins.
pub(super) async fn run(options: Options) -> Exit {
    let loaded = match load_all(&options) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let mut interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => {
            return exit::explain(&miette::diagnostic!("cannot listen to signals: {error}"), Exit::Environment);
        }
    };
    let several = loaded.len() > 1;
    let mut worst = Exit::Pass;
    for Loaded { scenario, secrets, .. } in &loaded {
        let id = provenance::run_id(&scenario.name);
        let folder = match &options.out {
            Some(out) if several => out.join(&scenario.name),
            Some(out) => out.clone(),
            None => default_runs().join(&id),
        };
        let job = Job { options: &options, scenario, secrets, folder: &folder };
        worst = worst.worse(run_one(&job, id, &mut interrupt).await);
        if interrupt.urgency() > Urgency::No {
            break;
        }
    }
    worst
}

/// Loads all files before anything is started; shows all errors of all of them.
fn load_all(options: &Options) -> Result<Vec<Loaded>, Exit> {
    let mut loaded = Vec::new();
    let mut wrong = false;
    for path in scenario_files(&options.scenarios)? {
        match scenario::load(&path, &options.overriding.overrides(), broker::REGISTRY) {
            Ok(scenario) => {
                if !options.quiet {
                    scenario.warnings.iter().for_each(|warning| exit::show(warning));
                }
                loaded.push(scenario);
            }
            Err(errors) => {
                wrong = true;
                exit::show(&errors);
            }
        }
    }
    if wrong { Err(Exit::Usage) } else { Ok(loaded) }
}

/// Files as they are; folders as the `.toml` files in them, in the order of their names.
fn scenario_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Exit> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error: std::io::Error| {
            exit::explain(&miette::diagnostic!("cannot list {}: {error}", path.display()), Exit::Usage)
        };
        let mut found: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(unreadable)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        if found.is_empty() {
            return Err(exit::explain(
                &miette::diagnostic!("{} holds no scenario (*.toml)", path.display()),
                Exit::Usage,
            ));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// One scenario to be run.
struct Job<'a> {
    options: &'a Options,
    scenario: &'a Scenario,
    secrets: &'a Secrets,
    folder: &'a Path,
}

async fn run_one(job: &Job<'_>, id: String, interrupt: &mut Interrupt) -> Exit {
    let Job { options, scenario, folder, .. } = *job;
    if let Err(exit) = create_folder(folder, scenario) {
        return exit;
    }
    let environment = match open_environment(options, scenario, &id).await {
        Ok(environment) => environment,
        Err(error) => {
            let _ = std::fs::remove_file(folder.join("scenario.toml"));
            let _ = std::fs::remove_dir(folder);
            return exit::explain(&error, Exit::Environment);
        }
    };
    let mut run = provenance::of_run(&scenario.name, environment.as_ref(), id).await;
    run.command.iter_mut().for_each(|word| *word = job.secrets.mask(word));
    let carried = carry_out(job, environment.as_ref(), &run, interrupt).await;
    drop(environment);
    let stopped = match &carried {
        Ok(()) => None,
        Err(TrialError::Interrupted) => Some(Exit::Interrupted),
        Err(error) => Some(exit::explain(error, Exit::Environment)),
    };
    let interrupted = (interrupt.urgency() > Urgency::No).then_some(Exit::Interrupted);
    if options.keep && !options.quiet {
        eprintln!("what was started is left running; `harness clean` removes it, and so does the next run");
    }
    report(options, folder, stopped.or(interrupted))
}

/// Judges and reports what there is. What stopped the run comes before what it found.
fn report(options: &Options, folder: &Path, stopped: Option<Exit>) -> Exit {
    let has_trial = std::fs::read_dir(folder)
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join("trial.json").exists()));
    if let (Some(stopped), false) = (stopped, has_trial) {
        return stopped;
    }
    match judge_and_write(folder) {
        Ok(judged) => {
            print(&judged, if options.json { Format::Json } else { Format::Summary });
            if !options.json {
                println!("\nreport: {}", folder.join("report.html").display());
            }
            let found = Exit::of(judged.result.verdict);
            stopped.map_or(found, |stopped| stopped.worse(found))
        }
        Err(exit) => stopped.map_or(exit, |stopped| stopped.worse(exit)),
    }
}

fn create_folder(folder: &Path, scenario: &Scenario) -> Result<(), Exit> {
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        let help = "name another folder with --out, or none for a new one under runs/";
        let error = miette::diagnostic!(
            help = help,
            "{} holds something already, and a run is never written over",
            folder.display()
        );
        return Err(exit::explain(&error, Exit::Usage));
    }
    let created =
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join("scenario.toml"), &scenario.source));
    created.map_err(|error| {
        let help = "is the disk full, or the folder not writable? choose another with --out";
        exit::explain(
            &miette::diagnostic!(help = help, "cannot create the run's folder {}: {error}", folder.display()),
            Exit::Environment,
        )
    })
}

/// `None` where no system of the scenario needs one.
async fn open_environment(
    options: &Options,
    scenario: &Scenario,
    id: &str,
) -> Result<Option<Environment>, EnvironmentError> {
    if scenario.systems.iter().all(|system| system.broker.is_in_process()) {
        return Ok(None);
    }
    let kind = match options.environment {
        Where::Auto | Where::Containers => EnvironmentKind::Containers,
    };
    let environment = Environment::open(kind, id).await?;
    if !options.quiet {
        environment.swept().iter().for_each(|leftover| eprintln!("removed what a dead run left: {leftover}"));
    }
    if options.keep {
        environment.keep();
    }
    Ok(Some(environment))
}

/// All trials, interleaved: A B A B.
async fn carry_out(
    job: &Job<'_>,
    environment: Option<&Environment>,
    run: &RunFacts,
    interrupt: &mut Interrupt,
) -> Result<(), TrialError> {
    let Job { options, scenario, secrets, folder } = *job;
    let plan = Plan::of(scenario);
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let audience = if options.quiet { Audience::Nobody } else { Audience::at_stderr() };
    let telling = tokio::spawn(tell(receiver, audience));
    let events = Events::new(sender);
    let mut result = Ok(());
    for (index, planned) in plan.trials.iter().enumerate() {
        let Some(system) = scenario.systems.get(planned.system) else { continue };
        let (number, of) = (index + 1, plan.trials.len());
        events.tell(Event::TrialBegan { system: system.spec.name.clone(), repeat: planned.repeat, number, of });
        let began = crate::clock::now();
        let order = Order {
            scenario,
            system,
            repeat: planned.repeat,
            folder: folder.join(format!("{}-{}", system.spec.name, planned.repeat)),
            run,
            trial_id: rand::random(),
            secrets,
        };
        result = trial::run(&order, environment, &events, interrupt).await;
        events.tell(Event::TrialEnded { took: crate::clock::now().since(began) });
        if result.is_err() || interrupt.urgency() > Urgency::No {
            break;
        }
    }
    drop(events);
    let _ = telling.await;
    result
}
