#include "scheduler/committed_records.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "record/batch.hpp"
#include "record/control_record.hpp"
#include "record/record.hpp"

namespace horolog::scheduler {
namespace {

/// Which producers' records are of an aborted transaction, at the current place in the log.
class Aborted {
 public:
  explicit Aborted(const wire::FetchResponse::Partition& answer) {
    if (answer.aborted_transactions)
      for (const auto& one : *answer.aborted_transactions)
        coming_.emplace_back(one.first_offset, one.producer_id);
    std::sort(coming_.begin(), coming_.end());
  }

  /// Whether the batch's records are not to be seen. Batches come in the log's order.
  Result<bool> hides(const record::BatchView& batch) {
    for (; at_ < coming_.size() && coming_[at_].first <= batch.last_offset(); ++at_)
      now_.insert(coming_[at_].second);
    if (!batch.is_control()) return batch.is_transactional() && now_.contains(batch.producer_id());
    HOROLOG_ASSIGN(const auto marker, record::end_transaction_marker(batch));
    if (marker && !marker->commit) now_.erase(batch.producer_id());
    return true;
  }

 private:
  std::vector<std::pair<Offset, ProducerId>> coming_;
  std::size_t at_ = 0;
  std::set<ProducerId> now_;
};

std::optional<std::string> text_of(const std::optional<ByteView>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

Status append_records(const record::BatchView& batch, Offset from,
                      std::vector<InRecord>& records) {
  ByteBuffer scratch;
  HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch));
  while (reader.next()) {
    const record::RecordView& view = reader.record();
    if (view.offset < from) continue;
    InRecord in{.offset = view.offset, .timestamp = view.timestamp, .record = {}};
    in.record.key = text_of(view.key);
    in.record.value = text_of(view.value);
    for (const record::HeaderView& header : view.headers)
      in.record.headers.push_back({std::string(header.key), text_of(header.value)});
    records.push_back(std::move(in));
  }
  return reader.status();
}

}  // namespace

Result<Batch> committed_records(const wire::FetchResponse::Partition& answer, Offset from) {
  Batch out{.records = {}, .next = from, .end = answer.last_stable_offset};
  Aborted aborted(answer);
  record::BatchIterator batches(answer.records.bytes);
  while (batches.next()) {
    const record::BatchView& batch = batches.batch();
    HOROLOG_ASSIGN(const bool hidden, aborted.hides(batch));
    if (!hidden && batch.record_count() > 0) HOROLOG_TRY(append_records(batch, from, out.records));
    out.next = std::max(out.next, batch.next_offset());
  }
  HOROLOG_TRY(batches.status());
  return out;
}

}  // namespace horolog::scheduler
