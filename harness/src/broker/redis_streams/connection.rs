//! Connections to Redis by the scenario's policy, and words for what goes wrong with them.

use crate::broker::BrokerError;
use crate::worker::protocol::Policy;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, RedisError};

/// A client for `host:port` with TCP_NODELAY on. It sends nothing when connecting, so that the first answer that a caller
/// waits for is that of its own PING: a stopped server, or a proxy that lets nothing through, still accepts connections.
pub(super) fn client(address: &str) -> Result<Client, BrokerError> {
    let wrong = |error: RedisError| BrokerError(format!("{address} is not a Redis address: {error}"));
    let info = format!("redis://{address}").into_connection_info().map_err(wrong)?;
    let settings = info.redis_settings().clone().set_skip_set_lib_name();
    let info = info.set_redis_settings(settings).set_tcp_settings(TcpSettings::default().set_nodelay(true));
    Client::open(info).map_err(wrong)
}

/// A short, stable text for an error: no addresses, no times.
pub(super) fn describe(error: &RedisError) -> String {
    if error.is_timeout() {
        "timed out".to_owned()
    } else if error.is_connection_refusal() {
        "connection refused".to_owned()
    } else if let Some(code) = error.code() {
        format!("{code} {}", error.detail().unwrap_or_default()).trim_end().to_owned()
    } else if error.is_connection_dropped() || error.is_io_error() {
        io_words(&error.to_string())
    } else {
        error.to_string()
    }
}

fn io_words(text: &str) -> String {
    let known = ["connection reset", "broken pipe", "not connected", "unexpected end of file"];
    let lower = text.to_lowercase();
    known
        .iter()
        .find(|words| lower.contains(*words))
        .map_or_else(|| "connection lost".to_owned(), |words| (*words).to_owned())
}

/// The name of a partition's stream.
pub(super) fn stream(topic: &str, partition: u16) -> String {
    format!("{topic}:{partition}")
}

/// Limits of one attempt.
pub(super) fn connect_timeout(policy: &Policy) -> std::time::Duration {
    policy.connect_timeout_ns.into()
}
