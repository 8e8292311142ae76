//! `[workload.message]`: how large messages are, and what they carry.

use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::Bytes;
use std::collections::BTreeMap;

/// No payload is smaller: the header with identity, times and checksum fits within.
const SMALLEST_MESSAGE_BYTES: usize = 64;
const LARGEST_MESSAGE_BYTES: u64 = 64 << 20;
/// The field of a Redis entry that holds the payload.
const PAYLOAD_FIELD: &str = "p";

fn message_size(bytes: u64, key: &str, section: &Section<'_>, reading: &mut ScenarioReading) {
    if bytes < SMALLEST_MESSAGE_BYTES as u64 {
        section.blame(
            reading,
            key,
            format!("a message of {bytes} bytes has no room for its own header"),
            "too small",
            &format!(
                "write \"{SMALLEST_MESSAGE_BYTES}B\" or more: identity, time and checksum of a message take that much"
            ),
        );
    }
    if bytes > LARGEST_MESSAGE_BYTES {
        section.blame(
            reading,
            key,
            "a message is larger than 64 MiB",
            "too large",
            "write \"64MiB\" or less; brokers themselves often stop at \"1MB\"",
        );
    }
}

/// `[workload.message]`.
pub(super) struct Messages {
    pub(super) largest: usize,
    pub(super) smallest: Option<usize>,
    pub(super) compressibility: f64,
    pub(super) headers: BTreeMap<String, String>,
}

pub(super) fn read(workload: &mut Section<'_>, reading: &mut ScenarioReading) -> Messages {
    let mut section = workload.section(reading, "message");
    let Bytes(size) = section.or(reading, "size", Bytes(1024));
    message_size(size, "size", &section, reading);
    let up_to: Option<Bytes> = section.get(reading, "up-to");
    if let Some(Bytes(largest)) = up_to {
        message_size(largest, "up-to", &section, reading);
        if largest <= size {
            section.blame(
                reading,
                "up-to",
                "`workload.message.up-to` is not above `workload.message.size`",
                "no room for sizes to vary",
                "write the smallest size as `size` and a larger one as `up-to`",
            );
        }
    }
    let compressibility = section.or(reading, "compressibility", 0.0);
    if !(0.0..=1.0).contains(&compressibility) {
        section.blame(
            reading,
            "compressibility",
            "`workload.message.compressibility` must lie between 0 and 1",
            "a share of the message",
            "write 0.0 for random bytes, 1.0 for constant ones",
        );
    }
    let headers = headers(&mut section, reading);
    section.finish(reading);
    let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let (largest, smallest) = up_to.map_or((size, None), |Bytes(largest)| (largest, Some(bytes(size))));
    Messages { largest: bytes(largest), smallest, compressibility, headers }
}

/// Names and values that each message carries beside its payload.
fn headers(message: &mut Section<'_>, reading: &mut ScenarioReading) -> BTreeMap<String, String> {
    let mut section = message.section(reading, "headers");
    let names: Vec<String> = section.present().map(|entry| entry.key.clone()).collect();
    let mut headers = BTreeMap::new();
    for name in names {
        let Some(value) = section.get::<String>(reading, &name) else { continue };
        if name == PAYLOAD_FIELD || name.is_empty() {
            section.blame(
                reading,
                &name,
                format!("a header cannot be called `{name}`"),
                "the field of a Redis entry that holds the payload is called so",
                "give it another name",
            );
        }
        headers.insert(name, value);
    }
    headers
}
