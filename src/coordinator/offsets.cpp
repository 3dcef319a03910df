#include "coordinator/offsets.hpp"

#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

constexpr std::int16_t first_version_with_group_not_found = 9;
constexpr std::int64_t default_retention = -1;

/// A commit for a topic that was deleted and made anew under the same name does not count.
bool is_for_another_topic(const Uuid& committed, const Uuid& asked) {
  return !committed.is_zero() && !asked.is_zero() && committed != asked;
}

wire::OffsetFetchResponse::GroupPartition fetched(PartitionIndex index,
                                                  const wire::OffsetCommitValue* value) {
  wire::OffsetFetchResponse::GroupPartition partition;
  partition.partition_index = index;
  partition.committed_offset = value == nullptr ? no_offset : value->offset;
  partition.committed_leader_epoch = value == nullptr ? -1 : value->leader_epoch;
  partition.metadata = value == nullptr ? "" : value->metadata;
  return partition;
}

}  // namespace

ErrorCode Offsets::check_commit(const Caller& caller, const wire::OffsetCommitRequest& request,
                                Group* group) const {
  const std::int32_t generation = request.generation_id_or_member_epoch;
  if (group == nullptr) {
    // Without a generation it is a consumer that assigns itself, or an administrator.
    if (generation < 0) return ErrorCode::none;
    return caller.version >= first_version_with_group_not_found ? ErrorCode::group_id_not_found
                                                                : ErrorCode::illegal_generation;
  }
  if (generation < 0 && group->is(GroupState::empty)) return ErrorCode::none;
  if (generation < 0 && request.member_id.empty() && !request.group_instance_id) {
    // Standing alone is for groups without members.
    return ErrorCode::unknown_member_id;
  }
  const ErrorCode error = group->check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return error;
  if (generation != group->generation()) return ErrorCode::illegal_generation;
  if (group->is(GroupState::completing_rebalance)) return ErrorCode::rebalance_in_progress;
  return ErrorCode::none;
}

bool Offsets::too_large(const std::string& metadata) const {
  return metadata.size() > static_cast<std::size_t>(core_.settings.offset_metadata_max_bytes);
}

void Offsets::commit(const Caller& caller, const wire::OffsetCommitRequest& request) {
  Group* group = core_.find(request.group_id);
  const ErrorCode error = check_commit(caller, request, group);
  if (error == ErrorCode::none && group != nullptr) {
    if (const Member* member = group->find(request.member_id)) {
      members_.extend_session(*group, *member);
    }
  }
  wire::OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      const std::string metadata = partition.committed_metadata.value_or("");
      auto& outcome = answered.partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      outcome.error_code = error != ErrorCode::none ? error
                           : too_large(metadata)    ? ErrorCode::offset_metadata_too_large
                                                    : ErrorCode::none;
      if (outcome.error_code != ErrorCode::none) continue;
      if (group == nullptr) group = &core_.find_or_create(request.group_id);
      OffsetRecord record;
      record.key.group = request.group_id;
      record.key.topic = topic.name;
      record.key.partition = partition.partition_index;
      auto& value = record.value.emplace();
      value.offset = partition.committed_offset;
      value.leader_epoch = partition.committed_leader_epoch;
      value.metadata = metadata;
      value.commit_timestamp = core_.now.wall_ms;
      value.topic_id = topic.topic_id;
      if (request.retention_time_ms != default_retention) {
        value.expire_timestamp = core_.now.wall_ms + request.retention_time_ms;
      }
      core_.emit(record, group);
    }
  }
  core_.reply(caller.token, std::move(response), group);
}

