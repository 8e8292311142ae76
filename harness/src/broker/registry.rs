//! What a scenario can name: brokers, and the clients that speak to them.

use super::client::ClientKind;
use super::description::Broker;

/// The kinds to choose from.
#[derive(Clone, Copy)]
pub struct Registry {
    /// Brokers.
    pub brokers: &'static [&'static dyn Broker],
    /// Client libraries; for each broker, its default comes first.
    pub clients: &'static [&'static dyn ClientKind],
}

impl Registry {
    /// The broker of this kind.
    pub fn broker(&self, kind: &str) -> Option<&'static dyn Broker> {
        self.brokers.iter().copied().find(|broker| broker.kind() == kind)
    }

    /// The client of this name.
    pub fn client(&self, name: &str) -> Option<&'static dyn ClientKind> {
        self.clients.iter().copied().find(|client| client.name() == name)
    }

    /// The clients that speak to brokers of this kind, the default first.
    pub fn clients_of(&self, broker: &str) -> impl Iterator<Item = &'static dyn ClientKind> {
        self.clients.iter().copied().filter(move |client| client.brokers().contains(&broker))
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let brokers = self.brokers.iter().map(|broker| broker.kind());
        let clients = self.clients.iter().map(|client| client.name());
        out.debug_list().entries(brokers).entries(clients).finish()
    }
}
