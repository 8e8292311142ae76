//! All of librdkafka's codes (2.12), by what they say of a message that was to be sent. Kafka's part follows the broker's source
//! (`ReplicaManager.appendRecords`, `UnifiedLog.append`) and the table of errors in Kafka's protocol guide; the client's own part
//! follows librdkafka's `rd_kafka_handle_Produce_error` and `rd_kafka_err_action`.

use rdkafka::error::RDKafkaErrorCode as Code;

/// The client found it unfit, or had no place for it, before any broker saw it.
pub(super) const UNFIT_FOR_THE_CLIENT: &[Code] = &[
    Code::QueueFull,
    Code::PurgeQueue,
    Code::UnknownTopic,
    Code::UnknownPartition,
    Code::InvalidArgument,
    Code::InvalidType,
    Code::KeySerialization,
    Code::ValueSerialization,
    Code::UnsupportedFeature,
    Code::NotImplemented,
    Code::NotConfigured,
    Code::BadCompression,
    Code::ReadOnly,
    Code::Underflow,
    Code::TimedOutQueue,
];

/// The leader looked at the records and took none: too large, damaged, without a key on a compacted topic, with a time or in a
/// form that the topic does not take. A batch is taken whole or not at all, which `InvalidDifferentRecord` says of those that
/// came with an unfit one.
pub(super) const UNFIT_FOR_THE_BROKER: &[Code] = &[
    Code::InvalidMessage,
    Code::InvalidMessageSize,
    Code::MessageSizeTooLarge,
    Code::MessageBatchTooLarge,
    Code::InvalidRecord,
    Code::InvalidDifferentRecord,
    Code::InvalidTimestamp,
    Code::UnsupportedForMessageFormat,
    Code::UnsupportedCompressionType,
    Code::PolicyViolation,
    Code::InvalidRequest,
    Code::UnsupportedVersion,
    Code::InvalidTopic,
    Code::InvalidConfig,
];

/// Whoever was asked may not take it, or is not the one to: checked before anything is appended. So are the replicas in sync,
/// of which `NotEnoughReplicas` tells before the append, and `NotEnoughReplicasAfterAppend` after it.
pub(super) const NOT_TAKEN_BY_WHOM_WAS_ASKED: &[Code] = &[
    Code::TopicAuthorizationFailed,
    Code::ClusterAuthorizationFailed,
    Code::TransactionalIdAuthorizationFailed,
    Code::InvalidRequiredAcks,
    Code::NotEnoughReplicas,
    Code::UnknownTopicOrPartition,
    Code::UnknownTopicId,
    Code::LeaderNotAvailable,
    Code::NotLeaderForPartition,
    Code::FencedLeaderEpoch,
    Code::UnknownLeaderEpoch,
    Code::BrokerNotAvailable,
    Code::ReplicaNotAvailable,
    Code::ThrottlingQuotaExceeded,
    Code::SecurityDisabled,
    Code::IllegalSASLState,
    Code::UnsupportedSASLMechanism,
    Code::SaslAuthenticationFailed,
    Code::Authentication,
];

/// The idempotent or transactional producer is not who it was. Such a batch is refused, but librdkafka gives these codes also to
/// batches that it had sent before, which may have been taken then.
pub(super) const OF_THE_PRODUCERS_IDENTITY: &[Code] = &[
    Code::OutOfOrderSequenceNumber,
    Code::UnknownProducerId,
    Code::InvalidProducerEpoch,
    Code::InvalidProducerIdMapping,
    Code::InvalidTransactionalState,
    Code::ProducerFenced,
    Code::Fenced,
    Code::GaplessGuarantee,
    Code::Fatal,
    Code::Inconsistent,
    Code::State,
];

/// Time ran out, or the client gave up: in the queue, or under way.
pub(super) const GIVEN_UP: &[Code] = &[Code::MessageTimedOut, Code::Retry, Code::BrokerDestroy, Code::DestroyBroker];

#[cfg(test)]
/// The request was on its way or with the broker, and nobody answered for it; or the broker failed while it appended, or when it
/// had appended. `DuplicateSequenceNumber`: it is in the log already.
pub(super) const OPEN: &[Code] = &[
    Code::RequestTimedOut,
    Code::OperationTimedOut,
    Code::NetworkException,
    Code::NotEnoughReplicasAfterAppend,
    Code::KafkaStorageError,
    Code::LogDirNotFound,
    Code::Unknown,
    Code::DuplicateSequenceNumber,
    Code::PurgeInflight,
    Code::BrokerTransportFailure,
    Code::AllBrokersDown,
    Code::SSL,
    Code::Resolve,
    Code::Fail,
    Code::BadMessage,
    Code::Partial,
    Code::CriticalSystemResource,
    Code::FileSystem,
    Code::Interrupted,
    Code::Application,
    Code::Conflict,
    Code::UnknownBroker,
    Code::RebootstrapRequired,
];

