#include "broker/coordinator_loader.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "record/batch.hpp"
#include "record/control_record.hpp"
#include "record/record.hpp"

namespace horolog::broker {
namespace {

constexpr std::size_t read_bytes = 1 << 20;

/// Replays the records from `from` on that the bytes hold; gives the offset to go on with.
Result<Offset> replay_bytes(ByteView bytes, Offset from, const Replay& replay,
                            LoadedLog& loaded) {
  ByteBuffer scratch;
  record::BatchIterator batches(bytes);
  while (batches.next()) {
    const record::BatchView& batch = batches.batch();
    if (batch.next_offset() <= from) continue;
    HOROLOG_TRY(record::verify_crc(batch));
    from = batch.next_offset();
    if (batch.is_control()) {
      HOROLOG_ASSIGN(const auto marker, record::end_transaction_marker(batch));
      if (marker) HOROLOG_TRY(replay.marker(batch.producer_id(), marker->commit));
      loaded.end = from;
      continue;
    }
    const ProducerId transaction =
        batch.is_transactional() ? batch.producer_id() : no_producer_id;
    HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch));
    while (reader.next()) {
      const record::RecordView& record = reader.record();
      if (record.offset < loaded.end || !record.key) continue;
      HOROLOG_TRY(replay.record(*record.key, record.value, transaction));
      ++loaded.replayed;
    }
    HOROLOG_TRY(reader.status());
    loaded.end = from;
  }
  HOROLOG_TRY(batches.status());
  return from;
}

Status replay_log(const storage::PartitionLog& log, const Replay& replay, LoadedLog& loaded) {
  const Offset end = log.log_end_offset();
  ByteBuffer buffer;
  while (loaded.end < end) {
    const Offset from = loaded.end;
    HOROLOG_ASSIGN(const storage::ReadInfo read,
                   log.read(from, read_bytes, storage::Visibility::log_end));
    for (const storage::Slice& slice : read.slices) {
      buffer.resize(slice.size());
      std::size_t filled = 0;
      while (filled < buffer.size()) {
        HOROLOG_ASSIGN(const std::size_t got,
                       slice.read(filled, MutableBytes(buffer).subspan(filled)));
        if (got == 0) return Error(Errc::io, "the log ends in the middle of a batch");
        filled += got;
      }
      HOROLOG_TRY(replay_bytes(buffer, loaded.end, replay, loaded));
    }
    if (loaded.end == from) {
      return Error(Errc::corrupt, fmt::format("nothing can be read at offset {} of {}", from, end));
    }
  }
  return {};
}

/// A snapshot is a shortcut: one that cannot be used is reported and left aside.
Status apply_snapshot(storage::FileSystem& fs, const storage::PartitionLog& log,
                      const storage::SnapshotFile& file, const Replay& replay, LoadedLog& loaded) {
  auto snapshot = read_snapshot(fs, file, log.directory());
  std::string problem;
  if (!snapshot) {
    problem = snapshot.error().message();
  } else if (!*snapshot) {
    return {};
  } else if ((*snapshot)->offset > log.log_end_offset()) {
    problem = fmt::format("it goes to offset {}, the log only to {}", (*snapshot)->offset,
                          log.log_end_offset());
  } else if ((*snapshot)->offset < log.log_start_offset()) {
    problem = fmt::format("it goes to offset {}, the log starts at {}", (*snapshot)->offset,
                          log.log_start_offset());
  }
  if (problem.empty()) {
    HOROLOG_ASSIGN(const bool complete, log.is_complete_from((*snapshot)->offset));
    // A deletion that followed it may be one of the records that are gone.
    if (!complete) problem = "the log was compacted above it";
  }
  if (!problem.empty()) {
    log::warn("coordinator", "snapshot not used: the whole log is read instead",
              {log::field("partition", log.id().to_string()), log::field("reason", problem)});
    return {};
  }
  for (const storage::StoredRecord& stored : (*snapshot)->records) {
    HOROLOG_TRY(replay.record(stored.key, ByteView(stored.value), stored.transaction));
  }
  loaded.snapshot_offset = (*snapshot)->offset;
  loaded.end = (*snapshot)->offset;
  return {};
}

}  // namespace

Result<LoadedLog> load_coordinator(storage::FileSystem& fs, const storage::PartitionLog& log,
                                   const storage::SnapshotFile& file, const Replay& replay) {
  LoadedLog loaded;
  loaded.end = log.log_start_offset();
  HOROLOG_TRY(apply_snapshot(fs, log, file, replay, loaded));
  HOROLOG_TRY(replay_log(log, replay, loaded));
  return loaded;
}

}  // namespace horolog::broker
