#include "storage/transaction_recovery.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/crc32c.hpp"
#include "base/log.hpp"
#include "storage/control_batch.hpp"
#include "storage/log_files.hpp"
#include "storage/segment_sum.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t entry_bytes = TransactionIndexView::entry_bytes;

class TransactionRecovery {
 public:
  TransactionRecovery(const TransactionRecoveryInput& input, const SegmentPointers& segments,
                      LoadedProducers& from)
      : input_(input), segments_(segments), from_(from) {}

  Result<bool> run() {
    if (from_.offset < segments_.front()->base_offset()) {
      from_ = {.state = {}, .offset = segments_.front()->base_offset(), .index = {}};
    }
    for (const auto& segment : segments_) {
      if (!input_.finished.contains(segment->base_offset())) HOROLOG_TRY(load(*segment));
    }
    if (!damaged_.empty()) HOROLOG_TRY(make_anew());
    const auto note = [&](Segment& segment, const TransactionChange& change) {
      if (!change.aborted || input_.finished.contains(segment.base_offset())) return;
      segment.note_aborted(*change.aborted);
    };
    for (const auto& segment : segments_) {
      const Offset end = segment->end_offset();
      if (end < from_.offset) continue;
      HOROLOG_TRY(replay_batches({segment}, from_.offset, end, input_.now, from_.state, note));
      input_.passed(segment, from_.state);
    }
    return !damaged_.empty();
  }

 private:
  Status load(Segment& segment);
  Result<std::optional<std::size_t>> vouched_bytes(const Segment& segment,
                                                   ByteView file) const;
  Status cut_file(const std::string& name, std::size_t size) const;
  Status make_anew();

  const TransactionRecoveryInput& input_;
  const SegmentPointers& segments_;
  LoadedProducers& from_;
  std::map<Offset, ByteBuffer> damaged_;  ///< by base offset: their entries below from_.offset
};

/// How many bytes of the index are the entries of markers below the snapshot; nullopt when that is
/// not what the file holds.
Result<std::optional<std::size_t>> TransactionRecovery::vouched_bytes(const Segment& segment,
                                                                      ByteView file) const {
  const std::optional<std::size_t> damaged;
  const Offset base = segment.base_offset();
  if (from_.offset <= base) return std::optional(std::size_t{0});
  if (from_.index && from_.index->segment_base == base) {
    const std::size_t size = from_.index->bytes;
    const bool good = size <= file.size() && crc32c(file.first(size)) == from_.index->crc;
    return good ? std::optional(size) : damaged;
  }
  const auto sums = read_sums(*input_.fs, input_.directory, base);
  if (sums) {
    std::size_t listed = 0;
    for (const FileSum& sum : *sums) {
      if (sum.suffix != log_files::transaction_index) continue;
      const auto now = sum_file(*input_.fs, input_.directory, base, sum.suffix);
      if (!now || *now != sum) return damaged;
      listed = static_cast<std::size_t>(sum.bytes);
    }
    if (listed != file.size()) return damaged;
  } else if (sums.error().code() == Errc::corrupt) {
    return damaged;
  } else if (sums.error().code() != Errc::not_found) {
    return sums.error();
  }
  // Without a checksum (Apache Kafka wrote it) it counts when it can be true.
  const TransactionIndexView view(file);
  const bool whole = file.size() % entry_bytes == 0 &&
                     view.plausible_entries(base, segment.end_offset()) == view.count();
  if (!whole && segment.end_offset() <= from_.offset) return damaged;
  const std::size_t below = view.lower_bound(from_.offset);
  if (view.plausible_entries(base, from_.offset) < below) return damaged;
  return std::optional(below * entry_bytes);
}

Status TransactionRecovery::load(Segment& segment) {
  const std::string name = segment.path(log_files::transaction_index);
  ByteBuffer file;
  if (input_.fs->exists(name)) {
    HOROLOG_ASSIGN(file, read_whole_file(*input_.fs, name));
  }
  HOROLOG_ASSIGN(const auto vouched, vouched_bytes(segment, file));
  if (!vouched) {
    log::warn("storage", "a transaction index is damaged or missing; making it anew",
              {log::field("file", name)});
    damaged_.emplace(segment.base_offset(), ByteBuffer());
  }
  const std::size_t kept = vouched.value_or(0);
  if (file.size() > kept) HOROLOG_TRY(cut_file(name, kept));
  file.resize(kept);
  segment.set_aborted(std::move(file), kept);
  return {};
}

Status TransactionRecovery::cut_file(const std::string& name, std::size_t size) const {
  if (size == 0) return input_.fs->remove(name);
  HOROLOG_ASSIGN(const auto file, input_.fs->open(name, OpenMode::read_write));
  return file->truncate(size);
}

/// A transaction whose first batches retention has taken begins, for this walk, at those that are
/// left: the same records are aborted.
Status TransactionRecovery::make_anew() {
  ProducerState walked;
  const auto note = [&](Segment& segment, const TransactionChange& change) {
    const auto damaged = damaged_.find(segment.base_offset());
    if (!change.aborted || damaged == damaged_.end()) return;
    TransactionIndexView::append(damaged->second, *change.aborted);
  };
  HOROLOG_TRY(replay_batches(segments_, segments_.front()->base_offset(), from_.offset, input_.now,
                             walked, note));
  for (const auto& segment : segments_) {
    const auto damaged = damaged_.find(segment->base_offset());
    if (damaged != damaged_.end()) segment->set_aborted(std::move(damaged->second), 0);
  }
  return {};
}

}  // namespace

Status replay_batches(const SegmentPointers& segments, Offset from, Offset to, TimestampMs now,
                      ProducerState& producers,
                      const std::function<void(Segment&, const TransactionChange&)>& changed) {
  for (const auto& segment : segments) {
    if (segment->end_offset() <= from || segment->base_offset() >= to) continue;
    HOROLOG_ASSIGN(const auto file, segment->open());
    HOROLOG_ASSIGN(std::uint64_t position, segment->position_before(from));
    HeaderCursor cursor(*file, segment->size());
    if (position > 0) {
      // The index is a hint; a batch that was passed over would be missing for good.
      const auto hint = cursor.at(position);
      if (!hint || hint->base_offset() > from) position = 0;
    }
    while (position < segment->size()) {
      HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
      position = frame.end();
      if (frame.base_offset() < from) continue;
      if (frame.base_offset() >= to) break;
      std::optional<record::EndTransactionMarker> marker;
      if (is_control(frame)) {
        HOROLOG_ASSIGN(marker, marker_in(frame, *file));
      }
      const TransactionChange change = producers.record(frame.header, marker, now);
      if (change.kind != TransactionChange::Kind::none) changed(*segment, change);
    }
  }
  return {};
}

Result<bool> recover_transactions(const TransactionRecoveryInput& input,
                                  const SegmentPointers& segments, LoadedProducers& from) {
  return TransactionRecovery(input, segments, from).run();
}

}  // namespace horolog::storage
