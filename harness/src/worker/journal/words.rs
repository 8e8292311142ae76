//! One row as eight words, and back.
//!
//! The first word is the row's number plus one, and is stored last; these functions leave it to their callers.

use super::layout::{CARRIED_BYTES, CARRIED_FROM, HAS_ASKED, HAS_MESSAGE, HAS_POSITION, Kind, PAYLOAD_OK, WORD, WORDS};
use reports::history::{ConnectionEvent, GroupEvent, Outcome, SettlementKind};
use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};

/// A row's words, as numbers of this machine.
pub(super) type Words = [u64; WORDS];

/// What stands in a row, whatever it is about. Not every kind of row uses every field; what it does not use is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) kind: u8,
    pub(super) what: u8,
    pub(super) outcome: u8,
    pub(super) flags: u8,
    pub(super) partition: u16,
    pub(super) producer: u16,
    pub(super) seq: u64,
    pub(super) first: u64,
    pub(super) second: u64,
    pub(super) third: u64,
    pub(super) place: u64,
    pub(super) count: u16,
    pub(super) consumer: u16,
    pub(super) text: u32,
}

impl Fields {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind: kind as u8, ..Self::default() }
    }

    /// Of a row about this message.
    pub(super) fn about(kind: Kind, message: MessageId) -> Self {
        Self { partition: message.partition.0, producer: message.producer.0, seq: message.seq.0, ..Self::of(kind) }
    }

    #[inline]
    pub(super) fn to_words(self) -> Words {
        let Self { kind, what, outcome, flags, partition, producer, count, consumer, .. } = self;
        let head = u64::from(u32::from_le_bytes([kind, what, outcome, flags]));
        let head = head | u64::from(partition) << 32 | u64::from(producer) << 48;
        let tail = u64::from(count) | u64::from(consumer) << 16 | u64::from(self.text) << 32;
        [0, head, self.seq, self.first, self.second, self.third, self.place, tail]
    }

    #[inline]
    pub(super) fn from_words(words: &Words) -> Self {
        let [_, head, seq, first, second, third, place, tail] = *words;
        let [kind, what, outcome, flags] = (head as u32).to_le_bytes();
        Self {
            kind,
            what,
            outcome,
            flags,
            partition: (head >> 32) as u16,
            producer: (head >> 48) as u16,
            seq,
            first,
            second,
            third,
            place,
            count: tail as u16,
            consumer: (tail >> 16) as u16,
            text: (tail >> 32) as u32,
        }
    }

    pub(super) fn message(&self) -> MessageId {
        MessageId { producer: ProducerId(self.producer), partition: Partition(self.partition), seq: Sequence(self.seq) }
    }

    pub(super) fn with_position(mut self, position: Option<Position>) -> Self {
        if let Some(position) = position {
            self.flags |= HAS_POSITION;
            self.place = position.0;
        }
        self
    }

    pub(super) fn position(&self) -> Option<Position> {
        (self.flags & HAS_POSITION != 0).then_some(Position(self.place))
    }

    pub(super) fn with_settled_message(mut self, message: Option<(ProducerId, Sequence)>) -> Self {
        if let Some((producer, seq)) = message {
            self.flags |= HAS_MESSAGE;
            (self.producer, self.seq) = (producer.0, seq.0);
        }
        self
    }

    pub(super) fn settled_message(&self) -> Option<(ProducerId, Sequence)> {
        (self.flags & HAS_MESSAGE != 0).then_some((ProducerId(self.producer), Sequence(self.seq)))
    }

    pub(super) fn with_asked(mut self, asked: Option<Nanos>) -> Self {
        if let Some(asked) = asked {
            self.flags |= HAS_ASKED;
            self.second = asked.0;
        }
        self
    }

    pub(super) fn asked(&self) -> Option<Nanos> {
        (self.flags & HAS_ASKED != 0).then_some(Nanos(self.second))
    }

    pub(super) fn with_payload(mut self, ok: bool) -> Self {
        self.flags |= if ok { PAYLOAD_OK } else { 0 };
        self
    }

    pub(super) fn payload_ok(&self) -> bool {
        self.flags & PAYLOAD_OK != 0
    }

    pub(super) fn consumer_id(&self) -> ConsumerId {
        ConsumerId(self.consumer)
    }
}

