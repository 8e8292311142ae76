//! Habits of clients and of what stands between them and the broker, that only show around a fault.

use super::feature::{Allowed, Feature};
use super::shape::Shape;
use crate::chance::Chance;
use reports::units::Nanos;

/// Connections that are opened right after a cut and closed again at once: what stands in between accepts them before the
/// broker can be reached behind it.
#[derive(Clone, Copy, Debug)]
pub struct Brief {
    /// So many of each client's.
    pub connections: usize,
    /// How long each lasts.
    pub lasting: Nanos,
}

/// What a trial has of these.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// The first connections after a cut do not last.
    pub brief: Option<Brief>,
    /// For each client: to be connected for a moment ends its backoff.
    pub forgetful: Vec<bool>,
    /// Consumers of a log ask anew from where to read whenever they are connected again.
    pub starts_over: bool,
    /// Silences end without a word: connections stand, and what was under way is never answered.
    pub lingers: bool,
    /// How long requests wait for an answer, where that is long.
    pub patience: Option<Nanos>,
}

impl Habits {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, shape: Shape) -> Self {
        let (shaky, connections, lasting) =
            (chance.happens(0.1), chance.between(1, 4) as usize, chance.millis(1.0, 30.0));
        let forgetful: Vec<_> = (0..shape.clients()).map(|_| chance.happens(0.05)).collect();
        let (starts_over, lingers) = (chance.happens(0.3), chance.happens(0.3));
        let (patient, patience) = (chance.happens(0.15), chance.millis(1500.0, 4900.0));
        Self {
            brief: (shaky && allowed.has(Feature::ShakyReturns)).then_some(Brief { connections, lasting }),
            forgetful: forgetful.into_iter().map(|one| one && allowed.has(Feature::BadManners)).collect(),
            starts_over: starts_over && allowed.has(Feature::StartingOver),
            lingers: lingers && allowed.has(Feature::LongSilences),
            patience: (patient && allowed.has(Feature::LongSilences)).then_some(patience),
        }
    }
}
