#include "tools/error_advice.hpp"

#include <algorithm>
#include <string>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

using wire::ErrorCode;

struct Row {
  ErrorCode code;
  ErrorAdvice advice;
};

constexpr Row rows[] = {
    {ErrorCode::unknown_server_error,
     {"the broker failed in a way that has no code", "read the broker's log at that time"}},
    {ErrorCode::offset_out_of_range,
     {"the offset lies before the log's start (retention removed it) or behind its end",
      "see 'horolog offsets TOPIC'; move the group with 'horolog group reset'"}},
    {ErrorCode::corrupt_message,
     {"a batch does not match its checksum", "'horolog log verify DIR' on the broker's machine"}},
    {ErrorCode::unknown_topic_or_partition,
     {"the topic or partition does not exist on that broker",
      "'horolog topic ls'; 'horolog topic create NAME' makes it"}},
    {ErrorCode::leader_not_available,
     {"the partition has no leader at the moment", "wait; clients try again by themselves"}},
    {ErrorCode::not_leader_or_follower,
     {"the client asked a broker that does not lead the partition",
      "clients read the metadata again by themselves"}},
    {ErrorCode::request_timed_out,
     {"the broker could not finish in the time that the request allowed",
      "look at the disk's latency and raise the client's timeouts"}},
    {ErrorCode::message_too_large,
     {"a batch is larger than max.message.bytes of its topic",
      "raise max.message.bytes, or lower the producer's batch size"}},
    {ErrorCode::coordinator_load_in_progress,
     {"the coordinator of the group or transaction still reads its log",
      "wait; clients try again by themselves"}},
    {ErrorCode::coordinator_not_available,
     {"the group's or transaction's coordinator cannot be reached",
      "wait; see the broker's log when it lasts"}},
    {ErrorCode::not_coordinator,
     {"another broker coordinates this group or transaction", "clients ask again by themselves"}},
    {ErrorCode::invalid_topic_exception,
     {"the name is empty, too long (249) or has characters outside [A-Za-z0-9._-]",
      "choose another name"}},
    {ErrorCode::not_enough_replicas,
     {"fewer replicas are in sync than min.insync.replicas asks for",
      "bring brokers back, or lower min.insync.replicas"}},
    {ErrorCode::illegal_generation,
     {"the member speaks for a generation that has been replaced by a rebalance",
      "the client joins again by itself"}},
    {ErrorCode::inconsistent_group_protocol,
     {"the members of the group have no assignor in common",
      "give all members the same partition.assignment.strategy"}},
    {ErrorCode::invalid_group_id, {"the group's name is empty", "set group.id"}},
    {ErrorCode::unknown_member_id,
     {"the group has expelled the member (it was silent too long), or the group is in use and "
      "somebody outside tried to commit",
      "for a reset: stop the members first ('horolog group members GROUP')"}},
    {ErrorCode::invalid_session_timeout,
     {"session.timeout.ms lies outside what the broker allows",
      "see group.min.session.timeout.ms and group.max.session.timeout.ms"}},
    {ErrorCode::rebalance_in_progress,
     {"the group is rebalancing", "the client joins again by itself"}},
    {ErrorCode::topic_authorization_failed,
     {"the principal may not do that with the topic", "add an ACL for the topic"}},
    {ErrorCode::group_authorization_failed,
     {"the principal may not use the group", "add an ACL for the group"}},
    {ErrorCode::cluster_authorization_failed,
     {"the principal may not do that in the cluster", "add an ACL for the cluster"}},
    {ErrorCode::invalid_timestamp,
     {"a record's timestamp is too far from the broker's clock",
      "check the producer's clock, or message.timestamp.before.max.ms and .after.max.ms"}},
    {ErrorCode::unsupported_version,
     {"the broker does not serve the version of the request that the client chose",
      "use a newer client: Kafka 2.1 or later"}},
    {ErrorCode::topic_already_exists,
     {"a topic of that name exists", "'horolog topic create --if-not-exists'"}},
    {ErrorCode::invalid_partitions,
     {"the number of partitions is not positive, or not larger than it is now",
      "partitions can only be added"}},
    {ErrorCode::invalid_replication_factor,
     {"the cluster has fewer brokers than replicas were asked for",
      "use a smaller replication factor; a single Horolog has 1"}},
    {ErrorCode::invalid_config,
     {"a setting's value cannot be", "'horolog config ls topic NAME' shows the settings"}},
    {ErrorCode::not_controller,
     {"the broker asked is not the controller", "clients ask again by themselves"}},
    {ErrorCode::invalid_request,
     {"the request contradicts itself", "a bug of the client: report it with the broker's log"}},
    {ErrorCode::policy_violation, {"a policy of the cluster forbids it", "ask who runs it"}},
    {ErrorCode::out_of_order_sequence_number,
     {"batches of an idempotent producer are missing before this one",
      "data was lost between: see the producer's errors before it"}},
    {ErrorCode::duplicate_sequence_number,
     {"the batch was written before and is no longer remembered", "nothing: it is in the log"}},
    {ErrorCode::invalid_producer_epoch,
     {"another producer with the same transactional.id has taken over",
      "run each transactional.id once"}},
    {ErrorCode::invalid_txn_state,
     {"the transaction is not in the state that the request needs",
      "abort it and begin a new one"}},
    {ErrorCode::invalid_producer_id_mapping,
     {"the transactional.id has another producer id now, or has expired",
      "start the producer again"}},
    {ErrorCode::invalid_transaction_timeout,
     {"transaction.timeout.ms is above transaction.max.timeout.ms of the broker", "lower it"}},
    {ErrorCode::concurrent_transactions,
     {"the transaction before is still being finished", "the client tries again by itself"}},
    {ErrorCode::kafka_storage_error,
     {"the broker's disk failed or is full",
      "read the broker's log; make room, or 'horolog log verify DIR'"}},
    {ErrorCode::unknown_producer_id,
     {"the broker has forgotten the producer (retention, or silence)",
      "a new client handles it by itself"}},
    {ErrorCode::non_empty_group,
     {"the group has members", "stop them first: 'horolog group members GROUP'"}},
    {ErrorCode::group_id_not_found, {"there is no such group", "'horolog group ls'"}},
    {ErrorCode::unsupported_compression_type,
     {"the broker does not know the codec of the batch", "choose another compression.type"}},
    {ErrorCode::fenced_instance_id,
     {"another member joined with the same group.instance.id",
      "give every static member its own id"}},
    {ErrorCode::group_max_size_reached,
     {"the group has group.max.size members", "raise it, or use fewer members"}},
    {ErrorCode::group_subscribed_to_topic,
     {"members of the group read the topic", "stop them before deleting its offsets"}},
    {ErrorCode::invalid_record,
     {"a record breaks a rule of the topic: no key in a compacted one, or it does not decode",
      "see the message beside the code"}},
    {ErrorCode::producer_fenced,
     {"a newer producer with the same transactional.id exists", "run each transactional.id once"}},
    {ErrorCode::unknown_topic_id,
     {"the topic was deleted, perhaps made anew", "clients read the metadata again by themselves"}},
    {ErrorCode::transactional_id_not_found,
     {"no transaction of that id is known", "'horolog log dump' of __transaction_state"}},
    {ErrorCode::transaction_abortable,
     {"the transaction cannot go on", "abort it and begin a new one"}},
};

}  // namespace

std::optional<ErrorAdvice> error_advice(ErrorCode code) {
  const auto found = std::find_if(std::begin(rows), std::end(rows),
                                  [&](const Row& row) { return row.code == code; });
  if (found == std::end(rows)) return std::nullopt;
  return found->advice;
}

std::optional<ErrorCode> find_error(std::string_view name_or_code) {
  if (const auto number = parse_integer(name_or_code)) {
    if (*number < first_error_code || *number > last_error_code) return std::nullopt;
    return static_cast<ErrorCode>(*number);
  }
  std::string name(name_or_code);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  for (int code = first_error_code; code <= last_error_code; ++code) {
    if (wire::to_string(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return std::nullopt;
}

}  // namespace horolog::command
