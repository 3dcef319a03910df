// OffsetCommit 2–10, OffsetFetch 1–10, OffsetDelete 0. Topic ids (version 10) are resolved here, so
// that coordinators see names. A commit is answered when it is durable; a fetch that reads a commit
// whose sync is under way waits for it.

#include <algorithm>

#include "broker/group_calls.hpp"
#include "broker/handlers.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Catalog = storage::CatalogSnapshot;
using TopicPointer = std::shared_ptr<const storage::TopicInfo>;

constexpr std::int16_t first_version_with_topic_ids = 10;
constexpr std::int16_t first_version_with_groups = 8;
constexpr std::int16_t first_version_with_group_error = 2;

ErrorCode missing_topic(std::int16_t version) {
  return version >= first_version_with_topic_ids ? ErrorCode::unknown_topic_id
                                                 : ErrorCode::unknown_topic_or_partition;
}

TopicPointer find_topic(const Catalog& catalog, std::int16_t version, const std::string& name,
                        const Uuid& id) {
  return version >= first_version_with_topic_ids ? catalog.find(id) : catalog.find(name);
}

bool has_partition(const TopicPointer& topic, PartitionIndex index) {
  return topic != nullptr && index >= 0 && index < topic->partitions;
}

/// The response's entry for a topic; one is made when it has none.
template <typename Topics, typename Like>
auto& entry_for(Topics& topics, const Like& topic) {
  for (auto& known : topics) {
    if constexpr (requires { known.topic_id; }) {
      if (known.name == topic.name && known.topic_id == topic.topic_id) return known;
    } else if (known.name == topic.name) {
      return known;
    }
  }
  auto& added = topics.emplace_back();
  added.name = topic.name;
  if constexpr (requires { added.topic_id; }) added.topic_id = topic.topic_id;
  return added;
}

template <typename Topics>
void merge(Topics& into, Topics from) {
  for (auto& topic : from) {
    auto& partitions = entry_for(into, topic).partitions;
    std::move(topic.partitions.begin(), topic.partitions.end(), std::back_inserter(partitions));
  }
}

/// Moves what the catalog does not have out of the request and into the response, as errors.
void split_commit(const Catalog& catalog, std::int16_t version, wire::OffsetCommitRequest& asked,
                  wire::OffsetCommitResponse& refused) {
  for (auto& topic : asked.topics) {
    const TopicPointer info = find_topic(catalog, version, topic.name, topic.topic_id);
    if (info != nullptr) {
      topic.name = info->name;
      topic.topic_id = info->id;
    }
    std::erase_if(topic.partitions, [&](const auto& partition) {
      if (has_partition(info, partition.partition_index)) return false;
      auto& outcome = entry_for(refused.topics, topic).partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      outcome.error_code = info ? ErrorCode::unknown_topic_or_partition : missing_topic(version);
      return true;
    });
  }
  std::erase_if(asked.topics, [](const auto& topic) { return topic.partitions.empty(); });
}

wire::OffsetCommitResponse refuse_commit(const wire::OffsetCommitRequest& asked, ErrorCode error) {
  wire::OffsetCommitResponse response;
  for (const auto& topic : asked.topics) {
    for (const auto& partition : topic.partitions) {
      auto& outcome = entry_for(response.topics, topic).partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      outcome.error_code = error;
    }
  }
  return response;
}

void split_delete(const Catalog& catalog, wire::OffsetDeleteRequest& asked,
                  wire::OffsetDeleteResponse& refused) {
  for (auto& topic : asked.topics) {
    const TopicPointer info = catalog.find(topic.name);
    std::erase_if(topic.partitions, [&](const auto& partition) {
      if (has_partition(info, partition.partition_index)) return false;
      auto& outcome = entry_for(refused.topics, topic).partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      outcome.error_code = ErrorCode::unknown_topic_or_partition;
      return true;
    });
  }
  std::erase_if(asked.topics, [](const auto& topic) { return topic.partitions.empty(); });
}

// OffsetFetch

using AskedGroup = wire::OffsetFetchRequest::Group;
using FetchedGroup = coordinator::FetchedGroup;

/// Up to version 7 a request is about one group, and spelled differently.
std::vector<AskedGroup> asked_groups(wire::OffsetFetchRequest& asked, std::int16_t version) {
  if (version >= first_version_with_groups) return std::move(asked.groups);
  AskedGroup group;
  group.group_id = asked.group_id;
  group.topics.reset();
  if (asked.topics) {
    auto& topics = group.topics.emplace();
    for (auto& topic : *asked.topics) {
      auto& added = topics.emplace_back();
      added.name = std::move(topic.name);
      added.partition_indexes = std::move(topic.partition_indexes);
    }
  }
  return {std::move(group)};
}

wire::OffsetFetchResponse::GroupPartition no_commit(PartitionIndex index, ErrorCode error) {
  wire::OffsetFetchResponse::GroupPartition partition;
  partition.partition_index = index;
  partition.committed_offset = no_offset;
  partition.error_code = error;
  return partition;
}

/// Names for ids; topics whose id nobody has go to the response as errors.
void resolve_ids(const Catalog& catalog, std::int16_t version, AskedGroup& asked,
                 FetchedGroup& refused) {
  if (!asked.topics) return;
  std::erase_if(*asked.topics, [&](auto& topic) {
    const TopicPointer info = find_topic(catalog, version, topic.name, topic.topic_id);
    if (info != nullptr) {
      topic.name = info->name;
      topic.topic_id = info->id;
      return false;
    }
    if (version < first_version_with_topic_ids) return false;
    auto& entry = entry_for(refused.topics, topic);
    for (const PartitionIndex index : topic.partition_indexes) {
      entry.partitions.push_back(no_commit(index, ErrorCode::unknown_topic_id));
    }
    return true;
  });
}

