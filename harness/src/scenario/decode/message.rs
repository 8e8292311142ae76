//! `[workload.message]`: how large messages are, and what they carry.

use super::records;
use crate::model::{HEADER_BYTES, RecordFile};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::Bytes;
use std::collections::BTreeMap;

/// No payload is smaller: the header with identity, times and checksum fits within.
const SMALLEST_MESSAGE_BYTES: usize = 64;
const LARGEST_MESSAGE_BYTES: u64 = 64 << 20;
/// The field of a Redis entry that holds the payload.
const PAYLOAD_FIELD: &str = "p";
/// The field that holds the key, where messages have keys.
const KEY_FIELD: &str = "k";

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
    pub(super) records: Option<RecordFile>,
    pub(super) compressibility: f64,
    pub(super) headers: BTreeMap<String, String>,
}

/// `keyed`: each message has a key.
pub(super) fn read(workload: &mut Section<'_>, reading: &mut ScenarioReading, keyed: bool) -> Messages {
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
    let records = records::read(&mut section, reading);
    let headers = headers(&mut section, reading, keyed);
    section.finish(reading);
    if let Some(records) = records {
        let bytes = || records.bytes.iter().map(|bytes| HEADER_BYTES + bytes);
        let (smallest, largest) = (bytes().min().unwrap_or(HEADER_BYTES), bytes().max().unwrap_or(HEADER_BYTES));
        let smallest = (smallest < largest).then_some(smallest);
        return Messages { largest, smallest, records: Some(records), compressibility, headers };
    }
    let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let (largest, smallest) = up_to.map_or((size, None), |Bytes(largest)| (largest, Some(bytes(size))));
    Messages { largest: bytes(largest), smallest, records: None, compressibility, headers }
}

/// Names and values that each message carries beside its payload.
fn headers(message: &mut Section<'_>, reading: &mut ScenarioReading, keyed: bool) -> BTreeMap<String, String> {
    let mut section = message.section(reading, "headers");
    let names: Vec<String> = section.present().map(|entry| entry.key.clone()).collect();
    let mut headers = BTreeMap::new();
    for name in names {
        let Some(value) = section.get::<String>(reading, &name) else { continue };
        let taken = match name.as_str() {
            "" => Some("a header has a name"),
            PAYLOAD_FIELD => Some("the field of a Redis entry that holds the payload is called so"),
            KEY_FIELD if keyed => Some("the field of a Redis entry that holds the key is called so"),
            _ => None,
        };
        if let Some(note) = taken {
            let message = format!("a header cannot be called `{name}`");
            section.blame(reading, &name, message, note, "give it another name");
        }
        headers.insert(name, value);
    }
    headers
}
