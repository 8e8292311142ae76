//! A worker's life over its two streams: assignment in, work, everything recorded, done.
//! The one place that turns a name in an assignment into the client that runs.

use crate::broker::REGISTRY;
use crate::broker::client::Run;
use crate::model::Role;
use crate::worker::client::{ConsumerContext, ConsumerDiary, ProducerContext};
use crate::worker::protocol::{Assignment, FromWorker, PROTOCOL, Task, ToWorker};
use crate::worker::{Clients, Complaints, ConnectionLog, Control, Outbox, Records, SendLedger, WorkerError};
use reports::units::ConsumerId;
use std::io::BufRead;
use std::sync::Arc;

/// Serves one assignment. Returns when told to finish or when the input ends, with everything recorded.
///
/// # Errors
/// The assignment is not understood, the broker was not reached, or the journal cannot be opened. The run has been told.
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
    let clients = clients(&assignment.connection.client)?;
    let records = Records::open(&assignment.journal)?;
    let control = Arc::new(Control::default());
    let (listener, deserted) = (Arc::clone(&control), records.clone());
    let (role, answers) = (role(&assignment.task), outbox.clone());
    std::thread::spawn(move || listen(input, role, &listener, answers, &deserted));
    let connections = ConnectionLog::new(&assignment.worker, records.clone());
    let complaints = Complaints::new(outbox);
    let connection = assignment.connection.clone();
    match &assignment.task {
        Task::Produce(task) => {
            let retry = connection.policy.producer_retry;
            let ledger = SendLedger::new(task.in_flight, records.clone()).trying_again(retry, task.seed);
            let ledger = Arc::new(ledger);
            let in_flight = task.in_flight;
            let gauges = Arc::default();
            let headers = task.headers.clone();
            let context =
                ProducerContext { connection, ledger, connections, complaints, control, gauges, in_flight, headers };
            (clients.produce)(assignment, task, context, outbox)?;
        }
        Task::Consume(task) => {
            let diary = ConsumerDiary { consumer: ConsumerId(task.consumer), records: records.clone() };
            let context = ConsumerContext { connection, diary, connections, complaints, control };
            (clients.consume)(assignment, task, context, outbox)?;
        }
    }
    records.finish();
    Ok(())
}

/// The client of this name, where a worker of ours can run it.
fn clients(name: &str) -> Result<Clients, WorkerError> {
    match REGISTRY.client(name).map(|kind| kind.run()) {
        Some(Run::Native(clients)) => Ok(clients),
        Some(Run::Program(_)) => Err(WorkerError::Protocol(format!("the client {name:?} is a program of its own"))),
        None => Err(WorkerError::Protocol(format!("no client is called {name:?}"))),
    }
}

fn role(task: &Task) -> Role {
    match task {
        Task::Produce(_) => Role::Producer,
        Task::Consume(_) => Role::Consumer,
    }
}

