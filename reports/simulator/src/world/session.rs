//! A client's connection: lost, tried again by the backoff that it declares, open.

use super::event::Event;
use super::network::{Way, cut_between, one_way, silence_ends};
use super::parts::State;
use super::state::World;
use crate::plan::{FaultKind, FaultPlan, Manners};
use crate::truth::Breach;
use reports::facts::Cut;
use reports::history::{Connection, ConnectionEvent};
use reports::units::Nanos;

/// How long a connection lasts in a storm.
const SHORT: Nanos = Nanos::from_millis(1);

/// How long after a heal connections may not last.
const SHAKY: Nanos = Nanos::from_secs(3);
/// Who tries at once takes this long.
const AT_ONCE: Nanos = Nanos(50_000);

impl World<'_> {
    pub(super) fn note_connection(&mut self, client: usize, event: ConnectionEvent, error: Option<&str>) {
        self.rows.connections.push(Connection {
            client: self.plan.shape.name(client),
            peer: "main".to_owned(),
            event,
            at: self.now,
            error: error.map(str::to_owned),
        });
    }

    pub(super) fn attempt(&mut self, client: usize, epoch: u32) {
        let session = &mut self.sessions[client];
        if session.dead || session.epoch != epoch || session.state != State::Down {
            return;
        }
        (session.state, session.tried_at) = (State::Trying, self.now);
        self.truth.attempts[client].push(self.now);
        self.note_connection(client, ConnectionEvent::Connecting, None);
        let now = self.now;
        let way = one_way(self.plan, &mut self.chance, client, now);
        let proxy = now.plus(Nanos(way.0 / 2));
        let timeout = now.plus(self.plan.policy.envelope.connect_timeout);
        let answered = now.plus(Nanos(way.0 * 2));
        let cut = cut_between(self.plan, client, now, answered);
        let (at, connected) = match Way::at(self.plan, client, proxy) {
            Way::Refused | Way::Closed => (proxy.plus(Nanos(way.0 / 2)), false),
            // The proxy takes the connection, and closes it when the silence is over.
            Way::Silent => (timeout.min(silence_ends(self.plan, client, proxy).plus(way)), false),
            Way::Open => match cut {
                Some(fault) if fault.kind == FaultKind::Cut(Cut::Refused) => (fault.on(), false),
                Some(fault) => (timeout.min(fault.off()), false),
                None if answered > timeout => (timeout, false),
                None => (answered, Way::at(self.plan, client, now.plus(Nanos(way.0 * 3 / 2))) == Way::Open),
            },
        };
        self.agenda.at(at, Event::AttemptEnds { client, epoch, connected });
    }

    pub(super) fn attempt_ends(&mut self, client: usize, epoch: u32, connected: bool) {
        let now = self.now;
        let session = &mut self.sessions[client];
        if session.dead || session.epoch != epoch || session.state != State::Trying {
            return;
        }
        if !connected {
            session.state = State::Down;
            session.waits += 1;
            self.note_connection(client, ConnectionEvent::AttemptFailed, Some("connection refused"));
            self.try_again(client);
            return;
        }
        session.state = State::Up;
        session.waits = 0;
        session.connected_at = now;
        self.truth.connected[client].push((now, None));
        self.note_connection(client, ConnectionEvent::Connected, None);
        if let Some(lasting) = self.lasts(client) {
            self.agenda.at(now.plus(lasting), Event::Broken { client, epoch });
        }
        match client.checked_sub(self.plan.shape.producers) {
            None => self.send_waiting(client),
            Some(consumer) => self.consumer_connected(consumer),
        }
    }

    /// A client's connection is gone, as it sees it.
    pub(super) fn broken(&mut self, client: usize, epoch: u32, why: &str) {
        let now = self.now;
        let first = self.plan.policy.envelope.first;
        let session = &mut self.sessions[client];
        if session.dead || session.epoch != epoch {
            return;
        }
        if session.state != State::Up {
            return;
        }
        let open = std::mem::take(&mut session.open);
        session.state = State::Down;
        session.epoch += 1;
        // Who has just come back waits before it tries again; who was connected for long may try at once.
        let steady = now.since(session.connected_at) > Nanos(first.0 * 4);
        session.waits = 0;
        if let Some((_, until)) = self.truth.connected[client].last_mut() {
            *until = Some(now);
        }
        self.note_connection(client, ConnectionEvent::Lost, Some(why));
        self.agenda.at(self.told_broker(client), Event::Gone { client, epoch });
        match client.checked_sub(self.plan.shape.producers) {
            None => self.sends_in_doubt(open),
            Some(consumer) => self.settlements_in_doubt(consumer, open),
        }
        if self.plan.manners[client] == Manners::Gone && now >= self.plan.load.from {
            return;
        }
        let at_once = (steady && self.chance.happens(0.5)) || self.storms(client);
        if at_once || self.forgets(client) {
            let epoch = self.sessions[client].epoch;
            self.agenda.at(now.plus(AT_ONCE), Event::Attempt { client, epoch });
        } else {
            self.sessions[client].waits = 1;
            self.try_again(client);
        }
    }

    /// How long a connection that is open now will last, where that is known.
    fn lasts(&self, client: usize) -> Option<Nanos> {
        let brief = || {
            let brief = self.plan.habits.brief?;
            let cut = |fault: &&FaultPlan| matches!(fault.kind, FaultKind::Cut(_)) && !fault.hollow;
            let of_client = |fault: &&FaultPlan| fault.clients.contains(&client) && fault.off() <= self.now;
            let healed = self.plan.faults.iter().filter(cut).filter(of_client).map(FaultPlan::off).max()?;
            let since = self.truth.connected[client].iter().filter(|(from, _)| *from >= healed).count();
            (since <= brief.connections && self.now.since(healed) < SHAKY).then_some(brief.lasting)
        };
        if self.storms(client) { Some(SHORT) } else { brief() }
    }

    /// Being connected for a moment has ended its backoff. Notes the breach where that moment was shorter than its first wait.
    fn forgets(&mut self, client: usize) -> bool {
        if !self.plan.habits.forgetful[client] {
            return false;
        }
        let (envelope, session, now) = (&self.plan.policy.envelope, &self.sessions[client], self.now);
        let first = Nanos((envelope.first.0 as f64 * (1.0 - envelope.jitter_below)) as u64);
        // The wait may have been counted from the begin of the attempt that opened the connection.
        let waited = now.plus(AT_ONCE).plus(envelope.resolution).since(session.tried_at);
        let short = now.since(session.connected_at).plus(envelope.resolution) < first;
        if short {
            self.truth.breaches.push(Breach { client, at: now.plus(AT_ONCE), clear: waited < first });
        }
        true
    }

    /// Its connections do not last at the moment, and it does not wait.
    fn storms(&self, client: usize) -> bool {
        self.plan.storm.is_some_and(|storm| storm.client == client && storm.from <= self.now && self.now < storm.to)
    }

    /// A storm begins: the connection that lasted is gone.
    pub(super) fn storm_begins(&mut self, client: usize) {
        if let Some(epoch) = self.sessions[client].epoch_up() {
            self.broken(client, epoch, "connection closed");
        }
    }

    /// When the broker learns that a connection is gone.
    fn told_broker(&self, client: usize) -> Nanos {
        silence_ends(self.plan, client, self.now).plus(self.plan.policy.one_way)
    }

    /// The next attempt, after the wait that is due.
    fn try_again(&mut self, client: usize) {
        let envelope = self.plan.policy.envelope;
        let session = &self.sessions[client];
        let (epoch, waits) = (session.epoch, session.waits.max(1));
        let base = (envelope.first.0 as f64 * envelope.factor.powi(waits as i32 - 1)).min(envelope.max.0 as f64);
        let manner = match self.plan.manners[client] {
            Manners::Hasty => 0.1,
            Manners::Tardy => 3.0,
            Manners::Honest | Manners::Gone => 1.0,
        };
        let jitter = self.chance.share(1.0 - envelope.jitter_below, 1.0 + envelope.jitter_above);
        let wait = base * jitter * manner;
        let at = self.now.plus(Nanos(wait as u64));
        if manner != 1.0 && !self.sessions[client].dead {
            // An attempt that took its time may have been counted from its begin.
            let slack = (envelope.resolution.0 + envelope.connect_timeout.0 + 1_000_000) as f64;
            // The first attempt may have come at once, and then the backoff begins with the second one.
            let least = if waits > 1 { base / envelope.factor } else { 0.0 };
            let early = wait + slack < least * (1.0 - envelope.jitter_below);
            let late = wait > base * (1.0 + envelope.jitter_above) + slack;
            self.truth.breaches.push(Breach { client, at, clear: early || late });
        }
        self.agenda.at(at, Event::Attempt { client, epoch });
    }

    pub(super) fn fault_begins(&mut self, index: usize) {
        let fault = &self.plan.faults[index];
        if fault.hollow || fault.kind != FaultKind::Cut(Cut::Refused) {
            return;
        }
        for client in fault.clients.clone() {
            if let Some(epoch) = self.sessions[client].epoch_up() {
                self.broken(client, epoch, "connection reset");
            }
        }
    }

    /// A silence that ends closes what it held, unless what kept silent is no proxy.
    pub(super) fn fault_ends(&mut self, index: usize) {
        let fault = &self.plan.faults[index];
        if fault.hollow || fault.kind != FaultKind::Cut(Cut::Silent) || self.plan.habits.lingers {
            return;
        }
        for client in fault.clients.clone() {
            if let Some(epoch) = self.sessions[client].epoch_up() {
                self.broken(client, epoch, "connection closed");
            }
        }
    }
}
