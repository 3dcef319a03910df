// DescribeLogDirs 1–5 and AlterReplicaLogDirs 1–2. There is one log directory: a replica can be
// "moved" to where it is, and any other directory is unknown.

#include <filesystem>
#include <utility>

#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "protocol/messages/alter_replica_log_dirs.hpp"
#include "protocol/messages/describe_log_dirs.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DescribeLogDirsRequest;
using Topic = wire::DescribeLogDirsResponse::Topic;

std::string directory_path(const Context& context) {
  std::error_code unreadable;
  const std::string& configured = context.store.options().directory;
  const auto absolute = std::filesystem::absolute(configured, unreadable);
  return unreadable ? configured : absolute.lexically_normal().string();
}

void add(const Context& context, Topic& topic, PartitionIndex index) {
  const auto partition = context.partitions.find(topic.name, index);
  if (partition == nullptr) return;
  topic.partitions.push_back(
      {.partition_index = index,
       .partition_size = static_cast<std::int64_t>(partition->log().size_bytes())});
}

std::vector<Topic> all_topics(const Context& context) {
  std::vector<Topic> out;
  const auto catalog = context.catalog();
  for (const auto& [name, info] : catalog->topics) {
    Topic& topic = out.emplace_back();
    topic.name = name;
    for (PartitionIndex i = 0; i < info->partitions; ++i) add(context, topic, i);
  }
  return out;
}

std::vector<Topic> topics_asked(const Context& context, const std::vector<Asked::Topic>& asked) {
  std::vector<Topic> out;
  for (const auto& one : asked) {
    Topic topic{.name = one.topic};
    for (const PartitionIndex index : one.partitions) add(context, topic, index);
    if (!topic.partitions.empty()) out.push_back(std::move(topic));
  }
  return out;
}

/// On the blocking pool: the sizes of many partitions, and the file system's free space.
void describe_log_dirs(Context& context, Request request, const Asked& asked) {
  wire::DescribeLogDirsResponse response;
  auto& directory = response.results.emplace_back();
  directory.log_dir = directory_path(context);
  if (context.store.failure()) {
    directory.error_code = ErrorCode::kafka_storage_error;
    request.reply(response);
    return;
  }
  directory.topics = asked.topics ? topics_asked(context, *asked.topics) : all_topics(context);
  context.store.refresh_disk_space();
  const storage::DiskSpace space = context.store.disk_space();
  directory.total_bytes = static_cast<std::int64_t>(space.total_bytes);
  directory.usable_bytes = static_cast<std::int64_t>(space.free_bytes);
  request.reply(response);
}

}  // namespace

void handle_describe_log_dirs(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), describe_log_dirs);
}

void handle_alter_replica_log_dirs(Context& context, Request request) {
  const auto asked = request.decode<wire::AlterReplicaLogDirsRequest>();
  if (!asked) return;
  wire::AlterReplicaLogDirsResponse response;
  const std::string ours = directory_path(context);
  for (const auto& directory : asked->dirs) {
    for (const auto& topic : directory.topics) {
      auto& out = response.results.emplace_back();
      out.topic_name = topic.name;
      for (const PartitionIndex index : topic.partitions) {
        auto& answer = out.partitions.emplace_back();
        answer.partition_index = index;
        if (directory.path != ours) {
          answer.error_code = ErrorCode::log_dir_not_found;
        } else if (context.partitions.find(topic.name, index) == nullptr) {
          answer.error_code = ErrorCode::unknown_topic_or_partition;
        }
      }
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