/// The rows that carry these bytes.
pub(super) fn carrying(bytes: &[u8]) -> impl Iterator<Item = Words> + '_ {
    bytes.chunks(CARRIED_BYTES).map(|chunk| {
        let mut words = Fields::of(Kind::More).to_words();
        for (word, eight) in words[CARRIED_FROM..].iter_mut().zip(chunk.chunks(WORD)) {
            let mut whole = [0; WORD];
            whole[..eight.len()].copy_from_slice(eight);
            *word = u64::from_le_bytes(whole);
        }
        words
    })
}

/// How many rows carry so many bytes.
pub(super) const fn rows_for(bytes: usize) -> u64 {
    bytes.div_ceil(CARRIED_BYTES) as u64
}

/// The bytes that a row carries.
pub(super) fn carried(words: &Words) -> impl Iterator<Item = u8> + '_ {
    words[CARRIED_FROM..].iter().flat_map(|word| word.to_le_bytes())
}

/// In the upper half of a send's tries.
const ACKNOWLEDGED: u16 = 1 << 8;
const NOT_ACKNOWLEDGED: u16 = 2 << 8;

/// What a byte of a row stands for; `None`: for nothing.
pub(super) const fn outcome(byte: u8) -> Option<Outcome> {
    Some(match byte {
        0 => Outcome::Ok,
        1 => Outcome::Failed,
        2 => Outcome::Indeterminate,
        _ => return None,
    })
}

/// How often a send was tried, and whether its dead letter was acknowledged, in one number.
pub(super) const fn tries(attempts: u8, dead_letter: Option<bool>) -> u16 {
    let letter = match dead_letter {
        None => 0,
        Some(true) => ACKNOWLEDGED,
        Some(false) => NOT_ACKNOWLEDGED,
    };
    letter | attempts as u16
}

/// The attempts of [`tries`]: one where a worker says nothing of them.
pub(super) const fn attempts(tries: u16) -> u8 {
    let attempts = (tries & 0xff) as u8;
    if attempts == 0 { 1 } else { attempts }
}

/// The dead letter of [`tries`].
pub(super) const fn dead_letter(tries: u16) -> Option<bool> {
    match tries & !0xff {
        ACKNOWLEDGED => Some(true),
        NOT_ACKNOWLEDGED => Some(false),
        _ => None,
    }
}

/// As [`outcome`].
pub(super) const fn settlement(byte: u8) -> Option<SettlementKind> {
    Some(match byte {
        0 => SettlementKind::Ack,
        1 => SettlementKind::Nack,
        2 => SettlementKind::Commit,
        3 => SettlementKind::DeadLetter,
        4 => SettlementKind::Claim,
        5 => SettlementKind::Processed,
        _ => return None,
    })
}

/// As [`outcome`].
pub(super) const fn connection(byte: u8) -> Option<ConnectionEvent> {
    Some(match byte {
        0 => ConnectionEvent::Connecting,
        1 => ConnectionEvent::Connected,
        2 => ConnectionEvent::Lost,
        3 => ConnectionEvent::AttemptFailed,
        _ => return None,
    })
}

/// As [`outcome`].
pub(super) const fn group(byte: u8) -> Option<GroupEvent> {
    Some(match byte {
        0 => GroupEvent::Joined,
        1 => GroupEvent::Assigned,
        2 => GroupEvent::Revoked,
        3 => GroupEvent::Claimed,
        4 => GroupEvent::Left,
        _ => return None,
    })
}
