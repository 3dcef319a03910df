#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/describe_log_dirs.hpp"

namespace horolog {

using namespace client;

void Admin::describe_cluster(Then<ClusterDescription> then) {
  cluster_->loop().post([cluster = cluster_, then = std::move(then)] {
    cluster->refresh(std::set<std::string>(), 0, [cluster, then](const Status& status) {
      if (!status) return then(status.error());
      const auto metadata = cluster->metadata();
      ClusterDescription result{.cluster_id = metadata->cluster_id.value_or(""),
                                .controller = metadata->controller,
                                .brokers = {},
                                .transaction_version = cluster->feature("transaction.version")};
      for (const auto& [id, broker] : metadata->brokers) {
        result.brokers.push_back({id, broker.address.host, broker.address.port, broker.rack});
      }
      then(std::move(result));
    });
  });
}

namespace {

LogDirectory directory_of(const wire::DescribeLogDirsResponse::Directory& given) {
  LogDirectory directory{.path = given.log_dir,
                         .error = std::nullopt,
                         .total_bytes = given.total_bytes,
                         .usable_bytes = given.usable_bytes,
                         .replicas = {}};
  if (given.error_code != wire::ErrorCode::none) {
    directory.error = broker_error(given.error_code, "log directory " + given.log_dir);
  }
  for (const auto& topic : given.topics) {
    for (const auto& partition : topic.partitions) {
      directory.replicas.push_back({.partition = {topic.name, partition.partition_index},
                                    .bytes = partition.partition_size,
                                    .lag = partition.offset_lag,
                                    .future = partition.is_future_key});
    }
  }
  std::ranges::sort(directory.replicas, {}, &ReplicaSize::partition);
  return directory;
}

}  // namespace

void Admin::describe_log_dirs(Then<LogDirectories> then) {
  const auto build = [](std::int16_t) {
    return Outgoing<wire::DescribeLogDirsRequest>({.topics = std::nullopt});
  };
  ask_every_broker<wire::DescribeLogDirsRequest>(
      cluster_, build, {},
      [then = std::move(then)](Result<FromEvery<wire::DescribeLogDirsRequest>> answers) {
        if (!answers) return then(answers.error());
        LogDirectories result;
        for (const auto& [node, reply] : *answers) {
          const std::string what = fmt::format("cannot read the log directories of broker {}",
                                               node);
          if (!reply) {
            result.emplace_back(node, reply.error().with_context(what));
          } else if (reply->message.error_code != wire::ErrorCode::none) {
            result.emplace_back(node, broker_error(reply->message.error_code, what));
          } else {
            std::vector<LogDirectory> directories;
            for (const auto& given : reply->message.results) {
              directories.push_back(directory_of(given));
            }
            result.emplace_back(node, std::move(directories));
          }
        }
        std::ranges::sort(result, {}, [](const auto& item) { return item.first; });
        then(std::move(result));
      });
}

}  // namespace horolog