void Offsets::fetch(const Caller& caller, const wire::OffsetFetchRequest::Group& request,
                    bool require_stable) {
  FetchedGroup response;
  response.group_id = request.group_id;
  const PersistedGroup* persisted = core_.persisted.find(request.group_id);
  const auto answer = [&](const std::string& topic, PartitionIndex index,
                          const wire::OffsetCommitValue* value) {
    const OffsetKey key{request.group_id, topic, index};
    if (!require_stable || !core_.persisted.pending().contains(key)) return fetched(index, value);
    auto unstable = fetched(index, nullptr);
    unstable.error_code = ErrorCode::unstable_offset_commit;
    return unstable;
  };
  if (request.topics) {
    for (const auto& topic : *request.topics) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic.name;
      answered.topic_id = topic.topic_id;
      for (const PartitionIndex index : topic.partition_indexes) {
        const auto* value = persisted == nullptr ? nullptr : persisted->find(topic.name, index);
        if (value && is_for_another_topic(value->topic_id, topic.topic_id)) value = nullptr;
        answered.partitions.push_back(answer(topic.name, index, value));
      }
    }
  } else if (persisted != nullptr) {
    for (const auto& [topic, partitions] : persisted->offsets) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic;
      for (const auto& [index, value] : partitions) {
        answered.partitions.push_back(answer(topic, index, &value));
      }
    }
  }
  core_.reply(caller.token, std::move(response), core_.find(request.group_id));
}

void Offsets::remove_one(Group* group, const std::string& group_id, const std::string& topic,
                         PartitionIndex partition) {
  OffsetRecord record;
  record.key.group = group_id;
  record.key.topic = topic;
  record.key.partition = partition;
  core_.emit_removal(record, group);
}

void Offsets::remove(const Caller& caller, const wire::OffsetDeleteRequest& request) {
  wire::OffsetDeleteResponse response;
  Group* group = core_.find(request.group_id);
  // Offsets may be committed under the empty name (old clients do), but not deleted.
  if (request.group_id.empty() || group == nullptr) {
    response.error_code =
        request.group_id.empty() ? ErrorCode::invalid_group_id : ErrorCode::group_id_not_found;
    return core_.reply(caller.token, std::move(response), nullptr);
  }
  if (!group->is(GroupState::empty) && !group->is_consumer_group()) {
    // Only of consumers it is known which topics they use.
    response.error_code = ErrorCode::non_empty_group;
    return core_.reply(caller.token, std::move(response), group);
  }
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    const bool in_use = group->is_subscribed(topic.name);
    for (const auto& partition : topic.partitions) {
      auto& outcome = answered.partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      if (in_use) {
        outcome.error_code = ErrorCode::group_subscribed_to_topic;
        continue;
      }
      const PersistedGroup* persisted = core_.persisted.find(group->id());
      const OffsetKey key{group->id(), topic.name, partition.partition_index};
      if ((persisted && persisted->find(key.topic, key.partition)) ||
          core_.persisted.pending().contains(key)) {
        remove_one(group, group->id(), topic.name, partition.partition_index);
      }
    }
  }
  core_.reply(caller.token, std::move(response), group);
}

void Offsets::remove_all(Group& group) {
  if (const PersistedGroup* persisted = core_.persisted.find(group.id())) {
    const PersistedGroup::Offsets offsets = persisted->offsets;
    for (const auto& [topic, partitions] : offsets) {
      for (const auto& [index, value] : partitions) remove_one(&group, group.id(), topic, index);
    }
  }
  // Those that were pending beside a committed one have gone with it.
  for (const OffsetKey& key : core_.persisted.pending().keys_of_group(group.id())) {
    remove_one(&group, key.group, key.topic, key.partition);
  }
}

void Offsets::on_topic_deleted(const std::string& topic) {
  std::set<OffsetKey> affected;
  for (const auto& [id, persisted] : core_.persisted.groups()) {
    const auto partitions = persisted.offsets.find(topic);
    if (partitions == persisted.offsets.end()) continue;
    for (const auto& [index, value] : partitions->second) affected.insert({id, topic, index});
  }
  for (const OffsetKey& key : core_.persisted.pending().keys_of_topic(topic)) affected.insert(key);
  for (const OffsetKey& key : affected) {
    remove_one(core_.find(key.group), key.group, key.topic, key.partition);
  }
}

}  // namespace horolog::coordinator
