//! What became of a send that did not succeed: certainly nothing, or perhaps.
//!
//! Two witnesses are asked. librdkafka keeps with each message whether it may have been persisted, over all of its retries
//! (`rd_kafka_message_status`): once it may have been, it stays so. And the error's code says whether whoever gave it could
//! know. Only where both say no, nothing happened.

use super::codes::{
    GIVEN_UP, NOT_TAKEN_BY_WHOM_WAS_ASKED, OF_THE_PRODUCERS_IDENTITY, UNFIT_FOR_THE_BROKER, UNFIT_FOR_THE_CLIENT,
};
use rdkafka::bindings::{rd_kafka_message_status, rd_kafka_msg_status_t as Status};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::BorrowedMessage;
use reports::history::{Outcome, WITHDRAWN};

/// What a code says of the message that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Whoever gave it had not taken the message: a broker checks a batch, its rights and its own state before it appends, and
    /// appends all of a batch or nothing; the client drops what it has not sent.
    Refused,
    /// The request's fate is open, or nothing is known of such a code: it may have been appended.
    Open,
    /// Given for messages that were under way and for messages that never left: only the message's own status tells.
    AsTheMessageSays,
}

/// What librdkafka knows of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Persistence {
    /// It was never sent, or each time refused.
    Never,
    /// It was sent, and once not answered.
    Perhaps,
}

/// How the send ended, by both witnesses.
pub(super) fn outcome(error: &KafkaError, persistence: Persistence) -> Outcome {
    let meaning = error.rdkafka_error_code().map_or(Meaning::Open, meaning);
    match (meaning, persistence) {
        (Meaning::Refused | Meaning::AsTheMessageSays, Persistence::Never) => Outcome::Failed,
        (Meaning::Open, _) | (_, Persistence::Perhaps) => Outcome::Indeterminate,
    }
}

/// The status that the message of a delivery report carries.
pub(super) fn persistence(message: &BorrowedMessage<'_>) -> Persistence {
    // SAFETY: the message is borrowed from the event of its delivery report, which it keeps alive; in such an event librdkafka
    // stores every message in its own larger structure, from which this call reads.
    match unsafe { rd_kafka_message_status(message.ptr()) } {
        Status::RD_KAFKA_MSG_STATUS_NOT_PERSISTED => Persistence::Never,
        Status::RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED | Status::RD_KAFKA_MSG_STATUS_PERSISTED => Persistence::Perhaps,
    }
}

/// The reason, the same for all sends that ended so: the code's name and its description, without addresses and times.
/// What the client drops from its queue, it drops because it is closed.
pub(super) fn reason(error: &KafkaError) -> String {
    match error.rdkafka_error_code() {
        Some(Code::PurgeQueue) => WITHDRAWN.to_owned(),
        Some(code) => code.to_string(),
        None => error.to_string(),
    }
}

/// What a code says. One that is in no list, because the library is newer than this file, leaves it open.
pub(super) fn meaning(code: Code) -> Meaning {
    let is_in = |lists: &[&[Code]]| lists.iter().any(|list| list.contains(&code));
    if is_in(&[UNFIT_FOR_THE_CLIENT, UNFIT_FOR_THE_BROKER, NOT_TAKEN_BY_WHOM_WAS_ASKED]) {
        Meaning::Refused
    } else if is_in(&[OF_THE_PRODUCERS_IDENTITY, GIVEN_UP]) {
        Meaning::AsTheMessageSays
    } else {
        Meaning::Open
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::tests::all_codes;
    use super::super::codes::{OF_OTHER_REQUESTS, OPEN};
    use super::*;

    fn outcome_of(code: Code, persistence: Persistence) -> Outcome {
        outcome(&KafkaError::MessageProduction(code), persistence)
    }

    #[test]
    fn a_message_that_may_have_been_persisted_is_never_called_failed_whatever_the_code() {
        for code in all_codes() {
            assert_eq!(outcome_of(code, Persistence::Perhaps), Outcome::Indeterminate, "{code:?}");
        }
    }

    #[test]
    fn what_was_refused_or_never_left_certainly_did_not_happen() {
        for code in [
            Code::QueueFull,
            Code::PurgeQueue,
            Code::MessageSizeTooLarge,
            Code::NotEnoughReplicas,
            Code::InvalidRecord,
            Code::InvalidDifferentRecord,
            Code::MessageTimedOut,
        ] {
            assert_eq!(outcome_of(code, Persistence::Never), Outcome::Failed, "{code:?}");
        }
    }

    #[test]
    fn a_code_that_leaves_it_open_outweighs_the_librarys_own_word() {
        for code in OPEN.iter().chain(OF_OTHER_REQUESTS) {
            assert_eq!(outcome_of(*code, Persistence::Never), Outcome::Indeterminate, "{code:?}");
        }
        assert_eq!(outcome(&KafkaError::Canceled, Persistence::Never), Outcome::Indeterminate);
    }

    #[test]
    fn a_reason_is_the_codes_name_and_its_description() {
        let reason_of = |code| reason(&KafkaError::MessageProduction(code));
        assert_eq!(reason_of(Code::InvalidRecord), "InvalidRecord (Broker: Broker failed to validate record)");
        assert_eq!(reason_of(Code::MessageTimedOut), "MessageTimedOut (Local: Message timed out)");
    }
}
