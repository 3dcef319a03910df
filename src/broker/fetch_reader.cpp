#include "broker/fetch_reader.hpp"

#include <algorithm>
#include <utility>

namespace horolog::broker {
namespace {

using wire::ErrorCode;
constexpr std::int8_t read_committed = 1;

using Asked = FetchPartition::Asked;
using Answer = FetchPartition::Answer;

ErrorCode fence(const Partition& partition, LeaderEpoch asked) {
  if (asked < 0) return ErrorCode::none;
  const LeaderEpoch current = partition.log().leader_epoch();
  if (asked < current) return ErrorCode::fenced_leader_epoch;
  if (asked > current) return ErrorCode::unknown_leader_epoch;
  return ErrorCode::none;
}

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

/// Nobody can say where the consumer's last epoch ends: it never was, or is long forgotten.
bool is_unknown_epoch(const Partition& partition, const Asked& asked) {
  return asked.last_fetched_epoch >= 0 &&
         partition.log().end_of_epoch(asked.last_fetched_epoch).end_offset < 0;
}

/// KIP-595: the consumer's last epoch does not reach as far as its offset, so its records were cut.
bool diverges(const Partition& partition, const Asked& asked, Answer& answer) {
  if (asked.last_fetched_epoch < 0) return false;
  const auto end = partition.log().end_of_epoch(asked.last_fetched_epoch);
  if (end.epoch == asked.last_fetched_epoch && end.end_offset >= asked.fetch_offset) return false;
  if (end.end_offset < 0) return false;
  answer.diverging_epoch.epoch = end.epoch;
  answer.diverging_epoch.end_offset = end.end_offset;
  return true;
}

void fail(FetchedPartition& out, ErrorCode error) {
  out.answer.error_code = error;
  out.answer.aborted_transactions.reset();
  out.answer_now = true;
}

}  // namespace

ErrorCode FetchReader::resolve(FetchPartition& wanted,
                               std::shared_ptr<Partition>& partition) const {
  const bool by_id = !wanted.topic_id.is_zero();
  if (wanted.topic.empty()) {
    const auto info = by_id ? context_.catalog()->find(wanted.topic_id) : nullptr;
    if (info == nullptr)
      return by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
    wanted.topic = info->name;
  }
  partition = context_.partitions.find(wanted.topic, wanted.asked.partition);
  if (partition == nullptr) {
    return context_.store.quarantine_reason({wanted.topic, wanted.asked.partition})
               ? ErrorCode::kafka_storage_error
               : ErrorCode::unknown_topic_or_partition;
  }
  if (by_id && partition->log().topic_id() != wanted.topic_id) {
    return ErrorCode::inconsistent_topic_id;
  }
  wanted.partition = partition;
  wanted.forget_watch();
  return ErrorCode::none;
}

ErrorCode FetchReader::find(FetchPartition& wanted, std::shared_ptr<Partition>& partition) const {
  partition = wanted.partition.lock();
  if (partition != nullptr && !partition->is_deleted()) return ErrorCode::none;
  return resolve(wanted, partition);
}

FetchedPartition FetchReader::read(FetchPartition& wanted, std::size_t max_bytes, bool whole_batch,
                                   bool waiting) const {
  FetchedPartition out;
  out.answer.partition_index = wanted.asked.partition;
  out.answer.high_watermark = -1;
  out.answer.records.size = 0;
  const ErrorCode missing = find(wanted, out.partition);
  if (missing != ErrorCode::none) {
    // What the request finds missing is no reason to hurry, as in Apache Kafka: the client would
    // ask again as soon as it has the answer. That it goes away meanwhile is.
    out.answer_now = (waiting && wanted.resolved) || out.partition != nullptr;
    out.answer.error_code = missing;
    if (out.answer_now) out.answer.aborted_transactions.reset();
    wanted.resolved = false;
    out.partition.reset();
    return out;
  }
  wanted.resolved = true;
  const Partition& partition = *out.partition;
  const ErrorCode fenced = fence(partition, wanted.asked.current_leader_epoch);
  if (fenced != ErrorCode::none) {
    fail(out, fenced);
  } else if (is_unknown_epoch(partition, wanted.asked)) {
    fail(out, ErrorCode::offset_out_of_range);
  } else if (diverges(partition, wanted.asked, out.answer)) {
    out.answer_now = true;
  } else {
    read_log(wanted, max_bytes, whole_batch, out);
  }
  return out;
}

void FetchReader::read_log(const FetchPartition& wanted, std::size_t max_bytes, bool whole_batch,
                           FetchedPartition& out) const {
  const storage::PartitionLog& log = out.partition->log();
  const bool has_room = whole_batch || max_bytes > 0;
  const bool committed = isolation_level_ == read_committed;
  const auto visibility =
      committed ? storage::Visibility::last_stable : storage::Visibility::high_watermark;
  auto read = has_room ? log.read(wanted.asked.fetch_offset, max_bytes, visibility)
                       : log.read(log.high_watermark(), 0, visibility);
  if (!read) {
    fail(out, code_of(read.error()));
    return;
  }
  out.answer.high_watermark = read->high_watermark;
  out.answer.last_stable_offset = read->last_stable_offset;
  out.answer.log_start_offset = read->log_start_offset;
  if (!committed) {
    out.answer.aborted_transactions.reset();
  } else if (read->bytes > 0) {
    const auto aborted = log.aborted_transactions(wanted.asked.fetch_offset, read->next_offset);
    if (!aborted) return fail(out, code_of(aborted.error()));
    for (const storage::AbortedTransaction& one : *aborted) {
      out.answer.aborted_transactions->push_back({one.producer_id, one.first_offset});
    }
  }
  out.answer.records.size = read->bytes;
  out.slices = std::move(read->slices);
  out.quiet = has_room && read->bytes == 0;
}

}  // namespace horolog::broker
