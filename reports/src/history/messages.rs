//! An Arrow IPC stream as the messages that it consists of. Only here is it known how they lie in a file:
//! `0xFFFFFFFF`, length of the header, header (a flatbuffer), body; at the end `0xFFFFFFFF 0x00000000`.
//! See <https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>.
//!
//! Arrow's own reader takes the end of a file for the end of its stream. Here the difference matters: a stream without
//! the marker was not finished by its writer, so that rows are missing.

use arrow_ipc::{CompressionType, Message, MessageHeader, RecordBatch};
use std::io::{self, Read};

/// Precedes every message, and the end.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The longest header that is believed: a schema of ten columns takes about one KiB.
const LONGEST_HEADER: usize = 16 << 20;

/// What follows in a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A message; its header's bytes were read, its body stands next.
    Message,
    /// The end-of-stream marker.
    Marker,
    /// The file ends where a message or the marker would begin.
    End,
    /// The file ends within a header.
    Cut,
    /// No Arrow stream.
    Garbage(String),
}

/// Reads what stands before the next message's body into `header`.
pub(super) fn next_header(source: &mut impl Read, header: &mut Vec<u8>) -> io::Result<Next> {
    let mut length = [0; 4];
    match fill(source, &mut length)? {
        0 => return Ok(Next::End),
        4 => {}
        _ => return Ok(Next::Cut),
    }
    // Streams of Arrow before 0.15 have no continuation.
    if length == CONTINUATION && fill(source, &mut length)? < 4 {
        return Ok(Next::Cut);
    }
    match usize::try_from(i32::from_le_bytes(length)) {
        Ok(0) => Ok(Next::Marker),
        Ok(length) if length <= LONGEST_HEADER => {
            header.clear();
            let read = source.take(length as u64).read_to_end(header)?;
            Ok(if read == length { Next::Message } else { Next::Cut })
        }
        _ => Ok(Next::Garbage("a message's header has no plausible length; this is no Arrow IPC stream".to_owned())),
    }
}

/// Fills the buffer as far as the source reaches.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The message whose header this is, and the length of its body.
pub(super) fn parse(header: &[u8]) -> Result<(Message<'_>, u64), String> {
    let message =
        arrow_ipc::root_as_message(header).map_err(|error| format!("a message's header is invalid: {error}"))?;
    let body = u64::try_from(message.bodyLength()).map_err(|_| "a message's body has a negative length".to_owned())?;
    Ok((message, body))
}

/// The rows of a message, if it is one that has rows.
pub(super) fn rows(message: &Message<'_>) -> Result<u64, String> {
    match message.header_as_record_batch() {
        Some(batch) => u64::try_from(batch.length()).map_err(|_| "a batch has a negative number of rows".to_owned()),
        None if message.header_type() == MessageHeader::RecordBatch => Err("a batch has no description".to_owned()),
        None => Ok(0),
    }
}

/// Why a message cannot be decoded.
#[derive(Debug)]
pub(super) enum Flaw {
    /// It is compressed by another codec than zstd.
    Codec(CompressionType),
    /// It contradicts itself.
    Damage(String),
}

impl From<String> for Flaw {
    fn from(why: String) -> Self {
        Self::Damage(why)
    }
}

impl From<&str> for Flaw {
    fn from(why: &str) -> Self {
        Self::Damage(why.to_owned())
    }
}

/// Checks what Arrow's decoder takes on trust, so that a damaged file is an error and not a panic.
pub(super) fn check(batch: &RecordBatch<'_>, body: &[u8]) -> Result<(), Flaw> {
    if let Some(codec) = batch.compression().map(|compression| compression.codec())
        && codec != CompressionType::ZSTD
    {
        return Err(Flaw::Codec(codec));
    }
    for node in batch.nodes().into_iter().flatten() {
        if !(0..=i64::from(i32::MAX)).contains(&node.length()) || !(0..=node.length()).contains(&node.null_count()) {
            return Err("a column has no plausible length".into());
        }
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let range = usize::try_from(buffer.offset()).ok().zip(usize::try_from(buffer.length()).ok());
        let bytes = range.and_then(|(offset, length)| body.get(offset..offset.checked_add(length)?));
        let Some(bytes) = bytes else {
            return Err("a column lies outside of its message".into());
        };
        if batch.compression().is_some() && !bytes.is_empty() {
            check_compressed(bytes)?;
        }
    }
    Ok(())
}

/// A compressed buffer begins with its length when decompressed, which is allocated before anything is looked at.
fn check_compressed(buffer: &[u8]) -> Result<(), Flaw> {
    /// More than any column of one batch takes.
    const LARGEST: i64 = 1 << 30;
    /// Stands for "not compressed after all".
    const RAW: i64 = -1;
    match buffer.first_chunk::<8>().map(|length| i64::from_le_bytes(*length)) {
        Some(RAW..=LARGEST) => Ok(()),
        _ => Err("a compressed column has no plausible length".into()),
    }
}
