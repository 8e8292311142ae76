//! Faults on proxied paths: what changes at each proxy, how that is brought about, read back, and taken back.

use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::target::Target;
use crate::environment::EnvironmentError;
use crate::environment::toxiproxy::{ProxiedPath, Proxy, Stream, Toxic, ToxiproxyError};
use crate::model::Direction;
use futures_util::future::{BoxFuture, join_all};

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

/// One change at every path of a target.
#[derive(Debug)]
pub(super) struct AtPaths {
    change: Change,
    paths: Vec<ProxiedPath>,
}

impl AtPaths {
    /// The actuator of a change.
    pub(super) fn boxed(change: Change, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        Box::new(Self::of(change, handles.paths_on(on)))
    }

    /// A change at these paths.
    pub(super) fn of(change: Change, paths: Vec<ProxiedPath>) -> Self {
        Self { change, paths }
    }
}

/// One toxic for each stream of the target's direction, named after the fault.
pub(super) fn toxics(fault: &str, kind: &str, on: &Target, attributes: &[(&str, i64)]) -> Vec<Toxic> {
    let attributes: std::collections::BTreeMap<_, _> =
        attributes.iter().map(|&(key, value)| (key.to_owned(), value)).collect();
    let toxic = |stream: &Stream| Toxic {
        name: format!("{fault}-{}", stream.name()),
        kind: kind.to_owned(),
        stream: *stream,
        toxicity: 1.0,
        attributes: attributes.clone(),
    };
    streams(on.direction()).iter().map(toxic).collect()
}

/// The proxy's streams that a direction means.
pub(super) fn streams(direction: Direction) -> &'static [Stream] {
    match direction {
        Direction::Downstream => &[Stream::Downstream],
        Direction::Upstream => &[Stream::Upstream],
        Direction::Both => &[Stream::Upstream, Stream::Downstream],
    }
}

impl Actuator for AtPaths {
    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let asked = join_all(self.paths.iter().map(|path| self.change.apply(phase, path))).await;
            Ok(asked.into_iter().collect::<Result<(), ToxiproxyError>>()?)
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            let read = join_all(self.paths.iter().map(ProxiedPath::read)).await;
            let read = read.into_iter().collect::<Result<Vec<Proxy>, ToxiproxyError>>()?;
            let words: Vec<String> = read.iter().map(Proxy::to_string).collect();
            let shows = !read.is_empty() && read.iter().all(|proxy| self.change.shows(phase, proxy));
            Ok(Reading { shows, words: words.join("; ") })
        })
    }

    fn renew(&mut self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let renewed = join_all(self.paths.iter().map(|path| self.change.renew(path))).await;
            Ok(renewed.into_iter().collect::<Result<(), ToxiproxyError>>()?)
        })
    }
}

impl Change {
    async fn apply(&self, phase: Phase, path: &ProxiedPath) -> Result<(), ToxiproxyError> {
        match (self, phase) {
            (Self::Disable, Phase::Acting) => path.disable().await,
            (Self::Disable, Phase::Resting) => path.enable().await,
            (Self::Toxics { toxics, resting }, _) => {
                for toxic in toxics {
                    match (phase, resting) {
                        (Phase::Resting, Resting::Absent) => path.remove(&toxic.name).await?,
                        (Phase::Resting, Resting::Armed) => path.put(&resting_toxic(toxic)).await?,
                        (Phase::Acting, _) => path.put(toxic).await?,
                    }
                }
                Ok(())
            }
        }
    }

    /// A path that does not come to rest is replaced; one that did is left alone.
    async fn renew(&self, path: &ProxiedPath) -> Result<(), ToxiproxyError> {
        if let Ok(read) = path.read().await
            && self.shows(Phase::Resting, &read)
        {
            return Ok(());
        }
        path.replace().await
    }

    /// Whether a proxy, as read back, is in this state: every toxic with its type, stream, toxicity and attributes.
    fn shows(&self, phase: Phase, proxy: &Proxy) -> bool {
        match (self, phase) {
            (Self::Disable, Phase::Acting) => !proxy.enabled,
            (Self::Disable, Phase::Resting) => proxy.enabled,
            (Self::Toxics { toxics, resting }, _) => toxics.iter().all(|toxic| match (phase, resting) {
                (Phase::Acting, _) => proxy.toxics.contains(toxic),
                (Phase::Resting, Resting::Absent) => proxy.toxics.iter().all(|there| there.name != toxic.name),
                (Phase::Resting, Resting::Armed) => proxy.toxics.contains(&resting_toxic(toxic)),
            }),
        }
    }
}

fn resting_toxic(toxic: &Toxic) -> Toxic {
    Toxic { toxicity: 0.0, ..toxic.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Link, Selection};

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
        let (clients, nodes) = (Selection::All, Selection::All);
        let both = Target::Link { link: Link::Client, direction: Direction::Both, clients, nodes };
        toxics("slow-1", "latency", &both, &[("latency", 200), ("jitter", 0)])
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
        assert!(Change::Disable.shows(Phase::Acting, &proxy(false, vec![])));
        assert!(!Change::Disable.shows(Phase::Acting, &proxy(true, late())));
        assert!(Change::Disable.shows(Phase::Resting, &proxy(true, vec![])));
        assert!(!Change::Disable.shows(Phase::Resting, &proxy(false, vec![])));
    }

    #[test]
    fn any_difference_in_a_toxic_is_seen() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Absent };
        assert!(change.shows(Phase::Acting, &proxy(true, late())));
        assert!(!change.shows(Phase::Acting, &proxy(true, late()[..1].to_vec())));
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
            assert!(!change.shows(Phase::Acting, &proxy(true, there.clone())), "{there:?}");
        }
    }

    #[test]
    fn a_toxic_that_is_left_is_not_healed() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Absent };
        assert!(change.shows(Phase::Resting, &proxy(true, vec![])));
        assert!(!change.shows(Phase::Resting, &proxy(true, late()[1..].to_vec())));
    }

    #[test]
    fn an_armed_toxic_is_healed_when_its_toxicity_is_zero() {
        let change = Change::Toxics { toxics: late(), resting: Resting::Armed };
        let resting: Vec<Toxic> = late().iter().map(resting_toxic).collect();
        assert!(change.shows(Phase::Resting, &proxy(true, resting)));
        assert!(!change.shows(Phase::Resting, &proxy(true, late())));
        assert!(!change.shows(Phase::Resting, &proxy(true, vec![])));
    }
}
