//! A worker's life over its two streams: assignment in, work, everything written, done.

use super::client::{ConsumerContext, ConsumerDiary, ProducerContext};
use super::connections::ConnectionLog;
use super::control::Control;
use super::ledger::Ledger;
use super::protocol::{Assignment, Cause, FromWorker, PROTOCOL, Task, ToWorker};
use super::record::{Recorder, Tables};
use super::{WorkerError, protocol};
use crate::broker;
use reports::units::ConsumerId;
use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The way to the run. A line that cannot be written is dropped: the run is gone, and end of input will say so.
#[derive(Clone)]
pub struct Outbox(Arc<Mutex<Box<dyn Write + Send>>>);

impl Outbox {
    /// Over this stream.
    pub fn new(output: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(output))))
    }

    /// Sends one line.
    pub fn send(&self, message: &FromWorker) {
        let Ok(mut line) = serde_json::to_vec(message) else { return };
        line.push(b'\n');
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.write_all(&line).and_then(|()| output.flush());
    }

    fn complain(&self, error: &WorkerError) {
        let cause = if matches!(error, WorkerError::History(_)) { Cause::History } else { Cause::Work };
        self.send(&FromWorker::Error { message: error.to_string(), cause });
    }
}

/// Serves one assignment. Returns when told to finish or when the input ends, with everything written.
///
/// # Errors
/// The assignment is not understood, the broker was not reached, or the history could not be written. The run has been told.
pub fn serve(mut input: impl BufRead + Send + 'static, outbox: &Outbox) -> Result<(), WorkerError> {
    let result = read_assignment(&mut input).and_then(|assignment| work(input, &assignment, outbox));
    match &result {
        Ok(()) => outbox.send(&FromWorker::Done),
        Err(error) => outbox.complain(error),
    }
    result
}

fn read_assignment(input: &mut impl BufRead) -> Result<Assignment, WorkerError> {
    let mut line = String::new();
    input.read_line(&mut line).map_err(|error| WorkerError::Protocol(format!("the input cannot be read: {error}")))?;
    match serde_json::from_str(&line) {
        Ok(ToWorker::Assign(assignment)) if assignment.protocol == PROTOCOL => Ok(*assignment),
        Ok(ToWorker::Assign(assignment)) => Err(WorkerError::Protocol(format!(
            "this worker speaks protocol {PROTOCOL}, the assignment is in protocol {}",
            assignment.protocol
        ))),
        Ok(_) => Err(WorkerError::Protocol("the first line must be an assignment".to_owned())),
        Err(error) => Err(WorkerError::Protocol(format!("the first line is not an assignment: {error}"))),
    }
}

fn work(input: impl BufRead + Send + 'static, assignment: &Assignment, outbox: &Outbox) -> Result<(), WorkerError> {
    let broker = broker::find(&assignment.connection.broker)
        .ok_or_else(|| WorkerError::Protocol(format!("no broker is called {:?}", assignment.connection.broker)))?;
    let control = Arc::new(Control::default());
    let listener = Arc::clone(&control);
    std::thread::spawn(move || listen(input, &listener));
    let tables = match assignment.task {
        Task::Produce(_) => Tables::Producer,
        Task::Consume(_) => Tables::Consumer,
    };
    let complaints = outbox.clone();
    let recorder = Recorder::start(&assignment.trial_folder, &assignment.worker, tables, move |error| {
        complaints.send(&FromWorker::Error { message: error.to_string(), cause: Cause::History });
    })?;
    let connections = ConnectionLog::new(&assignment.worker, recorder.records());
    let connection = assignment.connection.clone();
    match &assignment.task {
        Task::Produce(task) => {
            let ledger = Arc::new(Ledger::new(task.in_flight, recorder.records()));
            let context = ProducerContext { connection, ledger, connections, control, in_flight: task.in_flight };
            broker.produce(assignment, task, context, outbox)?;
        }
        Task::Consume(task) => {
            let diary = ConsumerDiary { consumer: ConsumerId(task.consumer), records: recorder.records() };
            let context = ConsumerContext { connection, diary, connections, control };
            broker.consume(assignment, task, context, outbox)?;
        }
    }
    recorder.finish()?;
    Ok(())
}

/// Follows the run's words until it falls silent, which is an order to finish.
fn listen(input: impl BufRead, control: &Control) {
    for line in input.lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str::<protocol::ToWorker>(&line) {
            Ok(ToWorker::Start { at_ns }) => control.start(at_ns),
            Ok(ToWorker::Stop) => control.stop(),
            Ok(ToWorker::Finish) => break,
            Ok(ToWorker::Assign(_)) | Err(_) => {}
        }
    }
    control.finish();
}
