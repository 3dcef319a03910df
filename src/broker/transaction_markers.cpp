#include "broker/transaction_markers.hpp"

#include <utility>

#include "broker/group_service.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Done = std::function<void(ErrorCode)>;

void write_into_log(Context& context, Partition& partition,
                    const storage::TransactionMarker& marker, net::Shard& shard, Done done,
                    bool in_group) {
  const auto info = partition.append_marker(marker, context.clock.wall_ms());
  ErrorCode error = ErrorCode::none;
  if (!info) {
    error = info.error().code() == Errc::closed ? ErrorCode::unknown_topic_or_partition
                                                : ErrorCode::kafka_storage_error;
  } else {
    error = info->error;
  }
  if (error != ErrorCode::none) {
    return shard.post([done = std::move(done), error] { done(error); });
  }
  await_marker(partition, info->last_offset + 1, shard, in_group,
               [done = std::move(done)](bool durable) {
                 done(durable ? ErrorCode::none : ErrorCode::kafka_storage_error);
               });
}

}  // namespace

void await_marker(Partition& partition, Offset end, net::Shard& shard, bool in_group,
                  Partition::DurableCallback done) {
  if (in_group) {
    partition.once_durable(end, shard, std::move(done));
  } else {
    partition.when_durable(end, shard, std::move(done));
  }
}

void write_marker(Context& context, const TopicPartition& id,
                  const storage::TransactionMarker& marker, net::Shard& shard, Done done,
                  const std::shared_ptr<MarkerGroup>& together) {
  const bool in_group = together != nullptr;
  const auto partition = context.partitions.find(id.topic, id.partition);
  const auto groups = id.topic == offsets_topic ? context.groups.hosts() : nullptr;
  if (partition != nullptr && groups != nullptr) {
    const auto host = groups->at(static_cast<std::size_t>(id.partition));
    return host->shard().post([host, marker, &shard, done = std::move(done), together, in_group] {
      host->write_marker(marker, shard, done, in_group);
      if (in_group) together->settle_one();
    });
  }
  if (partition != nullptr) {
    write_into_log(context, *partition, marker, shard, std::move(done), in_group);
  } else {
    const ErrorCode error = context.store.quarantine_reason(id)
                                ? ErrorCode::kafka_storage_error
                                : ErrorCode::unknown_topic_or_partition;
    shard.post([done = std::move(done), error] { done(error); });
  }
  if (in_group) together->settle_one();
}

}  // namespace horolog::broker
