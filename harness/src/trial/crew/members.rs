//! The crew itself: its members are spawned, spoken to, listened to, and never left behind.

use super::consuming::Consuming;
use super::post::{Housing, Post, SpawnError};
use super::readings::{ClientsNow, Readings};
use super::request::Request;
use super::worker::{Life, Standing, Worker};
use crate::environment::started_on;
use crate::serve::serve;
use crate::trial::scribe::{DueTimes, Scribe};
use crate::worker::Outbox;
use crate::worker::journal::Reader;
use crate::worker::protocol::{Assignment, Cause, FromWorker, Progress, ToWorker};
use reports::facts::FileFacts;
use reports::history::Gauge;
use reports::units::Nanos;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

enum Heard {
    Said(FromWorker),
    Silent,
    /// Its journal says what its assignment contradicts.
    Contradicted(String),
}

/// All workers of a trial. Dropping it kills what still runs.
pub(in crate::trial) struct Crew {
    pub(super) workers: Vec<Worker>,
    heard: UnboundedReceiver<(usize, Heard)>,
    ear: UnboundedSender<(usize, Heard)>,
    /// What faults ask for.
    pub(super) requests: UnboundedReceiver<Request>,
    troubles: Vec<String>,
    /// What clients have said of themselves, until somebody takes it.
    gauges: Vec<Gauge>,
    /// What scribes have read, for whoever watches.
    pub(super) readings: Readings,
    /// What makes the trial another than the planned one: workers that ended before they were told to, or kept no schedule.
    losses: Vec<String>,
    unwritten: Option<String>,
    /// What may be spawned later, when a fault asks for it.
    pub(super) reserve: Vec<Post>,
    /// Files of successors that nobody has written down yet, and those of workers that were followed by others.
    pub(super) new_files: Vec<FileFacts>,
    pub(super) closed_files: Vec<FileFacts>,
    /// The schedule's begin, and whether nothing new is to be sent: what a successor must be told too.
    pub(super) began: Arc<OnceLock<Nanos>>,
    pub(super) stopped: bool,
}

impl Crew {
    /// Nobody yet. `requests` is what faults ask for.
    pub(in crate::trial) fn new(requests: UnboundedReceiver<Request>) -> Self {
        let (ear, heard) = unbounded_channel();
        Self {
            workers: Vec::new(),
            heard,
            ear,
            requests,
            troubles: Vec::new(),
            gauges: Vec::new(),
            readings: Readings::default(),
            losses: Vec::new(),
            unwritten: None,
            reserve: Vec::new(),
            new_files: Vec::new(),
            closed_files: Vec::new(),
            began: Arc::default(),
            stopped: false,
        }
    }

    /// Spawns a worker with a journal of its own, whose rows go to the history of the trial, and gives it its assignment.
    ///
    /// # Errors
    /// There is no memory for the journal, a file cannot be created, or the process not be started.
    pub(in crate::trial) fn spawn(&mut self, post: Post) -> Result<(), SpawnError> {
        let (name, writer) = (post.assignment.worker.clone(), post.writer());
        let failed = |source| SpawnError::Process { worker: name.clone(), source };
        let index = self.workers.len();
        let reader = Reader::create(&name).map_err(|error| failed(std::io::Error::other(error)))?;
        let assignment = Assignment { journal: reader.path(), ..post.assignment.clone() };
        let contradicted = self.ear.clone();
        let due = DueTimes::of(&assignment, Arc::clone(&self.began), move |wrong| {
            let _ = contradicted.send((index, Heard::Contradicted(wrong)));
        });
        let ear = self.ear.clone();
        let scribe = Scribe::watching(reader, (&post.folder, &writer, post.tables), due, move |error| {
            let (message, cause) = (error.to_string(), Cause::History);
            let _ = ear.send((index, Heard::Said(FromWorker::Error { message, cause })));
        });
        let scribe = scribe.map_err(SpawnError::History)?;
        let (input, life) = match &post.housing {
            Housing::Process(program) => self.spawn_process(index, program, &post).map_err(failed)?,
            Housing::Thread => self.spawn_thread(index).map_err(failed)?,
        };
        self.workers.push(Worker {
            post,
            input: Some(input),
            life,
            scribe: Some(scribe),
            progress: Progress::default(),
            state: Standing::Starting,
            complaint: None,
            works: None,
            told_to_leave: false,
            left: None,
        });
        self.say(index, &ToWorker::Assign(Box::new(assignment)));
        Ok(())
    }

    /// Keeps a post that nobody has yet, until a fault asks for it.
    pub(in crate::trial) fn reserve(&mut self, post: Post) {
        self.reserve.push(post);
    }

