//! What a client knows of its topic.

use crate::model::BrokerError;
use rdkafka::client::{Client, ClientContext};
use std::time::{Duration, Instant};

/// Waits until the topic has a leader for every partition, over this client's own connection.
pub(super) fn await_metadata<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    partitions: u16,
    patience: Duration,
) -> Result<(), BrokerError> {
    let deadline = Instant::now() + patience;
    let mut last = String::from("no answer yet");
    while Instant::now() < deadline {
        match client.fetch_metadata(Some(topic), Duration::from_secs(2)) {
            Ok(metadata) => {
                let led = metadata
                    .topics()
                    .iter()
                    .flat_map(|topic| topic.partitions())
                    .filter(|partition| partition.leader() >= 0);
                let led = led.count();
                if led >= usize::from(partitions) {
                    return Ok(());
                }
                last = format!("{led} of {partitions} partitions have a leader");
            }
            Err(error) => last = error.to_string(),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(BrokerError(format!("the topic {topic} was not ready within {patience:?}: {last}; is the broker up?")))
}
