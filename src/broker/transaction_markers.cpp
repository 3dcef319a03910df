#include "broker/transaction_markers.hpp"

#include <utility>

#include "broker/group_service.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Done = std::function<void(ErrorCode)>;

void write_into_log(Context& context, Partition& partition,
                    const storage::TransactionMarker& marker, net::Shard& shard, Done done) {
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
  partition.when_durable(info->last_offset + 1, shard, [done = std::move(done)](bool durable) {
    done(durable ? ErrorCode::none : ErrorCode::kafka_storage_error);
  });
}

}  // namespace

void write_marker(Context& context, const TopicPartition& id,
                  const storage::TransactionMarker& marker, net::Shard& shard, Done done) {
  const auto partition = context.partitions.find(id.topic, id.partition);
  if (partition == nullptr) {
    const ErrorCode error = context.store.quarantine_reason(id)
                                ? ErrorCode::kafka_storage_error
                                : ErrorCode::unknown_topic_or_partition;
    return shard.post([done = std::move(done), error] { done(error); });
  }
  const auto groups = id.topic == offsets_topic ? context.groups.hosts() : nullptr;
  if (groups == nullptr) {
    return write_into_log(context, *partition, marker, shard, std::move(done));
  }
  const auto host = groups->at(static_cast<std::size_t>(id.partition));
  host->shard().post(
      [host, marker, &shard, done = std::move(done)] { host->write_marker(marker, shard, done); });
}

}  // namespace horolog::broker
