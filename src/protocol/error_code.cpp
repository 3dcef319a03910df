#include "protocol/error_code.hpp"

#include <array>
#include <cstddef>

namespace horolog::wire {
namespace {

struct Entry {
  std::string_view name;
  bool retriable;
};

constexpr std::int16_t first_code = -1;
constexpr bool retriable = true;
constexpr bool fatal = false;

/// By code, from first_code on.
constexpr std::array table{
    Entry{"UNKNOWN_SERVER_ERROR", fatal},
    Entry{"NONE", fatal},
    Entry{"OFFSET_OUT_OF_RANGE", fatal},
    Entry{"CORRUPT_MESSAGE", retriable},
    Entry{"UNKNOWN_TOPIC_OR_PARTITION", retriable},
    Entry{"INVALID_FETCH_SIZE", fatal},
    Entry{"LEADER_NOT_AVAILABLE", retriable},
    Entry{"NOT_LEADER_OR_FOLLOWER", retriable},
    Entry{"REQUEST_TIMED_OUT", retriable},
    Entry{"BROKER_NOT_AVAILABLE", fatal},
    Entry{"REPLICA_NOT_AVAILABLE", retriable},
    Entry{"MESSAGE_TOO_LARGE", fatal},
    Entry{"STALE_CONTROLLER_EPOCH", fatal},
    Entry{"OFFSET_METADATA_TOO_LARGE", fatal},
    Entry{"NETWORK_EXCEPTION", retriable},
    Entry{"COORDINATOR_LOAD_IN_PROGRESS", retriable},
    Entry{"COORDINATOR_NOT_AVAILABLE", retriable},
    Entry{"NOT_COORDINATOR", retriable},
    Entry{"INVALID_TOPIC_EXCEPTION", fatal},
    Entry{"RECORD_LIST_TOO_LARGE", fatal},
    Entry{"NOT_ENOUGH_REPLICAS", retriable},
    Entry{"NOT_ENOUGH_REPLICAS_AFTER_APPEND", retriable},
    Entry{"INVALID_REQUIRED_ACKS", fatal},
    Entry{"ILLEGAL_GENERATION", fatal},
    Entry{"INCONSISTENT_GROUP_PROTOCOL", fatal},
    Entry{"INVALID_GROUP_ID", fatal},
    Entry{"UNKNOWN_MEMBER_ID", fatal},
    Entry{"INVALID_SESSION_TIMEOUT", fatal},
    Entry{"REBALANCE_IN_PROGRESS", fatal},
    Entry{"INVALID_COMMIT_OFFSET_SIZE", fatal},
    Entry{"TOPIC_AUTHORIZATION_FAILED", fatal},
    Entry{"GROUP_AUTHORIZATION_FAILED", fatal},
    Entry{"CLUSTER_AUTHORIZATION_FAILED", fatal},
    Entry{"INVALID_TIMESTAMP", fatal},
    Entry{"UNSUPPORTED_SASL_MECHANISM", fatal},
    Entry{"ILLEGAL_SASL_STATE", fatal},
    Entry{"UNSUPPORTED_VERSION", fatal},
    Entry{"TOPIC_ALREADY_EXISTS", fatal},
    Entry{"INVALID_PARTITIONS", fatal},
    Entry{"INVALID_REPLICATION_FACTOR", fatal},
    Entry{"INVALID_REPLICA_ASSIGNMENT", fatal},
    Entry{"INVALID_CONFIG", fatal},
    Entry{"NOT_CONTROLLER", retriable},
    Entry{"INVALID_REQUEST", fatal},
    Entry{"UNSUPPORTED_FOR_MESSAGE_FORMAT", fatal},
    Entry{"POLICY_VIOLATION", fatal},
    Entry{"OUT_OF_ORDER_SEQUENCE_NUMBER", fatal},
    Entry{"DUPLICATE_SEQUENCE_NUMBER", fatal},
    Entry{"INVALID_PRODUCER_EPOCH", fatal},
    Entry{"INVALID_TXN_STATE", fatal},
    Entry{"INVALID_PRODUCER_ID_MAPPING", fatal},
    Entry{"INVALID_TRANSACTION_TIMEOUT", fatal},
    Entry{"CONCURRENT_TRANSACTIONS", retriable},
    Entry{"TRANSACTION_COORDINATOR_FENCED", fatal},
    Entry{"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", fatal},
    Entry{"SECURITY_DISABLED", fatal},
    Entry{"OPERATION_NOT_ATTEMPTED", fatal},
    Entry{"KAFKA_STORAGE_ERROR", retriable},
    Entry{"LOG_DIR_NOT_FOUND", fatal},
    Entry{"SASL_AUTHENTICATION_FAILED", fatal},
    Entry{"UNKNOWN_PRODUCER_ID", fatal},
    Entry{"REASSIGNMENT_IN_PROGRESS", fatal},
    Entry{"DELEGATION_TOKEN_AUTH_DISABLED", fatal},
    Entry{"DELEGATION_TOKEN_NOT_FOUND", fatal},
    Entry{"DELEGATION_TOKEN_OWNER_MISMATCH", fatal},
    Entry{"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", fatal},
    Entry{"DELEGATION_TOKEN_AUTHORIZATION_FAILED", fatal},
    Entry{"DELEGATION_TOKEN_EXPIRED", fatal},
    Entry{"INVALID_PRINCIPAL_TYPE", fatal},
    Entry{"NON_EMPTY_GROUP", fatal},
    Entry{"GROUP_ID_NOT_FOUND", fatal},
    Entry{"FETCH_SESSION_ID_NOT_FOUND", retriable},
    Entry{"INVALID_FETCH_SESSION_EPOCH", retriable},
    Entry{"LISTENER_NOT_FOUND", retriable},
    Entry{"TOPIC_DELETION_DISABLED", fatal},
    Entry{"FENCED_LEADER_EPOCH", retriable},
    Entry{"UNKNOWN_LEADER_EPOCH", retriable},
    Entry{"UNSUPPORTED_COMPRESSION_TYPE", fatal},
    Entry{"STALE_BROKER_EPOCH", fatal},
    Entry{"OFFSET_NOT_AVAILABLE", retriable},
    Entry{"MEMBER_ID_REQUIRED", fatal},
    Entry{"PREFERRED_LEADER_NOT_AVAILABLE", retriable},
    Entry{"GROUP_MAX_SIZE_REACHED", fatal},
    Entry{"FENCED_INSTANCE_ID", fatal},
    Entry{"ELIGIBLE_LEADERS_NOT_AVAILABLE", retriable},
    Entry{"ELECTION_NOT_NEEDED", retriable},
    Entry{"NO_REASSIGNMENT_IN_PROGRESS", fatal},
    Entry{"GROUP_SUBSCRIBED_TO_TOPIC", fatal},
    Entry{"INVALID_RECORD", fatal},
    Entry{"UNSTABLE_OFFSET_COMMIT", retriable},
    Entry{"THROTTLING_QUOTA_EXCEEDED", retriable},
    Entry{"PRODUCER_FENCED", fatal},
    Entry{"RESOURCE_NOT_FOUND", fatal},
    Entry{"DUPLICATE_RESOURCE", fatal},
    Entry{"UNACCEPTABLE_CREDENTIAL", fatal},
    Entry{"INCONSISTENT_VOTER_SET", fatal},
    Entry{"INVALID_UPDATE_VERSION", fatal},
    Entry{"FEATURE_UPDATE_FAILED", fatal},
    Entry{"PRINCIPAL_DESERIALIZATION_FAILURE", fatal},
    Entry{"SNAPSHOT_NOT_FOUND", fatal},
    Entry{"POSITION_OUT_OF_RANGE", fatal},
    Entry{"UNKNOWN_TOPIC_ID", retriable},
    Entry{"DUPLICATE_BROKER_REGISTRATION", fatal},
    Entry{"BROKER_ID_NOT_REGISTERED", fatal},
    Entry{"INCONSISTENT_TOPIC_ID", retriable},
    Entry{"INCONSISTENT_CLUSTER_ID", fatal},
    Entry{"TRANSACTIONAL_ID_NOT_FOUND", fatal},
    Entry{"FETCH_SESSION_TOPIC_ID_ERROR", retriable},
    Entry{"INELIGIBLE_REPLICA", fatal},
    Entry{"NEW_LEADER_ELECTED", fatal},
    Entry{"OFFSET_MOVED_TO_TIERED_STORAGE", fatal},
    Entry{"FENCED_MEMBER_EPOCH", fatal},
    Entry{"UNRELEASED_INSTANCE_ID", fatal},
    Entry{"UNSUPPORTED_ASSIGNOR", fatal},
    Entry{"STALE_MEMBER_EPOCH", fatal},
    Entry{"MISMATCHED_ENDPOINT_TYPE", fatal},
    Entry{"UNSUPPORTED_ENDPOINT_TYPE", fatal},
    Entry{"UNKNOWN_CONTROLLER_ID", fatal},
    Entry{"UNKNOWN_SUBSCRIPTION_ID", fatal},
    Entry{"TELEMETRY_TOO_LARGE", fatal},
    Entry{"INVALID_REGISTRATION", fatal},
    Entry{"TRANSACTION_ABORTABLE", fatal},
    Entry{"INVALID_RECORD_STATE", fatal},
    Entry{"SHARE_SESSION_NOT_FOUND", retriable},
    Entry{"INVALID_SHARE_SESSION_EPOCH", retriable},
    Entry{"FENCED_STATE_EPOCH", fatal},
    Entry{"INVALID_VOTER_KEY", fatal},
    Entry{"DUPLICATE_VOTER", fatal},
    Entry{"VOTER_NOT_FOUND", fatal},
    Entry{"INVALID_REGULAR_EXPRESSION", fatal},
    Entry{"REBOOTSTRAP_REQUIRED", fatal},
    Entry{"STREAMS_INVALID_TOPOLOGY", fatal},
    Entry{"STREAMS_INVALID_TOPOLOGY_EPOCH", fatal},
    Entry{"STREAMS_TOPOLOGY_FENCED", fatal},
    Entry{"SHARE_SESSION_LIMIT_REACHED", retriable},
};

const Entry* find(ErrorCode code) {
  const auto index = static_cast<std::size_t>(static_cast<std::int16_t>(code) - first_code);
  return index < table.size() ? &table[index] : nullptr;
}

}  // namespace

std::string_view to_string(ErrorCode code) {
  const Entry* entry = find(code);
  return entry ? entry->name : "UNNAMED_ERROR_CODE";
}

bool is_retriable(ErrorCode code) {
  const Entry* entry = find(code);
  return entry && entry->retriable;
}

}  // namespace horolog::wire
