//! The world: broker, network and clients in virtual time. It writes the history that workers would write, and notes the truth.
//! From here plans are read and truth is noted; nothing is judged.
//! To play one more kind of broker: copy `entries.rs`, and give it its arms in `request` and in `closing.rs`.

mod agenda;
mod answering;
mod closing;
mod consuming;
mod entries;
mod event;
mod facts;
mod log;
mod network;
mod parts;
mod producing;
mod queue;
mod reading;
mod session;
mod state;
mod storing;

pub(crate) use facts::MESSAGE_BYTES;
pub use state::Trial;

use crate::plan::{BrokerKind, Plan, Refusal};
use answering::Leaves;
use event::{Event, Reply, What};
use network::Way;
use parts::Open;
use reports::units::Nanos;
use state::World;

/// Lets a plan happen.
pub fn run(plan: &Plan) -> Trial {
    let mut world = World::new(plan);
    world.begin();
    while let Some((at, event)) = world.agenda.next() {
        world.now = at;
        world.happens(event);
        if world.over {
            break;
        }
    }
    world.close()
}

impl World<'_> {
    fn begin(&mut self) {
        for client in 0..self.plan.shape.clients() {
            let at = self.now.plus(Nanos(client as u64 * 1000));
            self.agenda.at(at, Event::Attempt { client, epoch: 0 });
            if let Some(at) = self.plan.kills[client] {
                self.agenda.at(at, Event::Kill { client });
            }
        }
        for producer in 0..self.plan.shape.producers {
            self.agenda.at(self.plan.load.warm_up, Event::Due { producer });
        }
        for (index, fault) in self.plan.faults.iter().enumerate() {
            self.agenda.at(fault.on(), Event::Fault { index, begins: true });
            self.agenda.at(fault.off(), Event::Fault { index, begins: false });
        }
        if let Some(storm) = self.plan.storm {
            self.agenda.at(storm.from, Event::Storm { client: storm.client });
        }
        if let Some((at, _)) = self.plan.bugs.forgets {
            self.agenda.at(at, Event::Forget);
        }
        if let Some(share) = self.plan.ending.interrupted {
            self.agenda.at(self.plan.load.at(share), Event::Interrupt);
        }
        self.agenda.at(self.plan.load.to, Event::DrainCheck);
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Fault { index, begins: true } => self.fault_begins(index),
            Event::Fault { index, begins: false } => self.fault_ends(index),
            Event::Attempt { client, epoch } => self.attempt(client, epoch),
            Event::AttemptEnds { client, epoch, connected } => self.attempt_ends(client, epoch, connected),
            Event::Broken { client, epoch } => self.broken(client, epoch, "connection reset"),
            Event::Gone { client, epoch } => self.gone(client, epoch),
            Event::Due { producer } => self.send_due(producer),
            Event::GiveUp { producer, message } => self.give_up(producer, message),
            Event::Request { client, epoch, id, what } => self.request(client, epoch, id, what),
            Event::Reply { client, epoch, id, reply } => self.reply(client, epoch, id, reply),
            Event::Timeout { client, epoch, id } => self.timeout(client, epoch, id),
            Event::Processed { consumer, epoch, generation, entries } => {
                self.processed(consumer, epoch, generation, entries);
            }
            Event::Unblock { client, id } => self.unblock(client, id),
            Event::SessionEnds { consumer, lapse } => self.session_ends(consumer, lapse),
            Event::Assigned { client, epoch, generation, partitions } => {
                self.assigned(client, epoch, generation, partitions);
            }
            Event::Storm { client } => self.storm_begins(client),
            Event::Forget => self.forget(),
            Event::Kill { client } => self.kill(client),
            Event::DrainCheck => self.drain_check(),
            Event::Interrupt => self.over = true,
        }
    }

    /// A client asks the broker; nothing happens where it has no connection.
    fn ask(&mut self, client: usize, what: What, patience: Nanos) {
        let now = self.now;
        let Some(epoch) = self.sessions[client].epoch_up() else { return };
        self.requests += 1;
        let id = self.requests;
        self.agenda.at(now.plus(patience), Event::Timeout { client, epoch, id });
        self.sessions[client].open.insert(id, Open { what: what.clone(), asked: now });
        let way = network::one_way(self.plan, &mut self.chance, client, now);
        let proxy = now.plus(Nanos(way.0 / 2));
        if network::cut_between(self.plan, client, now, proxy).is_some() {
            return;
        }
        match Way::at(self.plan, client, proxy) {
            Way::Open => {
                let at = self.sessions[client].in_order_there(now.plus(way));
                self.agenda.at(at, Event::Request { client, epoch, id, what });
            }
            Way::Closed => self.agenda.at(proxy.plus(Nanos(way.0 / 2)), Event::Broken { client, epoch }),
            Way::Refused | Way::Silent => {}
        }
    }

    /// The broker answers a client's request.
    fn answer(&mut self, client: usize, epoch: u32, id: u64, reply: Reply) {
        self.tell_client(client, epoch, Event::Reply { client, epoch, id, reply });
    }

    /// The broker says something to a client. Answers to settlements may overtake each other; all else comes in order.
    fn tell_client(&mut self, client: usize, epoch: u32, event: Event) {
        let Leaves::After(late) = self.leaves(&event) else { return };
        let now = self.now.plus(late);
        let way = network::one_way(self.plan, &mut self.chance, client, now);
        let proxy = now.plus(Nanos(way.0 / 2));
        if network::cut_between(self.plan, client, self.now, proxy).is_some() {
            return;
        }
        match Way::at(self.plan, client, proxy) {
            Way::Open => {
                let settles = matches!(event, Event::Reply { reply: Reply::Acked(_) | Reply::Committed(_), .. });
                let at = now.plus(way);
                let at = if settles { at } else { self.sessions[client].in_order_back(at) };
                self.agenda.at(at, event);
            }
            Way::Closed => self.agenda.at(proxy.plus(Nanos(way.0 / 2)), Event::Broken { client, epoch }),
            Way::Refused | Way::Silent => {}
        }
    }

    /// A request reaches the broker.
    fn request(&mut self, client: usize, epoch: u32, id: u64, what: What) {
        let refused = self.refusal(&what).map(|refusal| (refusal, answering::refusal_of(&what)));
        let reply = match refused {
            Some((Refusal::Kept, reply)) => Some(reply),
            Some((Refusal::Taken, reply)) => self.handle(client, epoch, id, what).map(|_| reply),
            None => self.handle(client, epoch, id, what),
        };
        if let Some(reply) = reply {
            self.answer(client, epoch, id, reply);
        }
        self.wake_readers();
    }

    /// The broker does what it is asked to.
    fn handle(&mut self, client: usize, epoch: u32, id: u64, what: What) -> Option<Reply> {
        if let What::Send(message) = what {
            return Some(self.store(message));
        }
        match self.plan.shape.kind {
            BrokerKind::Log => self.log_request(client, epoch, id, what),
            BrokerKind::Entries => self.entries_request(client, epoch, id, what),
            BrokerKind::Queue => self.queue_request(client, epoch, id, what),
        }
    }

    /// An answer reaches the client, which may have stopped waiting.
    fn reply(&mut self, client: usize, epoch: u32, id: u64, reply: Reply) {
        if self.sessions[client].epoch_up() != Some(epoch) {
            return;
        }
        let Some(open) = self.sessions[client].open.remove(&id) else { return };
        match (open.what, reply) {
            (What::Send(message), Reply::Stored(position)) => self.stored(message, position),
            (What::Send(message), _) => self.refused(message),
            (what, reply) => self.consumer_reply(client, epoch, &what, open.asked, reply),
        }
    }

    fn timeout(&mut self, client: usize, epoch: u32, id: u64) {
        if self.sessions[client].epoch_up() == Some(epoch) && self.sessions[client].open.contains_key(&id) {
            self.broken(client, epoch, "timed out");
        }
    }

    /// Somebody was killed: nothing more comes of it, and what it had begun has no end.
    fn kill(&mut self, client: usize) {
        self.sessions[client].dead = true;
        if let Some(epoch) = self.sessions[client].epoch_up() {
            if let Some((_, until @ None)) = self.truth.connected[client].last_mut() {
                *until = Some(self.now);
            }
            self.agenda.at(self.now.plus(self.plan.policy.one_way), Event::Gone { client, epoch });
        }
        if client < self.plan.shape.producers {
            self.abandon_sends(client, "its producer was killed");
        }
        self.sessions[client].die();
    }
}
