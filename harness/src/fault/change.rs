//! What a fault changes at a proxy: how that is brought about, recognised by reading back, and taken back.

use crate::environment::toxiproxy::{Proxy, Stream, Toxic, Toxiproxy, ToxiproxyError};
use crate::model::Direction;

/// A change at one proxy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// It does not listen.
    Disable,
    /// These toxics work.
    Toxics {
        /// The toxics, as they are while the fault lasts.
        toxics: Vec<Toxic>,
        /// What they are before and after.
        resting: Resting,
    },
}

/// What a toxic is while its fault does not last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resting {
    /// Not there.
    Absent,
    /// There, with toxicity zero.
    Armed,
}

/// Which of its two states a proxy should be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The fault lasts.
    Injected,
    /// It does not.
    Healed,
}

impl Direction {
    /// The proxy's streams that a fault of this direction works on.
    pub(super) fn streams(self) -> &'static [Stream] {
        match self {
            Self::Downstream => &[Stream::Downstream],
            Self::Upstream => &[Stream::Upstream],
            Self::Both => &[Stream::Upstream, Stream::Downstream],
        }
    }
}

/// One toxic for each stream of a direction, named after the fault.
pub(super) fn toxics(fault: &str, kind: &str, direction: Direction, attributes: &[(&str, i64)]) -> Vec<Toxic> {
    let attributes: std::collections::BTreeMap<_, _> =
        attributes.iter().map(|&(key, value)| (key.to_owned(), value)).collect();
    let toxic = |stream: &Stream| Toxic {
        name: format!("{fault}-{}", stream.name()),
        kind: kind.to_owned(),
        stream: *stream,
        toxicity: 1.0,
        attributes: attributes.clone(),
    };
    direction.streams().iter().map(toxic).collect()
}

impl Change {
    /// Puts what must be there before clients connect. Only armed toxics need it.
    pub(super) async fn prepare(&self, server: &Toxiproxy, proxy: &str) -> Result<(), ToxiproxyError> {
        match self {
            Self::Toxics { resting: Resting::Armed, .. } => self.apply(Phase::Healed, server, proxy).await,
            _ => Ok(()),
        }
    }

    /// Brings one of the two states about. Doing it twice does no harm.
    pub(super) async fn apply(&self, phase: Phase, server: &Toxiproxy, proxy: &str) -> Result<(), ToxiproxyError> {
        match (self, phase) {
            (Self::Disable, Phase::Injected) => server.disable(proxy).await.map(drop),
            (Self::Disable, Phase::Healed) => server.enable(proxy).await.map(drop),
            (Self::Toxics { toxics, resting }, _) => {
                for toxic in toxics {
                    match (phase, resting) {
                        (Phase::Healed, Resting::Absent) => remove(server, proxy, &toxic.name).await?,
                        (Phase::Healed, Resting::Armed) => put(server, proxy, &resting_toxic(toxic)).await?,
                        (Phase::Injected, _) => put(server, proxy, toxic).await?,
                    }
                }
                Ok(())
            }
        }
    }

    /// Whether a proxy, as read back, is in this state: every toxic with its type, stream, toxicity and attributes.
    pub(super) fn shows(&self, phase: Phase, proxy: &Proxy) -> bool {
        match (self, phase) {
            (Self::Disable, Phase::Injected) => !proxy.enabled,
            (Self::Disable, Phase::Healed) => proxy.enabled,
            (Self::Toxics { toxics, resting }, _) => toxics.iter().all(|toxic| match (phase, resting) {
                (Phase::Injected, _) => proxy.toxics.contains(toxic),
                (Phase::Healed, Resting::Absent) => proxy.toxics.iter().all(|there| there.name != toxic.name),
                (Phase::Healed, Resting::Armed) => proxy.toxics.contains(&resting_toxic(toxic)),
            }),
        }
    }
}

fn resting_toxic(toxic: &Toxic) -> Toxic {
    Toxic { toxicity: 0.0, ..toxic.clone() }
}

/// Adds a toxic, or gives the one of its name these values.
async fn put(server: &Toxiproxy, proxy: &str, toxic: &Toxic) -> Result<(), ToxiproxyError> {
    match server.add_toxic(proxy, toxic).await {
        Err(error) if error.is_present() => server.update_toxic(proxy, toxic).await.map(drop),
        other => other.map(drop),
    }
}

/// Removes a toxic that may be gone already.
async fn remove(server: &Toxiproxy, proxy: &str, toxic: &str) -> Result<(), ToxiproxyError> {
    match server.remove_toxic(proxy, toxic).await {
        Err(error) if error.is_absent() => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(enabled: bool, toxics: Vec<Toxic>) -> Proxy {
        Proxy {
            name: "client-redis-0".to_owned(),
            listen: "127.0.0.1:1".to_owned(),
            upstream: "127.0.0.1:2".to_owned(),
            enabled,
            toxics,
        }
    }

    fn late() -> Vec<Toxic> {
        toxics("slow-1", "latency", Direction::Both, &[("latency", 200), ("jitter", 0)])
    }

    #[test]
    fn both_ways_are_two_toxics_of_different_names() {
        let both = late();
        assert_eq!(both.len(), 2);
        assert_ne!(both[0].name, both[1].name);
        assert_ne!(both[0].stream, both[1].stream);
    }

    #[test]
    fn a_disabled_proxy_shows_that_it_is_down_and_nothing_else_does() {
        assert!(Change::Disable.shows(Phase::Injected, &proxy(false, vec![])));
        assert!(!Change::Disable.shows(Phase::Injected, &proxy(true, late())));
        assert!(Change::Disable.shows(Phase::Healed, &proxy(true, vec![])));
        assert!(!Change::Disable.shows(Phase::Healed, &proxy(false, vec![])));
    }

    #[test]
    fn any_difference_in_a_toxic_is_seen() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Absent };
        assert!(change.shows(Phase::Injected, &proxy(true, late())));
        assert!(!change.shows(Phase::Injected, &proxy(true, late()[..1].to_vec())));
        let alter: [fn(&mut Toxic); 5] = [
            |toxic| toxic.kind = "timeout".to_owned(),
            |toxic| toxic.stream = Stream::Downstream,
            |toxic| toxic.toxicity = 0.5,
            |toxic| toxic.attributes.values_mut().for_each(|value| *value += 1),
            |toxic| toxic.attributes.clear(),
        ];
        for alter in alter {
            let mut there = late();
            alter(&mut there[0]);
            assert!(!change.shows(Phase::Injected, &proxy(true, there.clone())), "{there:?}");
        }
    }

    #[test]
    fn a_toxic_that_is_left_is_not_healed() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Absent };
        assert!(change.shows(Phase::Healed, &proxy(true, vec![])));
        assert!(!change.shows(Phase::Healed, &proxy(true, late()[1..].to_vec())));
    }

    #[test]
    fn an_armed_toxic_is_healed_when_its_toxicity_is_zero() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Armed };
        let resting: Vec<Toxic> = late().iter().map(resting_toxic).collect();
        assert!(change.shows(Phase::Healed, &proxy(true, resting)));
        assert!(!change.shows(Phase::Healed, &proxy(true, late())));
        assert!(!change.shows(Phase::Healed, &proxy(true, vec![])));
    }
}