    fn spawn_process(
        &self,
        index: usize,
        program: &[String],
        post: &Post,
    ) -> std::io::Result<(Box<dyn Write + Send>, Life)> {
        let log = File::create(post.logs.join(format!("{}.log", post.writer())))?;
        let [program, arguments @ ..] = program else { return Err(std::io::Error::other("no program is named")) };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(post.labels.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // A Ctrl-C on the terminal is the run's to handle; a worker leaves when the run says so or falls silent.
            .process_group(0);
        let mut child = started_on(post.cores, || command.spawn())
            .map_err(|error| std::io::Error::new(error.kind(), format!("{program}: {error}")))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("the worker's streams were not piped"));
        };
        self.listen(index, output);
        Ok((Box::new(input), Life::Process(child)))
    }

    fn spawn_thread(&self, index: usize) -> std::io::Result<(Box<dyn Write + Send>, Life)> {
        let (worker_input, input) = std::io::pipe()?;
        let (output, worker_output) = std::io::pipe()?;
        std::thread::spawn(move || {
            let outbox = Outbox::new(worker_output);
            // The run hears of an error over the outbox.
            let _ = serve(BufReader::new(worker_input), &outbox);
        });
        self.listen(index, output);
        Ok((Box::new(input), Life::Thread))
    }

    fn listen(&self, index: usize, output: impl std::io::Read + Send + 'static) {
        let ear = self.ear.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { break };
                if let Ok(message) = serde_json::from_str(&line)
                    && ear.send((index, Heard::Said(message))).is_err()
                {
                    return;
                }
            }
            let _ = ear.send((index, Heard::Silent));
        });
    }

    /// Process ids with names, of those that are processes and run.
    pub(in crate::trial) fn processes(&self) -> Vec<(String, u32)> {
        self.workers.iter().filter_map(|worker| Some((worker.name().to_owned(), worker.pid()?))).collect()
    }

    /// Waits until every worker is ready.
    ///
    /// # Errors
    /// One said that it cannot, died, or was not ready in time; in words.
    pub(in crate::trial) async fn await_ready(&mut self, patience: Duration) -> Result<(), String> {
        let deadline = Instant::now() + patience;
        loop {
            let waiting: Vec<&str> =
                self.workers.iter().filter(|worker| worker.state == Standing::Starting).map(Worker::name).collect();
            if let Some(trouble) = self.first_trouble() {
                return Err(trouble.to_owned());
            }
            if waiting.is_empty() {
                return Ok(());
            }
            let timed_out = format!("{} not ready after {patience:?}", waiting.join(", "));
            let remaining = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(remaining, self.heard.recv()).await {
                Ok(Some((index, heard))) => self.note(index, heard),
                Ok(None) | Err(_) => return Err(timed_out),
            }
        }
    }

    /// Takes in what the workers have said since; never waits.
    pub(in crate::trial) fn catch_up(&mut self) {
        while let Ok((index, heard)) = self.heard.try_recv() {
            self.note(index, heard);
        }
    }

    /// The schedule begins at this instant.
    pub(in crate::trial) fn start(&mut self, at_ns: Nanos) {
        let _ = self.began.set(at_ns);
        self.say_all(&ToWorker::Start { at_ns });
    }

    /// Nothing new is to be sent.
    pub(in crate::trial) fn stop(&mut self) {
        self.stopped = true;
        self.say_all(&ToWorker::Stop);
    }

    /// Totals over all workers.
    pub(in crate::trial) fn progress(&self) -> Progress {
        let mut total = Progress { settled: true, ..Progress::default() };
        for worker in &self.workers {
            total.sent += worker.progress.sent;
            total.acknowledged += worker.progress.acknowledged;
            total.failed += worker.progress.failed;
            total.indeterminate += worker.progress.indeterminate;
            total.delivered += worker.progress.delivered;
        }
        // Of who has been followed its successor tells.
        let is_through = |worker: &Worker| worker.progress.settled || worker.state.has_left();
        total.settled = self.producers().all(is_through);
        total
    }

    /// The clients now. To be asked twice a second.
    pub(in crate::trial) fn clients_now(&mut self) -> ClientsNow {
        let mut now = ClientsNow::default();
        for worker in &self.workers {
            let lately = worker.scribe.as_ref().map(Scribe::lately).unwrap_or_default();
            now.clients += usize::from(worker.is_wanted());
            now.connected += usize::from(worker.is_connected(&lately));
            self.readings.add(lately);
        }
        now.p99 = self.readings.look();
        now.reasons = self.readings.reasons();
        now
    }

    /// Whether no producer is left to send anything.
    pub(in crate::trial) fn has_no_producers(&self) -> bool {
        self.producers().all(|worker| matches!(worker.state, Standing::Gone | Standing::Succeeded))
    }

    /// Whether somebody is there to consume.
    pub(in crate::trial) fn consuming(&self) -> Consuming {
        Consuming::of(&self.workers)
    }

    fn producers(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(|worker| worker.name().starts_with("producer"))
    }

    /// What the first worker said whose part of the history could not be written.
    pub(in crate::trial) fn unwritten(&self) -> Option<&str> {
        self.unwritten.as_deref()
    }

    /// What went wrong first, of what has not been taken.
    pub(in crate::trial) fn first_trouble(&self) -> Option<&str> {
        self.troubles.first().map(String::as_str)
    }

    /// What went wrong so far; each is returned once.
    pub(in crate::trial) fn take_troubles(&mut self) -> Vec<String> {
        std::mem::take(&mut self.troubles)
    }

    /// What clients have said of themselves since this was last called.
    pub(in crate::trial) fn take_gauges(&mut self) -> Vec<Gauge> {
        std::mem::take(&mut self.gauges)
    }

    /// What makes the trial another than the planned one, since it was asked last.
    pub(in crate::trial) fn take_losses(&mut self) -> Vec<String> {
        std::mem::take(&mut self.losses)
    }

    /// Lets every worker come to its end. Who has not come to it in time is killed, and that is a trouble. Returns the files
    /// that were written, with their ends.
    pub(in crate::trial) async fn finish(&mut self, patience: Duration) -> Vec<FileFacts> {
        self.say_all(&ToWorker::Finish);
        let deadline = Instant::now() + patience;
        while self.workers.iter().any(|worker| !worker.state.has_left()) {
            let remaining = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(remaining, self.heard.recv()).await {
                Ok(Some((index, heard))) => self.note(index, heard),
                Ok(None) | Err(_) => break,
            }
        }
        for worker in &mut self.workers {
            if matches!(worker.state, Standing::Starting | Standing::Ready) {
                self.troubles.push(format!("{} did not finish within {patience:?} and was killed", worker.name()));
                // Its silence says nothing new.
                worker.state = Standing::Left;
            }
            worker.end();
        }
        let scribes: Vec<Scribe> = self.workers.iter_mut().filter_map(|worker| worker.scribe.take()).collect();
        let mut files = std::mem::take(&mut self.closed_files);
        files.extend(scribes.into_iter().flat_map(Scribe::finish));
        // What scribes have complained of at the end.
        self.catch_up();
        self.workers.clear();
        files
    }

    fn say_all(&mut self, message: &ToWorker) {
        for index in 0..self.workers.len() {
            self.say(index, message);
        }
    }

    /// A worker that cannot be spoken to has died, which its silence tells.
    pub(super) fn say(&mut self, index: usize, message: &ToWorker) {
        let Some(input) = self.workers.get_mut(index).and_then(|worker| worker.input.as_mut()) else { return };
        let Ok(mut line) = serde_json::to_vec(message) else { return };
        line.push(b'\n');
        let _ = input.write_all(&line).and_then(|()| input.flush());
    }

    fn note(&mut self, index: usize, heard: Heard) {
        let Some(worker) = self.workers.get_mut(index) else { return };
        match heard {
            // What it said before its death, heard after it, changes nothing.
            Heard::Said(FromWorker::Ready) if worker.state == Standing::Starting => worker.state = Standing::Ready,
            Heard::Said(FromWorker::Ready) => {}
            Heard::Said(FromWorker::Progress(progress)) => worker.progress = progress,
            Heard::Said(FromWorker::Gauges { at_ns: at, values }) => {
                let subject = worker.name().to_owned();
                let row = |(metric, value)| Gauge { at, metric, subject: subject.clone(), value };
                self.gauges.extend(values.into_iter().map(row));
            }
            // A disk that is full is told of when it refuses a row, and again when the worker ends.
            Heard::Said(FromWorker::Error { message, .. }) if worker.complaint.as_ref() == Some(&message) => {}
            Heard::Said(FromWorker::Error { message, cause }) => {
                let trouble = format!("{}: {message}", worker.name());
                if cause == Cause::History {
                    self.unwritten.get_or_insert_with(|| trouble.clone());
                }
                self.troubles.push(trouble);
                worker.complaint = Some(message);
            }
            Heard::Said(FromWorker::Working { processing_ns }) => worker.works = Some(processing_ns),
            Heard::Said(FromWorker::Left { deleted }) => worker.left = Some(deleted).filter(|_| worker.told_to_leave),
            Heard::Said(FromWorker::Done) => worker.state = Standing::Done,
            Heard::Contradicted(wrong) => {
                self.troubles.push(wrong.clone());
                self.losses.push(wrong);
            }
            Heard::Silent if worker.state == Standing::Dying => worker.reap(),
            Heard::Silent if matches!(worker.state, Standing::Killed(_) | Standing::Succeeded | Standing::Gone) => {}
            Heard::Silent if let (Standing::Done, Some(deleted)) = (&worker.state, worker.left) => {
                worker.state = Standing::Departed(deleted);
                worker.end();
            }
            Heard::Silent if matches!(worker.state, Standing::Done | Standing::Left) => {
                worker.state = Standing::Left;
                worker.end();
            }
            Heard::Silent => {
                worker.state = Standing::Gone;
                worker.end();
                let loss = format!("{} ended before it was told to", worker.name());
                if worker.complaint.is_none() {
                    self.troubles.push(loss.clone());
                }
                self.losses.push(loss);
            }
        }
    }
}
