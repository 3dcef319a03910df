#include "record/produce_check.hpp"

#include <fmt/format.h>

#include <utility>

namespace horolog::record {
namespace {

ProduceCheck refuse(ProduceFault fault, std::string message) {
  return {.fault = fault, .message = std::move(message), .batch = {}, .records = {}};
}

ProduceCheck accept(const BatchView& batch) {
  return {.fault = ProduceFault::none, .message = {}, .batch = batch, .records = {}};
}

ProduceCheck frame(ByteView records) {
  if (records.empty()) {
    return refuse(ProduceFault::invalid_record, "a partition of a produce request has no batch");
  }
  auto parsed = parse_batch(records);
  if (!parsed) {
    // Kafka counts a batch that is cut short as no batch at all, and old magics as invalid.
    const bool damaged = parsed.error().code() == Errc::corrupt;
    return refuse(damaged ? ProduceFault::corrupt : ProduceFault::invalid_record,
                  parsed.error().message());
  }
  if (parsed->size() != records.size()) {
    return refuse(ProduceFault::invalid_record,
                  fmt::format("one batch per partition is allowed; {} bytes follow the first",
                              records.size() - parsed->size()));
  }
  return accept(*parsed);
}

ProduceCheck check_content(const BatchView& batch) {
  const std::int32_t count = batch.record_count();
  if (count <= 0 || count != std::int64_t{batch.last_offset_delta()} + 1) {
    return refuse(ProduceFault::invalid_record,
                  fmt::format("record count {} does not fit the last offset delta {}", count,
                              batch.last_offset_delta()));
  }
  if (batch.has_producer_id() && batch.base_sequence() < 0) {
    return refuse(ProduceFault::invalid_record,
                  fmt::format("base sequence {} with producer id {}", batch.base_sequence(),
                              batch.producer_id()));
  }
  if (batch.is_control()) {
    return refuse(ProduceFault::invalid_record, "clients may not write control batches");
  }
  if (batch.has_delete_horizon()) {
    return refuse(ProduceFault::invalid_record, "clients may not set a delete horizon");
  }
  return accept(batch);
}

}  // namespace

ProduceCheck validate_produced(ByteView records, const ProduceRules& rules) {
  ProduceCheck check = frame(records);
  if (!check.ok()) return check;
  const BatchView& batch = check.batch;
  if (!batch.has_known_codec()) {
    return refuse(ProduceFault::unsupported_codec,
                  fmt::format("compression type {} does not exist",
                              batch.attributes() & attribute::codec_mask));
  }
  if (batch.codec() == Codec::zstd && !rules.zstd_allowed) {
    return refuse(ProduceFault::unsupported_codec, "zstd needs Produce version 7 or later");
  }
  if (batch.base_offset() != 0) {
    return refuse(ProduceFault::invalid_record,
                  fmt::format("base offset is {}, clients must send 0", batch.base_offset()));
  }
  if (batch.size() > rules.max_message_bytes) {
    return refuse(ProduceFault::too_large, fmt::format("batch of {} bytes, max.message.bytes is {}",
                                                       batch.size(), rules.max_message_bytes));
  }
  if (const Status crc = verify_crc(batch); !crc) {
    return refuse(ProduceFault::corrupt, crc.error().message());
  }
  return check_content(batch);
}

}  // namespace horolog::record