/// Follows the run's words until it falls silent, which is an order to finish. What it is told and cannot do stays unanswered.
/// After the order to come to an end nothing is answered: the output is let go of at once, because the run waits for its end
/// before it closes the input.
fn listen(input: impl BufRead, role: Role, control: &Control, answers: Outbox, records: &Records) {
    let mut answers = Some(answers);
    for line in input.lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str::<ToWorker>(&line) {
            Ok(ToWorker::Start { at_ns }) => control.start(at_ns),
            Ok(ToWorker::Work { processing_ns }) if role == Role::Consumer => {
                control.work(processing_ns.into());
                answers.iter().for_each(|answers| answers.send(&FromWorker::Working { processing_ns }));
            }
            // It answers by its own outbox when it has left.
            Ok(ToWorker::Leave { parting }) if role == Role::Consumer => {
                answers = None;
                control.leave(parting);
            }
            Ok(ToWorker::Stop) => control.stop(),
            Ok(ToWorker::Finish) => {
                answers = None;
                control.finish();
            }
            Ok(ToWorker::Assign(_) | ToWorker::Work { .. } | ToWorker::Leave { .. }) | Err(_) => {}
        }
    }
    control.finish();
    records.desert();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{AdminTarget, Administrator};
    use crate::clock;
    use crate::model::{AckMode, Endpoints, Parting, SystemSpec};
    use crate::worker::Row;
    use crate::worker::journal::{Reader, Writing};
    use crate::worker::protocol::tests::{connection, produce_task};
    use crate::worker::protocol::{Cause, ConsumeTask, Progress};
    use reports::units::Nanos;
    use std::io::{BufReader, Cursor, PipeWriter, Write};
    use std::path::Path;
    use std::sync::Mutex;
    use std::thread::JoinHandle;
    use std::time::Duration;

    /// Collects what a worker says.
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("whole").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Heard {
        fn messages(&self) -> Vec<FromWorker> {
            let bytes = self.0.lock().expect("whole").clone();
            let text = String::from_utf8(bytes).expect("text");
            text.lines().map(|line| serde_json::from_str(line).expect("a message")).collect()
        }

        fn wait_for(&self, wanted: impl Fn(&FromWorker) -> bool) {
            while !self.messages().iter().any(&wanted) {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }

    /// What a worker answers to a first line that it does not take.
    fn refusal(first_line: &str) -> String {
        let heard = Heard::default();
        let result = serve(Cursor::new(first_line.to_owned()), &Outbox::new(heard.clone()));
        let error = result.expect_err("refused").to_string();
        let told = FromWorker::Error { message: error.clone(), cause: Cause::Work };
        assert_eq!(heard.messages(), [told]);
        error
    }

    fn assignment(topic: &str, journal: &Path, task: Task) -> Assignment {
        let mut connection = connection("memory", "in-process");
        topic.clone_into(&mut connection.topic);
        Assignment {
            protocol: PROTOCOL,
            worker: "worker-0".to_owned(),
            trial: 3,
            journal: journal.to_owned(),
            connection,
            task,
        }
    }

    fn line(message: &ToWorker) -> String {
        serde_json::to_string(message).expect("written") + "\n"
    }

    /// 100 messages in 100 ms.
    fn produce() -> Task {
        Task::Produce(produce_task(0, 1))
    }

    fn consume() -> Task {
        Task::Consume(ConsumeTask { consumer: 0, ack: AckMode::AfterProcessing, processing_ns: Nanos::ZERO })
    }

    /// A topic of the memory broker, as a run creates it.
    fn topic(name: &str) -> Box<dyn Administrator> {
        let target = AdminTarget {
            at: Endpoints::at("memory"),
            topic: name.to_owned(),
            group: name.to_owned(),
            dead_letters: None,
            partitions: 3,
            system: SystemSpec::plain("memory", &[]),
        };
        wait(async {
            let memory = REGISTRY.broker("memory").expect("in the registry");
            let mut administrator = memory.administrator(target).await.expect("connected");
            administrator.provision().await.expect("created");
            administrator
        })
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    /// A worker on a thread, spoken to over a pipe.
    struct Served {
        input: PipeWriter,
        heard: Heard,
        thread: JoinHandle<Result<(), WorkerError>>,
    }

    impl Served {
        fn new(assignment: Assignment) -> Self {
            let (reader, mut input) = std::io::pipe().expect("a pipe");
            let heard = Heard::default();
            let outbox = Outbox::new(heard.clone());
            let thread = std::thread::spawn(move || serve(BufReader::new(reader), &outbox));
            input.write_all(line(&ToWorker::Assign(Box::new(assignment))).as_bytes()).expect("said");
            heard.wait_for(|message| *message == FromWorker::Ready);
            Self { input, heard, thread }
        }

        fn say(&mut self, message: &ToWorker) {
            self.input.write_all(line(message).as_bytes()).expect("said");
        }

        fn wait_for(&self, wanted: impl Fn(&Progress) -> bool) {
            self.heard.wait_for(|message| matches!(message, FromWorker::Progress(progress) if wanted(progress)));
        }

        /// Ends the input; the worker comes to its end with everything written.
        fn leave(self) {
            drop(self.input);
            self.thread.join().expect("returned").expect("served");
            assert_eq!(self.heard.messages().last(), Some(&FromWorker::Done));
        }
    }

    fn recorded(journal: &mut Reader) -> Vec<Row> {
        std::iter::from_fn(|| journal.next(Writing::GoesOn).expect("understood")).collect()
    }

    #[test]
    fn a_first_line_that_is_no_assignment_is_refused_in_words() {
        assert!(refusal("hello\n").contains("not an assignment"));
        assert!(refusal("").contains("not an assignment"));
        assert!(refusal(&line(&ToWorker::Stop)).contains("must be an assignment"));
    }

    #[test]
    fn another_protocol_is_refused_with_both_versions() {
        let mut other = assignment("t", Path::new("nowhere"), consume());
        other.protocol = PROTOCOL + 1;
        let error = refusal(&line(&ToWorker::Assign(Box::new(other))));
        assert!(error.contains("protocol 4,") && error.contains("protocol 5"), "{error}");
    }

    #[test]
    fn a_client_that_nobody_knows_is_named() {
        let mut other = assignment("t", Path::new("nowhere"), consume());
        other.connection.client = "pigeon".to_owned();
        assert!(refusal(&line(&ToWorker::Assign(Box::new(other)))).contains("pigeon"));
    }

    #[test]
    fn a_broker_that_is_not_reached_is_told_as_an_error_of_the_work() {
        let reader = Reader::create("worker-0").expect("memory");
        let nowhere = assignment("no such topic", &reader.path(), consume());
        assert!(refusal(&line(&ToWorker::Assign(Box::new(nowhere)))).contains("no such topic"));
    }

    #[test]
    fn a_journal_that_cannot_be_opened_is_told_as_a_history_that_cannot_be_written() {
        let heard = Heard::default();
        let assigned = assignment("t", Path::new("/dev/null/nowhere"), consume());
        let input = Cursor::new(line(&ToWorker::Assign(Box::new(assigned))));
        serve(input, &Outbox::new(heard.clone())).expect_err("no journal");
        let told = heard.messages();
        assert!(matches!(told[..], [FromWorker::Error { cause: Cause::History, .. }]), "{told:?}");
    }

    #[test]
    fn what_a_producer_sends_a_consumer_receives_and_the_end_of_the_input_is_the_end() {
        let mut administrator = topic("served");
        let mut journals = [(); 2].map(|()| Reader::create("worker-0").expect("memory"));
        let consumer = Served::new(assignment("served", &journals[0].path(), consume()));
        let mut producer = Served::new(assignment("served", &journals[1].path(), produce()));
        producer.say(&ToWorker::Start { at_ns: clock::now() });
        producer.wait_for(|progress| progress.settled);
        consumer.wait_for(|progress| progress.delivered == 100);
        producer.wait_for(|progress| progress.sent == 100 && progress.acknowledged == 100);
        let states = wait(administrator.inspect()).expect("inspected");
        assert_eq!(states.iter().map(|row| (row.length, row.pending)).collect::<Vec<_>>(), [(34, 0), (33, 0), (33, 0)]);
        producer.leave();
        consumer.leave();
        let [consumed, produced] = &mut journals;
        let (received, sent) = (recorded(consumed), recorded(produced));
        let count = |rows: &[Row], wanted: fn(&Row) -> bool| rows.iter().filter(|row| wanted(row)).count();
        assert_eq!(count(&sent, |row| matches!(row, Row::Begun(_))), 100);
        assert_eq!(count(&sent, |row| matches!(row, Row::Send(_))), 100);
        assert_eq!(count(&received, |row| matches!(row, Row::Delivery(_))), 100);
        assert!(journals.iter().all(|journal| journal.finished().is_some()));
    }

    /// The run waits for the end of the output before it lets go of the input, also where both are on threads of one process.
    #[test]
    fn once_told_to_finish_it_lets_go_of_its_output_though_the_input_stays_open() {
        let _administrator = topic("let go");
        let journal = Reader::create("worker-0").expect("memory");
        let ((reader, mut input), (mut output, writer)) =
            (std::io::pipe().expect("a pipe"), std::io::pipe().expect("another"));
        let outbox = Outbox::new(writer);
        let thread = std::thread::spawn(move || serve(BufReader::new(reader), &outbox));
        let assign = ToWorker::Assign(Box::new(assignment("let go", &journal.path(), consume())));
        for message in [&assign, &ToWorker::Finish] {
            input.write_all(line(message).as_bytes()).expect("said");
        }
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(std::io::read_to_string(&mut output)));
        let said = told.recv_timeout(Duration::from_secs(30)).expect("the output has ended").expect("read");
        assert!(said.trim_end().ends_with(r#"{"type":"done"}"#), "{said}");
        thread.join().expect("returned").expect("served");
        drop(input);
    }

    #[test]
    fn a_consumer_says_how_long_it_works_from_now_on_and_that_it_has_left() {
        let _administrator = topic("left");
        let reader = Reader::create("worker-0").expect("memory");
        let mut consumer = Served::new(assignment("left", &reader.path(), consume()));
        consumer.say(&ToWorker::Work { processing_ns: Nanos(5) });
        consumer.heard.wait_for(|message| *message == FromWorker::Working { processing_ns: Nanos(5) });
        consumer.say(&ToWorker::Leave { parting: Parting::DeleteConsumer });
        let Served { input, heard, thread } = consumer;
        thread.join().expect("returned").expect("served");
        // This broker keeps no names, so that none was deleted.
        assert_eq!(
            heard.messages().split_last_chunk::<2>().expect("two").1,
            &[FromWorker::Left { deleted: None }, FromWorker::Done]
        );
        drop(input);
    }

    #[test]
    fn a_producer_does_not_answer_what_only_consumers_can_do() {
        let _administrator = topic("unanswered");
        let reader = Reader::create("worker-0").expect("memory");
        let mut producer = Served::new(assignment("unanswered", &reader.path(), produce()));
        producer.say(&ToWorker::Work { processing_ns: Nanos(5) });
        producer.say(&ToWorker::Leave { parting: Parting::KeepName });
        producer.say(&ToWorker::Finish);
        let Served { input, heard, thread } = producer;
        thread.join().expect("returned").expect("served");
        let answered = |said: &FromWorker| matches!(said, FromWorker::Working { .. } | FromWorker::Left { .. });
        assert!(!heard.messages().iter().any(answered), "{:?}", heard.messages());
        drop(input);
    }

    #[test]
    fn a_line_that_is_not_understood_is_passed_over_and_finish_ends_the_work() {
        let _administrator = topic("finished");
        let reader = Reader::create("worker-0").expect("memory");
        let mut producer = Served::new(assignment("finished", &reader.path(), produce()));
        producer.input.write_all(b"{\"type\":\"juggle\"}\n").expect("said");
        producer.say(&ToWorker::Finish);
        let Served { input, heard, thread } = producer;
        thread.join().expect("returned").expect("served");
        assert_eq!(heard.messages().last(), Some(&FromWorker::Done));
        drop(input);
    }
}
