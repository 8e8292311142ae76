//! One proxied path of a server, and what should work on it: so that a proxy that hangs can be replaced by one like it.

use super::client::Toxiproxy;
use super::error::ToxiproxyError;
use super::state::{Proxy, Toxic};
use crate::model::PathRecipe;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A path through a server. Clones are the same path.
#[derive(Clone, Debug)]
pub struct ProxiedPath {
    server: Toxiproxy,
    recipe: Arc<PathRecipe>,
    wanted: Arc<Mutex<Wanted>>,
}

/// What was asked for last.
#[derive(Debug, Default)]
struct Wanted {
    disabled: bool,
    toxics: BTreeMap<String, Toxic>,
}

impl ProxiedPath {
    /// A path that the server has been told to create.
    pub fn new(server: Toxiproxy, recipe: PathRecipe) -> Self {
        Self { server, recipe: Arc::new(recipe), wanted: Arc::default() }
    }

    /// From where to where it leads.
    pub fn recipe(&self) -> &PathRecipe {
        &self.recipe
    }

    /// As the server describes it.
    ///
    /// # Errors
    /// As all calls: no answer, a refusal, or an unreadable answer.
    pub async fn read(&self) -> Result<Proxy, ToxiproxyError> {
        self.server.proxy(&self.recipe.name).await
    }

    /// Bytes that have passed it, both ways, on connections that have ended.
    ///
    /// # Errors
    /// As all calls.
    pub async fn passed(&self) -> Result<u64, ToxiproxyError> {
        Ok(self.server.passed_bytes().await?.both(&self.recipe.name))
    }

    /// Lets it listen.
    ///
    /// # Errors
    /// As all calls.
    pub async fn enable(&self) -> Result<(), ToxiproxyError> {
        self.wanted().disabled = false;
        self.server.enable(&self.recipe.name).await.map(drop)
    }

    /// Closes it: no more listening, every connection closed.
    ///
    /// # Errors
    /// As all calls.
    pub async fn disable(&self) -> Result<(), ToxiproxyError> {
        self.wanted().disabled = true;
        self.server.disable(&self.recipe.name).await.map(drop)
    }

    /// Adds a toxic, or gives the one of its name these values.
    ///
    /// # Errors
    /// As all calls.
    pub async fn put(&self, toxic: &Toxic) -> Result<(), ToxiproxyError> {
        self.wanted().toxics.insert(toxic.name.clone(), toxic.clone());
        self.put_now(toxic).await
    }

    /// Removes a toxic that may be gone already.
    ///
    /// # Errors
    /// As all calls.
    pub async fn remove(&self, toxic: &str) -> Result<(), ToxiproxyError> {
        self.wanted().toxics.remove(toxic);
        match self.server.remove_toxic(&self.recipe.name, toxic).await {
            Err(error) if error.is_absent() => Ok(()),
            other => other,
        }
    }

    /// Puts a new proxy in its place, on the same port, with what should work on it now. Its connections are closed.
    ///
    /// # Errors
    /// As all calls: a server that holds its lock may hang in this too.
    pub async fn replace(&self) -> Result<(), ToxiproxyError> {
        match self.server.delete(&self.recipe.name).await {
            Err(error) if !error.is_absent() => return Err(error),
            _ => {}
        }
        self.server.create(&self.recipe).await?;
        let (disabled, toxics) = {
            let wanted = self.wanted();
            (wanted.disabled, wanted.toxics.values().cloned().collect::<Vec<_>>())
        };
        for toxic in &toxics {
            self.put_now(toxic).await?;
        }
        if disabled { self.server.disable(&self.recipe.name).await.map(drop) } else { Ok(()) }
    }

    async fn put_now(&self, toxic: &Toxic) -> Result<(), ToxiproxyError> {
        match self.server.add_toxic(&self.recipe.name, toxic).await {
            Err(error) if error.is_present() => self.server.update_toxic(&self.recipe.name, toxic).await.map(drop),
            other => other.map(drop),
        }
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