/// A fetch of everything comes back with names only.
void add_ids(const Catalog& catalog, FetchedGroup& group) {
  std::erase_if(group.topics, [&](auto& topic) {
    if (!topic.topic_id.is_zero()) return false;
    const TopicPointer info = catalog.find(topic.name);
    if (info != nullptr) topic.topic_id = info->id;
    return info == nullptr;
  });
}

FetchedGroup refuse_fetch(const AskedGroup& asked, std::int16_t version, ErrorCode error) {
  FetchedGroup group;
  group.group_id = asked.group_id;
  if (version >= first_version_with_group_error) {
    group.error_code = error;
    return group;
  }
  // Version 1 has errors of partitions only.
  if (!asked.topics) return group;
  for (const auto& topic : *asked.topics) {
    auto& entry = entry_for(group.topics, topic);
    for (const PartitionIndex index : topic.partition_indexes) {
      entry.partitions.push_back(no_commit(index, error));
    }
  }
  return group;
}

wire::OffsetFetchResponse spell(std::vector<FetchedGroup> groups, std::int16_t version) {
  wire::OffsetFetchResponse response;
  if (version >= first_version_with_groups) {
    response.groups = std::move(groups);
    return response;
  }
  FetchedGroup& group = groups.at(0);
  response.error_code = group.error_code;
  for (auto& topic : group.topics) {
    auto& added = response.topics.emplace_back();
    added.name = std::move(topic.name);
    for (auto& partition : topic.partitions) {
      auto& spelled = added.partitions.emplace_back();
      spelled.partition_index = partition.partition_index;
      spelled.committed_offset = partition.committed_offset;
      spelled.committed_leader_epoch = partition.committed_leader_epoch;
      spelled.metadata = std::move(partition.metadata);
      spelled.error_code = partition.error_code;
    }
  }
  return response;
}

}  // namespace

void handle_offset_commit(Context& context, Request request) {
  auto decoded = request.decode<wire::OffsetCommitRequest>();
  if (!decoded) return;
  wire::OffsetCommitResponse refused;
  split_commit(*context.catalog(), request.version(), *decoded, refused);
  if (decoded->topics.empty()) return request.reply(refused);
  const auto asked = std::make_shared<const wire::OffsetCommitRequest>(std::move(*decoded));
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  context.groups.call(
      asked->group_id, caller,
      [asked](auto& machine, const auto& from, auto now) {
        return machine.commit(from, *asked, now);
      },
      [held, asked, refused = std::move(refused)](ErrorCode error,
                                                  coordinator::Response* response) {
        wire::OffsetCommitResponse all = refused;
        merge(all.topics, response == nullptr
                              ? refuse_commit(*asked, error).topics
                              : std::get<wire::OffsetCommitResponse>(*response).topics);
        held->reply(all);
      });
}

void handle_offset_fetch(Context& context, Request request) {
  auto decoded = request.decode<wire::OffsetFetchRequest>();
  if (!decoded) return;
  const std::int16_t version = request.version();
  const bool stable = decoded->require_stable;
  const coordinator::Caller caller = caller_of(request);
  auto groups = asked_groups(*decoded, version);
  if (groups.empty()) return request.reply(wire::OffsetFetchResponse{});
  const auto held = std::make_shared<Request>(std::move(request));
  const auto catalog = context.catalog();
  const auto gather = std::make_shared<Gather<FetchedGroup>>(
      groups.size(), [held, version](std::vector<FetchedGroup> fetched) {
        held->reply(spell(std::move(fetched), version));
      });
  for (std::size_t i = 0; i < groups.size(); ++i) {
    FetchedGroup refused;
    resolve_ids(*catalog, version, groups[i], refused);
    const auto asked = std::make_shared<const AskedGroup>(std::move(groups[i]));
    context.groups.call(
        asked->group_id, caller,
        [asked, stable](auto& machine, const auto& from, auto now) {
          return machine.fetch(from, *asked, now, stable);
        },
        [gather, i, asked, version, catalog, refused = std::move(refused)](
            ErrorCode error, coordinator::Response* response) {
          if (response == nullptr) return gather->set(i, refuse_fetch(*asked, version, error));
          FetchedGroup group = std::move(std::get<FetchedGroup>(*response));
          if (version >= first_version_with_topic_ids) add_ids(*catalog, group);
          merge(group.topics, refused.topics);
          gather->set(i, std::move(group));
        });
  }
}

void handle_offset_delete(Context& context, Request request) {
  auto decoded = request.decode<wire::OffsetDeleteRequest>();
  if (!decoded) return;
  wire::OffsetDeleteResponse refused;
  split_delete(*context.catalog(), *decoded, refused);
  if (decoded->topics.empty()) return request.reply(refused);
  const auto asked = std::make_shared<const wire::OffsetDeleteRequest>(std::move(*decoded));
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  context.groups.call(
      asked->group_id, caller,
      [asked](auto& machine, const auto& from, auto now) {
        return machine.delete_offsets(from, *asked, now);
      },
      [held, refused = std::move(refused)](ErrorCode error, coordinator::Response* response) {
        wire::OffsetDeleteResponse all;
        if (response == nullptr) {
          all.error_code = error;
        } else {
          all = std::move(std::get<wire::OffsetDeleteResponse>(*response));
        }
        // An error of the whole group is the whole answer.
        if (all.error_code == ErrorCode::none) {
          auto topics = refused.topics;
          merge(topics, std::move(all.topics));
          all.topics = std::move(topics);
        }
        held->reply(all);
      });
}

}  // namespace horolog::broker