#[cfg(test)]
/// No answer to a send. Should one come all the same, nothing is known of it.
pub(super) const OF_OTHER_REQUESTS: &[Code] = &[
    Code::PartitionEOF,
    Code::ISRInsufficient,
    Code::NodeUpdate,
    Code::WaitingForCoordinator,
    Code::UnknownGroup,
    Code::InProgress,
    Code::PreviousInProgress,
    Code::ExistingSubscription,
    Code::AssignPartitions,
    Code::RevokePartitions,
    Code::UnknownProtocol,
    Code::NoOffset,
    Code::Outdated,
    Code::WaitCache,
    Code::KeyDeserialization,
    Code::ValueDeserialization,
    Code::NoEnt,
    Code::PollExceeded,
    Code::AssignmentLost,
    Code::Noop,
    Code::AutoOffsetReset,
    Code::LogTruncation,
    Code::OffsetOutOfRange,
    Code::StaleControllerEpoch,
    Code::OffsetMetadataTooLarge,
    Code::CoordinatorLoadInProgress,
    Code::CoordinatorNotAvailable,
    Code::NotCoordinator,
    Code::IllegalGeneration,
    Code::InconsistentGroupProtocol,
    Code::InvalidGroupId,
    Code::UnknownMemberId,
    Code::InvalidSessionTimeout,
    Code::RebalanceInProgress,
    Code::InvalidCommitOffsetSize,
    Code::GroupAuthorizationFailed,
    Code::TopicAlreadyExists,
    Code::InvalidPartitions,
    Code::InvalidReplicationFactor,
    Code::InvalidReplicaAssignment,
    Code::NotController,
    Code::InvalidTransactionTimeout,
    Code::ConcurrentTransactions,
    Code::TransactionCoordinatorFenced,
    Code::OperationNotAttempted,
    Code::ReassignmentInProgress,
    Code::DelegationTokenAuthDisabled,
    Code::DelegationTokenNotFound,
    Code::DelegationTokenOwnerMismatch,
    Code::DelegationTokenRequestNotAllowed,
    Code::DelegationTokenAuthorizationFailed,
    Code::DelegationTokenExpired,
    Code::InvalidPrincipalType,
    Code::NonEmptyGroup,
    Code::GroupIdNotFound,
    Code::FetchSessionIdNotFound,
    Code::InvalidFetchSessionEpoch,
    Code::ListenerNotFound,
    Code::TopicDeletionDisabled,
    Code::StaleBrokerEpoch,
    Code::OffsetNotAvailable,
    Code::MemberIdRequired,
    Code::PreferredLeaderNotAvailable,
    Code::GroupMaxSizeReached,
    Code::FencedInstanceId,
    Code::EligibleLeadersNotAvailable,
    Code::ElectionNotNeeded,
    Code::NoReassignmentInProgress,
    Code::GroupSubscribedToTopic,
    Code::UnstableOffsetCommit,
    Code::ResourceNotFound,
    Code::DuplicateResource,
    Code::UnacceptableCredential,
    Code::InconsistentVoterSet,
    Code::InvalidUpdateVersion,
    Code::FeatureUpdateFailed,
    Code::PrincipalDeserializationFailure,
    Code::FencedMemberEpoch,
    Code::UnreleasedInstanceId,
    Code::UnsupportedAssignor,
    Code::StaleMemberEpoch,
    Code::UnknownSubscriptionId,
    Code::TelemetryTooLarge,
];

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use rdkafka::types::RDKafkaRespErr;

    /// Every code that the library knows by a name, but success and the marks of its ranges.
    pub(in super::super) fn all_codes() -> Vec<Code> {
        let codes = (-200..=200).filter_map(|code| RDKafkaRespErr::try_from(code).ok()).map(Code::from);
        codes.filter(|code| ![Code::Begin, Code::End, Code::NoError, Code::EndAll].contains(code)).collect()
    }

    #[test]
    fn every_code_of_the_library_is_in_one_list_and_in_no_other() {
        let lists = [
            UNFIT_FOR_THE_CLIENT,
            UNFIT_FOR_THE_BROKER,
            NOT_TAKEN_BY_WHOM_WAS_ASKED,
            OF_THE_PRODUCERS_IDENTITY,
            GIVEN_UP,
            OPEN,
            OF_OTHER_REQUESTS,
        ];
        let codes = all_codes();
        assert!(codes.len() > 150, "{}", codes.len());
        for code in codes {
            let times = lists.iter().filter(|list| list.contains(&code)).count();
            assert_eq!(times, 1, "{code:?} is in {times} lists");
        }
    }
}
