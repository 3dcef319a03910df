#include "broker/batch_rules.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "record/builder.hpp"
#include "record/record.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr std::int16_t first_version_with_zstd = 7;
/// A larger scratch buffer is given back at once: a bomb must not stay in memory as long as we run.
constexpr std::size_t scratch_bytes_kept = 4 * limits::MiB;

ErrorCode code_of(record::ProduceFault fault) {
  switch (fault) {
    case record::ProduceFault::none:
      return ErrorCode::none;
    case record::ProduceFault::corrupt:
      return ErrorCode::corrupt_message;
    case record::ProduceFault::too_large:
      return ErrorCode::message_too_large;
    case record::ProduceFault::invalid_timestamp:
      return ErrorCode::invalid_timestamp;
    case record::ProduceFault::unsupported_codec:
      return ErrorCode::unsupported_compression_type;
    case record::ProduceFault::invalid_record:
      return ErrorCode::invalid_record;
  }
  return ErrorCode::unknown_server_error;
}

void refuse(AcceptedBatch& out, ErrorCode code, std::string message) {
  out.error = code;
  out.message = std::move(message);
}

/// Decompression scratch: one per thread, since a shard opens one batch at a time.
class Scratch {
 public:
  Scratch() = default;
  ~Scratch() {
    if (bytes().capacity() > scratch_bytes_kept) ByteBuffer().swap(bytes());
  }
  Scratch(const Scratch&) = delete;

  static ByteBuffer& bytes() {
    thread_local ByteBuffer buffer;
    return buffer;
  }
};

/// compression.type names a codec and the producer used another: the records are packed anew.
Result<ByteBuffer> recompress(const record::BatchView& batch, record::Codec codec, int level) {
  const Scratch scratch;
  HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch.bytes()));
  record::BatchBuilder builder({.codec = codec,
                                .level = level,
                                .producer_id = batch.producer_id(),
                                .producer_epoch = batch.producer_epoch(),
                                .base_sequence = batch.base_sequence(),
                                .transactional = batch.is_transactional()});
  while (reader.next()) {
    const record::RecordView& record = reader.record();
    builder.add(record.key, record.value, record.timestamp, record.headers);
  }
  HOROLOG_TRY(reader.status());
  return builder.build();
}

void apply_compression(AcceptedBatch& out, const storage::LogConfig& config) {
  if (config.compression_codec < 0) return;
  const auto wanted = static_cast<record::Codec>(config.compression_codec);
  if (out.batch.codec() == wanted) return;
  auto rewritten = recompress(out.batch, wanted, config.compression_level);
  if (!rewritten) {
    refuse(out, ErrorCode::corrupt_message, rewritten.error().message());
    return;
  }
  if (rewritten->size() > static_cast<std::size_t>(config.max_message_bytes)) {
    refuse(out, ErrorCode::message_too_large,
           fmt::format("batch of {} bytes once packed as compression.type says, "
                       "max.message.bytes is {}",
                       rewritten->size(), config.max_message_bytes));
    return;
  }
  out.rewritten = std::move(*rewritten);
  auto parsed = record::parse_batch(out.rewritten);
  HOROLOG_ASSERT(parsed.ok());
  out.batch = *parsed;
}

}  // namespace

AcceptedBatch accept_batch(ByteView records, std::int16_t produce_version,
                           const storage::LogConfig& config, TimestampMs now) {
  AcceptedBatch out;
  const record::ProduceRules rules{
      .max_message_bytes = static_cast<std::size_t>(config.max_message_bytes),
      .zstd_allowed = produce_version >= first_version_with_zstd,
      .key_required = config.cleanup_compact,
      .log_append_time = config.timestamp_type == storage::TimestampType::log_append_time,
      .timestamp_before_max_ms = config.timestamp_before_max_ms,
      .timestamp_after_max_ms = config.timestamp_after_max_ms,
      .now = now};
  record::ProduceCheck check = record::validate_produced(records, rules);
  if (check.ok() && record::needs_records(check.batch, rules)) {
    const Scratch scratch;
    check = record::validate_records(check.batch, rules, scratch.bytes());
  }
  if (!check.ok()) {
    refuse(out, code_of(check.fault), std::move(check.message));
    out.records = std::move(check.records);
    return out;
  }
  out.batch = check.batch;
  apply_compression(out, config);
  return out;
}

}  // namespace horolog::broker
