#include "client/error_help.hpp"

#include <algorithm>
#include <array>

namespace horolog::client {
namespace {

using enum wire::ErrorCode;

struct Row {
  wire::ErrorCode code;
  ErrorHelp help;
};

/// In our words; those that a client of ours can meet.
constexpr std::array table{
    Row{unknown_server_error,
        {"the broker failed at something it did not expect", "its log says more"}},
    Row{offset_out_of_range,
        {"the offset lies outside what the partition holds",
         "retention may have passed it: seek, or set auto.offset.reset"}},
    Row{corrupt_message, {"the checksum of a batch is wrong, or its records are malformed", ""}},
    Row{unknown_topic_or_partition,
        {"this broker has no such topic or partition", "check the name with `horolog topic ls`"}},
    Row{leader_not_available, {"the partition has no leader at the moment", ""}},
    Row{not_leader_or_follower, {"another broker leads the partition now", ""}},
    Row{request_timed_out, {"the broker could not do it within the time allowed", ""}},
    Row{broker_not_available, {"the broker is not there", ""}},
    Row{message_too_large,
        {"a batch exceeds max.message.bytes of the topic",
         "send smaller records, or raise max.message.bytes"}},
    Row{offset_metadata_too_large, {"the text committed with an offset is too long", ""}},
    Row{network_exception, {"the connection broke before there was an answer", ""}},
    Row{coordinator_load_in_progress, {"the coordinator is still reading its state", ""}},
    Row{coordinator_not_available, {"no coordinator can be named at the moment", ""}},
    Row{not_coordinator, {"another broker coordinates this now", ""}},
    Row{invalid_topic_exception,
        {"the topic name is not allowed",
         "use at most 249 of the characters a-z A-Z 0-9 . _ - and not \".\" or \"..\""}},
    Row{record_list_too_large, {"the batch is larger than a segment", ""}},
    Row{not_enough_replicas, {"too few replicas are in sync for min.insync.replicas", ""}},
    Row{not_enough_replicas_after_append,
        {"appended, but too few replicas are in sync for min.insync.replicas", ""}},
    Row{invalid_required_acks, {"acks must be 0, 1 or all", ""}},
    Row{illegal_generation, {"the group has begun a newer generation", "join again"}},
    Row{inconsistent_group_protocol,
        {"the members of the group share no assignor",
         "configure one assignor that every member knows"}},
    Row{invalid_group_id, {"the group id is empty or not allowed", ""}},
    Row{unknown_member_id,
        {"the group does not know this member",
         "its session ended, or the group is in use by members while offsets are set by hand"}},
    Row{invalid_session_timeout,
        {"the session timeout lies outside the broker's group.min/max.session.timeout.ms", ""}},
    Row{rebalance_in_progress, {"the group is rebalancing", "join again"}},
    Row{topic_authorization_failed, {"this user may not do that to the topic", "add an ACL"}},
    Row{group_authorization_failed, {"this user may not use the group", "add an ACL"}},
    Row{cluster_authorization_failed, {"this user may not do that to the cluster", "add an ACL"}},
    Row{invalid_timestamp, {"a record's timestamp is out of the range the topic accepts", ""}},
    Row{unsupported_version, {"the broker does not serve this version of the request", ""}},
    Row{topic_already_exists, {"a topic of this name exists", ""}},
    Row{invalid_partitions, {"the number of partitions is not allowed", ""}},
    Row{invalid_replication_factor,
        {"the replication factor is below 1 or above the number of brokers", ""}},
    Row{invalid_replica_assignment, {"the replica assignment cannot be right", ""}},
    Row{invalid_config, {"a setting has no such name or value", ""}},
    Row{not_controller, {"another broker is the controller now", ""}},
    Row{invalid_request, {"the request contradicts itself", ""}},
    Row{policy_violation, {"a policy of the broker forbids it", ""}},
    Row{out_of_order_sequence_number, {"a batch before this one is missing", ""}},
    Row{duplicate_sequence_number, {"the broker has had this batch", ""}},
    Row{invalid_producer_epoch,
        {"a newer producer with the same transactional.id has taken over",
         "give every running producer a transactional.id of its own"}},
    Row{invalid_txn_state, {"the transaction is in a state that does not allow this", ""}},
    Row{invalid_producer_id_mapping,
        {"the transactional.id belongs to another producer id by now", ""}},
    Row{invalid_transaction_timeout,
        {"the transaction timeout exceeds the broker's transaction.max.timeout.ms", ""}},
    Row{concurrent_transactions, {"the previous transaction is still being completed", ""}},
    Row{transactional_id_authorization_failed,
        {"this user may not use the transactional.id", "add an ACL"}},
    Row{security_disabled, {"the broker has no authorizer", ""}},
    Row{operation_not_attempted, {"not tried, because another part of the request failed", ""}},
    Row{kafka_storage_error, {"the broker's disk failed or is full", "its log says which"}},
    Row{sasl_authentication_failed, {"user name or password is wrong", ""}},
    Row{unknown_producer_id, {"the broker has forgotten this producer", ""}},
    Row{non_empty_group,
        {"the group has members", "stop them first; `horolog group members` names them"}},
    Row{group_id_not_found, {"there is no such group", "see `horolog group ls`"}},
    Row{fetch_session_id_not_found, {"the broker has dropped the fetch session", ""}},
    Row{invalid_fetch_session_epoch, {"the fetch session is out of step", ""}},
    Row{topic_deletion_disabled,
        {"the broker forbids deleting topics", "set delete.topic.enable=true"}},
    Row{fenced_leader_epoch, {"the client knows an older leader than the broker", ""}},
    Row{unknown_leader_epoch, {"the client knows a newer leader than the broker", ""}},
    Row{unsupported_compression_type, {"the broker does not know this compression", ""}},
    Row{offset_not_available, {"a new leader does not know its end offset yet", ""}},
    Row{member_id_required, {"join again with the member id given", ""}},
    Row{group_max_size_reached, {"the group has as many members as group.max.size allows", ""}},
    Row{fenced_instance_id,
        {"another member uses the same group.instance.id", "give every member one of its own"}},
    Row{group_subscribed_to_topic,
        {"the group's members still read this topic", "stop them before its offsets are deleted"}},
    Row{invalid_record, {"a record breaks a rule of the topic (a compacted topic needs keys)", ""}},
    Row{unstable_offset_commit,
        {"a transaction has offsets of this group open",
         "wait for its end; if that never comes, kafka-transactions.sh find-hanging shows it"}},
    Row{throttling_quota_exceeded, {"a quota is used up", ""}},
    Row{producer_fenced,
        {"a newer producer with the same transactional.id has taken over",
         "give every running producer a transactional.id of its own"}},
    Row{resource_not_found, {"there is no such resource", ""}},
    Row{duplicate_resource, {"the resource is named twice, or exists", ""}},
    Row{unknown_topic_id, {"the topic has been deleted or created anew", ""}},
    Row{inconsistent_topic_id, {"the topic has been deleted or created anew", ""}},
    Row{transactional_id_not_found, {"there is no such transactional.id", ""}},
    Row{fenced_member_epoch, {"the member's epoch is over", "join again"}},
    Row{unreleased_instance_id, {"the group.instance.id is still in use", ""}},
    Row{unsupported_assignor, {"the broker does not have this assignor", ""}},
    Row{stale_member_epoch, {"the member's epoch is behind", ""}},
    Row{transaction_abortable, {"the transaction cannot be completed", "abort it and try again"}},
    Row{rebootstrap_required, {"the broker asks its clients to start from bootstrap again", ""}},
};

}  // namespace

ErrorHelp error_help(wire::ErrorCode code) {
  const auto* const row = std::ranges::find(table, code, &Row::code);
  return row == table.end() ? ErrorHelp{} : row->help;
}

}  // namespace horolog::client
