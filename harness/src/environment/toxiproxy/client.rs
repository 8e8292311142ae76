//! The client. Every call has a time limit: under load the server has been seen to hang in changes of toxics.

use super::error::ToxiproxyError;
use super::metrics::PassedBytes;
use super::state::{Proxy, Toxic};
use crate::environment::engine::chain;
use crate::model::PathRecipe;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// So much of an unexpected answer is shown.
const BODY_SHOWN: usize = 400;

/// A Toxiproxy server.
#[derive(Clone, Debug)]
pub struct Toxiproxy {
    http: reqwest::Client,
    port: u16,
}

impl Toxiproxy {
    /// The server whose HTTP interface listens on this port of 127.0.0.1. Nothing is called yet.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn at(port: u16) -> Result<Self, ToxiproxyError> {
        Self::answering_within(ANSWER_WITHIN, port)
    }

    /// As `at`, with another limit for each call than 5 s.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn answering_within(limit: Duration, port: u16) -> Result<Self, ToxiproxyError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN.min(limit))
            .timeout(limit)
            .user_agent(concat!("harness/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ToxiproxyError::NoClient { reason: chain(&error) })?;
        Ok(Self { http, port })
    }

    /// The port of its HTTP interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its version: `2.12.0`.
    ///
    /// # Errors
    /// As all calls: no answer, a refusal, or an unreadable answer.
    pub async fn version(&self) -> Result<String, ToxiproxyError> {
        #[derive(serde::Deserialize)]
        struct Version {
            version: String,
        }
        let version: Version = self.read("/version").await?;
        Ok(version.version)
    }

    /// Creates a path.
    ///
    /// # Errors
    /// As all calls; a taken port is a refusal.
    pub async fn create(&self, recipe: &PathRecipe) -> Result<Proxy, ToxiproxyError> {
        let body = json!({
            "name": recipe.name,
            "listen": recipe.address(),
            "upstream": recipe.upstream,
            "enabled": true,
        });
        self.change(Method::POST, "/proxies", &body).await
    }

    /// Removes a path; its connections are closed.
    ///
    /// # Errors
    /// As all calls.
    pub async fn delete(&self, proxy: &str) -> Result<(), ToxiproxyError> {
        self.call(Method::DELETE, &format!("/proxies/{proxy}"), None::<&()>).await.map(drop)
    }

    /// A path with its toxics.
    ///
    /// # Errors
    /// As all calls.
    pub async fn proxy(&self, proxy: &str) -> Result<Proxy, ToxiproxyError> {
        self.read(&format!("/proxies/{proxy}")).await
    }

    /// A path's toxics.
    ///
    /// # Errors
    /// As all calls.
    pub async fn toxics(&self, proxy: &str) -> Result<Vec<Toxic>, ToxiproxyError> {
        self.read(&format!("/proxies/{proxy}/toxics")).await
    }

    /// Lets a path listen.
    ///
    /// # Errors
    /// As all calls.
    pub async fn enable(&self, proxy: &str) -> Result<Proxy, ToxiproxyError> {
        self.change(Method::POST, &format!("/proxies/{proxy}"), &json!({ "enabled": true })).await
    }

    /// Closes a path: no more listening, every connection closed.
    ///
    /// # Errors
    /// As all calls.
    pub async fn disable(&self, proxy: &str) -> Result<Proxy, ToxiproxyError> {
        self.change(Method::POST, &format!("/proxies/{proxy}"), &json!({ "enabled": false })).await
    }

    /// Adds a toxic.
    ///
    /// # Errors
    /// As all calls; one of the same name is a refusal.
    pub async fn add_toxic(&self, proxy: &str, toxic: &Toxic) -> Result<Toxic, ToxiproxyError> {
        self.change(Method::POST, &format!("/proxies/{proxy}/toxics"), toxic).await
    }

    /// Gives the toxic of this name other attributes and another toxicity; type and stream stay.
    ///
    /// # Errors
    /// As all calls.
    pub async fn update_toxic(&self, proxy: &str, toxic: &Toxic) -> Result<Toxic, ToxiproxyError> {
        let body = json!({ "attributes": toxic.attributes, "toxicity": toxic.toxicity });
        self.change(Method::POST, &format!("/proxies/{proxy}/toxics/{}", toxic.name), &body).await
    }

    /// Removes a toxic by its name.
    ///
    /// # Errors
    /// As all calls.
    pub async fn remove_toxic(&self, proxy: &str, toxic: &str) -> Result<(), ToxiproxyError> {
        self.call(Method::DELETE, &format!("/proxies/{proxy}/toxics/{toxic}"), None::<&()>).await.map(drop)
    }

    /// Bytes that passed so far on connections that have ended.
    ///
    /// # Errors
    /// As all calls.
    pub async fn passed_bytes(&self) -> Result<PassedBytes, ToxiproxyError> {
        let page = self.call(Method::GET, "/metrics", None::<&()>).await?;
        Ok(PassedBytes::parse(&page))
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ToxiproxyError> {
        let body = self.call(Method::GET, path, None::<&()>).await?;
        parse(&body, || format!("GET {path}"))
    }

    async fn change<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ToxiproxyError> {
        let call = format!("{method} {path}");
        let body = self.call(method, path, Some(body)).await?;
        parse(&body, || call)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<String, ToxiproxyError> {
        let call = format!("{method} {path}");
        let no_answer = |error: reqwest::Error| ToxiproxyError::NoAnswer { call: call.clone(), reason: chain(&error) };
        let mut request = self.http.request(method, format!("http://127.0.0.1:{}{path}", self.port));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(no_answer)?;
        let status = response.status();
        let text = response.text().await.map_err(no_answer)?;
        if status.is_success() {
            return Ok(text);
        }
        Err(ToxiproxyError::Refused { call, status: status.as_u16(), body: shortened(&text) })
    }
}

fn parse<T: DeserializeOwned>(body: &str, call: impl FnOnce() -> String) -> Result<T, ToxiproxyError> {
    serde_json::from_str(body).map_err(|error| ToxiproxyError::Unreadable {
        call: call(),
        reason: error.to_string(),
        body: shortened(body),
    })
}

fn shortened(body: &str) -> String {
    let body = body.trim();
    match body.char_indices().nth(BODY_SHOWN) {
        Some((end, _)) => format!("{}…", &body[..end]),
        None => body.to_owned(),
    }
}
