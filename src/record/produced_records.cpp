#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "record/produce_check.hpp"
#include "record/record.hpp"

namespace horolog::record {
namespace {

/// Differences are taken unsigned, because a client may send any 64 bits as a timestamp.
bool outside_window(TimestampMs at, const ProduceRules& rules) {
  const auto stamp = static_cast<std::uint64_t>(at);
  const auto now = static_cast<std::uint64_t>(rules.now);
  if (at <= rules.now) {
    return now - stamp > static_cast<std::uint64_t>(rules.timestamp_before_max_ms);
  }
  return stamp - now > static_cast<std::uint64_t>(rules.timestamp_after_max_ms);
}

bool breaks_window(TimestampMs at, const ProduceRules& rules) {
  return !rules.log_append_time && at != no_timestamp && outside_window(at, rules);
}

/// Only the broker writes its own time, where the topic says so.
bool stamps_itself(const BatchView& batch, const ProduceRules& rules) {
  return rules.log_append_time && batch.is_log_append_time();
}

/// The faults of one batch so far. A timestamp outside the window outranks whatever else there is.
class Faults {
 public:
  Faults(const BatchView& batch, const ProduceRules& rules) : batch_(batch), rules_(rules) {}

  /// At most one fault a record, as in Apache Kafka.
  void look_at(std::int32_t index, const RecordView& record) {
    if (rules_.key_required && !record.key) {
      add(ProduceFault::invalid_record, index, "a compacted topic needs a key");
    } else if (stamps_itself(batch_, rules_)) {
      add(ProduceFault::invalid_timestamp, index,
          "a producer must not set the timestamp type to LogAppendTime");
    } else if (breaks_window(record.timestamp, rules_)) {
      add(ProduceFault::invalid_timestamp, index,
          fmt::format("timestamp {} is outside [{} - {}, {} + {}] ms", record.timestamp, rules_.now,
                      rules_.timestamp_before_max_ms, rules_.now, rules_.timestamp_after_max_ms));
    }
  }

  ProduceCheck take() && {
    check_.batch = batch_;
    if (count_ == 0) return std::move(check_);
    check_.message =
        fmt::format("{} of {} records are refused; the first, record {}: {}", count_,
                    batch_.record_count(), check_.records[0].index, check_.records[0].message);
    return std::move(check_);
  }

 private:
  void add(ProduceFault fault, std::int32_t index, std::string message) {
    ++count_;
    if (check_.fault != ProduceFault::invalid_timestamp) check_.fault = fault;
    if (check_.records.size() < max_told_records) {
      check_.records.push_back({index, std::move(message)});
    }
  }

  const BatchView& batch_;
  const ProduceRules& rules_;
  ProduceCheck check_;
  std::int64_t count_ = 0;
};

ProduceCheck damaged(const BatchView& batch, std::string message) {
  return {
      .fault = ProduceFault::corrupt, .message = std::move(message), .batch = batch, .records = {}};
}

}  // namespace

bool needs_records(const BatchView& batch, const ProduceRules& rules) {
  if (rules.key_required) return true;
  if (rules.log_append_time) return stamps_itself(batch, rules);
  if (rules.timestamp_before_max_ms != std::numeric_limits<std::int64_t>::max()) return true;
  return breaks_window(batch.base_timestamp(), rules) ||
         breaks_window(batch.max_timestamp(), rules);
}

ProduceCheck validate_records(const BatchView& batch, const ProduceRules& rules,
                              ByteBuffer& scratch, DecompressLimits limits) {
  auto reader = RecordReader::open(batch, scratch, limits);
  if (!reader) return damaged(batch, reader.error().message());
  Faults faults(batch, rules);
  std::int32_t index = 0;
  for (; reader->next(); ++index) {
    const RecordView& record = reader->record();
    const Offset delta = record.offset - batch.base_offset();
    if (delta != index) {
      return damaged(batch, fmt::format("record has offset delta {}, expected {}", delta, index));
    }
    faults.look_at(index, record);
  }
  if (const Status status = reader->status(); !status) {
    return damaged(batch, status.error().message());
  }
  ProduceCheck check = std::move(faults).take();
  // The records may be fine and the header not: time indices are built from the header.
  if (check.ok() && breaks_window(batch.max_timestamp(), rules)) {
    check.fault = ProduceFault::invalid_timestamp;
    check.message = fmt::format("the header's max timestamp {} is no record's and out of range",
                                batch.max_timestamp());
  }
  return check;
}

}  // namespace horolog::record
