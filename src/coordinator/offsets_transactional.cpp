#include "base/assert.hpp"
#include "coordinator/classic_groups.hpp"
#include "coordinator/offsets.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

ErrorCode Offsets::check_transactional(const wire::TxnOffsetCommitRequest& request) const {
  if (request.group_id.empty()) return ErrorCode::invalid_group_id;
  const Group* group = core_.find(request.group_id);
  const std::int32_t generation = request.generation_id;
  if (group == nullptr) {
    return generation < 0 ? ErrorCode::none : ErrorCode::illegal_generation;
  }
  if (generation < 0 && group->is(GroupState::empty)) return ErrorCode::none;
  // Producers of before KIP-447 say nothing of the consumer they commit for.
  const bool names_member =
      generation >= 0 || !request.member_id.empty() || request.group_instance_id;
  if (!names_member) return ErrorCode::none;
  const ErrorCode error = group->check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return error;
  // Unlike a plain commit, it may come while the group rebalances: the transaction ends first.
  return generation == group->generation() ? ErrorCode::none : ErrorCode::illegal_generation;
}

void Offsets::commit_transactional(const Caller& caller,
                                   const wire::TxnOffsetCommitRequest& request) {
  const ErrorCode error = check_transactional(request);
  Unsettled commit;
  commit.caller = caller;
  commit.group = request.group_id;
  commit.producer = request.producer_id;
  for (const auto& topic : request.topics) {
    auto& answered = commit.response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      const std::string metadata = partition.committed_metadata.value_or("");
      auto& outcome = answered.partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      outcome.error_code = error != ErrorCode::none ? error
                           : too_large(metadata)    ? ErrorCode::offset_metadata_too_large
                                                    : ErrorCode::none;
      if (outcome.error_code != ErrorCode::none) continue;
      OffsetRecord& record = commit.records.emplace_back();
      record.key.group = request.group_id;
      record.key.topic = topic.name;
      record.key.partition = partition.partition_index;
      auto& value = record.value.emplace();
      value.offset = partition.committed_offset;
      value.leader_epoch = partition.committed_leader_epoch;
      value.metadata = metadata;
      value.commit_timestamp = core_.now.wall_ms;
    }
  }
  if (commit.records.empty()) {
    return core_.reply(caller.token, std::move(commit.response), core_.find(request.group_id));
  }
  commit.write = core_.effects.write = ++core_.writes;
  core_.effects.transaction = TransactionalBatch{request.producer_id, request.producer_epoch};
  for (const OffsetRecord& record : commit.records) {
    core_.effects.records.push_back(encode_record(record));
  }
  unsettled_ = std::move(commit);
}

void Offsets::settle_transactional(ErrorCode outcome) {
  HOROLOG_ASSERT(unsettled_.has_value());
  Unsettled commit = std::move(*unsettled_);
  unsettled_.reset();
  if (outcome == ErrorCode::none) {
    Group& group = core_.find_or_create(commit.group);
    for (const OffsetRecord& record : commit.records) {
      core_.persisted.replay(record, commit.producer);
    }
    group.last_write = commit.write;
    return core_.reply(commit.caller.token, std::move(commit.response), &group);
  }
  // Nothing has been written: the number goes to the next write.
  HOROLOG_ASSERT(core_.writes == commit.write);
  --core_.writes;
  for (auto& topic : commit.response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == ErrorCode::none) partition.error_code = outcome;
    }
  }
  core_.reply(commit.caller.token, std::move(commit.response), core_.find(commit.group));
}

}  // namespace horolog::coordinator
