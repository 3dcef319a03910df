#include <fmt/format.h>

#include "base/assert.hpp"
#include "storage/log_files.hpp"
#include "storage/segment.hpp"

// The transaction index of a segment: in memory while it is appended to, then a file.
namespace horolog::storage {

void Segment::note_aborted(const TransactionIndexEntry& entry) {
  const std::lock_guard lock(mutex_);
  HOROLOG_ASSERT(in_memory_);
  TransactionIndexView::append(transactions_, entry);
  aborted_count_.store(TransactionIndexView(transactions_).count(), std::memory_order_release);
}

void Segment::trust_transaction_file(std::size_t entries) {
  aborted_count_.store(entries, std::memory_order_release);
}

void Segment::set_aborted(ByteBuffer entries, std::size_t on_disk) {
  const std::lock_guard lock(mutex_);
  HOROLOG_ASSERT(in_memory_ && on_disk <= entries.size());
  transactions_ = std::move(entries);
  transactions_flushed_ = on_disk;
  aborted_count_.store(TransactionIndexView(transactions_).count(), std::memory_order_release);
}

Result<ByteView> Segment::transaction_view() {
  if (in_memory_) return ByteView(transactions_);
  if (!transactions_map_) {
    HOROLOG_ASSIGN(transactions_map_, map_index(log_files::transaction_index,
                                                TransactionIndexView::entry_bytes));
  }
  const ByteView bytes = transactions_map_
                             ? ByteView(transactions_map_->data(), transactions_map_->size())
                             : ByteView();
  if (TransactionIndexView(bytes).count() != aborted_count()) {
    return Error(Errc::corrupt,
                 fmt::format("{} has {} entries, but had {} when the log was opened; a restart "
                             "makes it anew",
                             path(log_files::transaction_index),
                             TransactionIndexView(bytes).count(), aborted_count()));
  }
  return bytes;
}

Result<bool> Segment::collect_aborted(Offset from, Offset to,
                                      std::vector<AbortedTransaction>& out) {
  if (aborted_count() == 0) return false;
  const std::lock_guard lock(mutex_);
  HOROLOG_ASSIGN(const ByteView bytes, transaction_view());
  return TransactionIndexView(bytes).collect(from, to, out);
}

Result<std::vector<TransactionIndexEntry>> Segment::aborted_transactions() {
  if (aborted_count() == 0) return std::vector<TransactionIndexEntry>();
  const std::lock_guard lock(mutex_);
  HOROLOG_ASSIGN(const ByteView bytes, transaction_view());
  return TransactionIndexView(bytes).entries();
}

Status Segment::flush_transactions() {
  // As in flush_indices(): a copy under the lock, the writing outside it.
  ByteBuffer added;
  std::size_t from = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!in_memory_ || transactions_.size() == transactions_flushed_) return {};
    from = transactions_flushed_;
    added.assign(transactions_.begin() + static_cast<std::ptrdiff_t>(from), transactions_.end());
  }
  HOROLOG_ASSIGN(auto file, place_.fs->open(name(log_files::transaction_index), OpenMode::create));
  HOROLOG_TRY(file->write_at(added, from));
  HOROLOG_TRY(file->sync_data());
  const std::lock_guard lock(mutex_);
  transactions_flushed_ = from + added.size();
  return {};
}

Result<ByteBuffer> Segment::transaction_bytes(std::size_t entries) {
  const std::lock_guard lock(mutex_);
  HOROLOG_ASSIGN(const ByteView bytes, transaction_view());
  const std::size_t size = entries * TransactionIndexView::entry_bytes;
  HOROLOG_ASSERT(size <= bytes.size());
  return to_buffer(bytes.first(size));
}

}  // namespace horolog::storage
