#include "bench/load/frames.hpp"

#include <algorithm>
#include <random>

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/produce.hpp"
#include "record/builder.hpp"

namespace horolog::bench {
namespace {

constexpr std::string_view client_id = "horolog-bench";
constexpr std::size_t string_prefix = 2;

}  // namespace

ByteBuffer make_batch(std::size_t record_bytes, std::size_t batch_bytes, record::Codec codec,
                      bool keys) {
  std::mt19937_64 random(42);
  ByteBuffer value(std::max<std::size_t>(record_bytes, 1));
  record::BatchBuilder builder({.codec = codec});
  const TimestampMs now = SystemClock().wall_ms();
  for (std::size_t n = std::max<std::size_t>(batch_bytes / value.size(), 1); n > 0; --n) {
    for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
    std::byte key[8];
    store_be(key, static_cast<std::uint64_t>(n));
    builder.add(keys ? std::optional<ByteView>(key) : std::nullopt, value, now);
  }
  return builder.build().value();
}

ProduceFrame produce_frame(const std::string& topic, std::int32_t partition, std::int16_t acks,
                           ByteView batch) {
  wire::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = topic;
  data.partition_data.push_back(
      {.index = partition, .records = wire::Records::inline_bytes(batch)});
  ProduceFrame frame;
  frame.bytes =
      wire::encode_request(request, produce_version, 0, std::string(client_id)).bytes;
  frame.batch_at = frame.bytes.size() - batch.size();
  return frame;
}

std::size_t produce_error_at(const std::string& topic) {
  return 4 + 4 + string_prefix + topic.size() + 4 + 4;
}

ByteBuffer produce_reply(const std::string& topic) {
  wire::ProduceResponse response;
  auto& data = response.responses.emplace_back();
  data.name = topic;
  data.partition_responses.emplace_back();
  return wire::encode_response(response, produce_version, 0).bytes;
}

ByteBuffer fetch_frame(const std::string& topic, std::int32_t partition, std::int64_t offset,
                       std::int32_t max_bytes, std::int32_t max_wait_ms, std::int32_t min_bytes,
                       bool read_committed) {
  wire::FetchRequest request;
  request.isolation_level = read_committed ? 1 : 0;
  request.max_wait_ms = max_wait_ms;
  request.min_bytes = min_bytes;
  request.max_bytes = max_bytes;
  auto& data = request.topics.emplace_back();
  data.topic = topic;
  auto& wanted = data.partitions.emplace_back();
  wanted.partition = partition;
  wanted.fetch_offset = offset;
  wanted.partition_max_bytes = max_bytes;
  return wire::encode_request(request, fetch_version, 0, std::string(client_id)).bytes;
}

std::size_t fetch_offset_at(const std::string& topic) {
  // Size and header, replica id to session epoch, topic count and name, partition count, partition
  // number and current leader epoch.
  const std::size_t header = 4 + 2 + 2 + 4 + string_prefix + client_id.size();
  const std::size_t body = 4 + 4 + 4 + 4 + 1 + 4 + 4;
  return header + body + 4 + string_prefix + topic.size() + 4 + 4 + 4;
}

FetchLayout::FetchLayout(const std::string& topic) {
  top_error = 4 + 4;
  const std::size_t partition = top_error + 2 + 4 + 4 + string_prefix + topic.size() + 4;
  partition_error = partition + 4;
  high_watermark = partition_error + 2;
  aborted_count = high_watermark + 3 * 8;
  records_size = aborted_count + 4 + 4;
  records = records_size + 4;
}

}  // namespace horolog::bench
