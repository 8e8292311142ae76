//! The systems of the model: how each behaves, and how its clients try to come back.

use reports::units::Nanos;

pub(super) const RATE: u64 = 2_000;

pub(super) const LOAD: u64 = 30;

pub(super) const DOWN: (f64, f64) = (10.0, 15.0);

/// How one system behaves in the model.
#[derive(Clone, Copy)]
pub(super) struct System {
    /// Its name in the scenario.
    pub(super) name: &'static str,
    pub(super) broker: &'static str,
    pub(super) client: &'static str,
    pub(super) version: (&'static str, &'static str),
    /// Median and 99th percentile of an undisturbed second, in µs.
    pub(super) calm_us: (u64, u64),
    /// Heal → the last client is back, in seconds; `None` without a fault.
    pub(super) returns_after: Option<f64>,
    /// Names of each client's connections.
    pub(super) peers: &'static [&'static str],
    pub(super) first_wait: f64,
}

pub(super) const REDIS: System = System {
    name: "redis",
    broker: "redis-streams",
    client: "redis-rs 1.8.1",
    version: ("redis", "8.0.2"),
    calm_us: (310, 980),
    returns_after: Some(2.2),
    peers: &["main"],
    first_wait: 1.0,
};

pub(super) const KAFKA: System = System {
    name: "kafka",
    broker: "kafka",
    client: "librdkafka 2.12.1",
    version: ("kafka", "4.3.1"),
    calm_us: (1_350, 4_900),
    returns_after: Some(3.4),
    peers: &["bootstrap", "1"],
    first_wait: 1.0,
};

pub(super) const RABBITMQ: System = System {
    name: "rabbitmq",
    broker: "rabbitmq",
    client: "lapin 4.12.0",
    version: ("rabbitmq", "4.0.5"),
    calm_us: (720, 3_100),
    ..REDIS
};

pub(super) const NATS: System = System {
    name: "nats-jetstream",
    broker: "nats",
    client: "async-nats 0.51.0",
    version: ("nats-server", "2.10.27"),
    calm_us: (295, 1_450),
    ..REDIS
};

pub(super) fn faults(system: System) -> Option<()> {
    system.returns_after.map(|_| ())
}

pub(super) fn seconds_of(seconds: f64) -> Nanos {
    Nanos((seconds * 1e9).round() as u64)
}

/// A number between 0 and 1 that looks random and is the same each time.
pub(super) fn noise(seed: u64) -> f64 {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}

/// When service is back, since the load's start.
pub(super) fn back(system: System) -> f64 {
    DOWN.1 + system.returns_after.unwrap_or(0.0)
}

pub(super) fn clients() -> Vec<String> {
    let producers = (0..2).map(|index| format!("producer-{index}"));
    producers.chain((0..3).map(|index| format!("consumer-{index}"))).collect()
}

/// Attempts of one connection since the injection: begin, end, whether it worked; and the wait before each.
pub(super) fn attempts(system: System, lane: u64) -> Vec<(f64, f64, f64)> {
    let Some(after) = system.returns_after else { return Vec::new() };
    let mut attempts = Vec::new();
    let mut at = 0.05 + 0.1 * noise(lane);
    let mut wait = system.first_wait;
    loop {
        let waited = wait * (0.85 + 0.3 * noise(lane * 13 + attempts.len() as u64));
        at += waited;
        let healed = DOWN.1 - DOWN.0;
        if at > healed {
            // The last attempt comes when the model wants it, a little earlier on each other lane.
            let earlier = if lane + 2 > 9 { 0.0 } else { 0.05 + 0.8 * noise(lane + 3) };
            let at = (healed + after - earlier).max(healed + 0.1);
            attempts.push((at, at + 0.004, waited));
            return attempts;
        }
        attempts.push((at, at + 0.002, waited));
        wait *= 2.0;
    }
}
