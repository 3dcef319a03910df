// DeleteRecords 0–2. Raises the log start offset (-1 = to the high watermark). Unlike Apache
// Kafka's, the new start is durable when the answer leaves.

#include <utility>

#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/messages/delete_records.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DeleteRecordsRequest;
using Response = wire::DeleteRecordsResponse;

constexpr Offset to_high_watermark = -1;

ErrorCode code_of(const Error& error) {
  switch (error.code()) {
    case Errc::out_of_range:
      return ErrorCode::offset_out_of_range;
    case Errc::closed:
      return ErrorCode::unknown_topic_or_partition;
    default:
      return ErrorCode::kafka_storage_error;
  }
}

Response::Partition delete_from(Context& context, const std::string& topic,
                                const Asked::Partition& asked) {
  Response::Partition out{.partition_index = asked.partition_index, .low_watermark = -1};
  const auto partition = context.partitions.find(topic, asked.partition_index);
  if (partition == nullptr) {
    out.error_code = context.store.quarantine_reason({topic, asked.partition_index})
                         ? ErrorCode::kafka_storage_error
                         : ErrorCode::unknown_topic_or_partition;
    return out;
  }
  if (is_internal_topic(topic)) {
    out.error_code = ErrorCode::invalid_topic_exception;
    return out;
  }
  if (!partition->log().config()->cleanup_delete) {
    out.error_code = ErrorCode::policy_violation;
    return out;
  }
  if (asked.offset < to_high_watermark) {
    out.error_code = ErrorCode::offset_out_of_range;
    return out;
  }
  const auto start = partition->log().delete_records(asked.offset, context.clock.wall_ms());
  if (!start) {
    out.error_code = code_of(start.error());
    return out;
  }
  out.low_watermark = *start;
  partition->poke_waiters();
  return out;
}

void delete_records(Context& context, Request request, const Asked& asked) {
  Response response;
  for (const auto& topic : asked.topics) {
    Response::Topic& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back(delete_from(context, topic.name, partition));
    }
  }
  request.reply(response);
}

}  // namespace

void handle_delete_records(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), delete_records);
}

}  // namespace horolog::broker
