#include "broker/group_loader.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "broker/group_snapshot.hpp"
#include "record/batch.hpp"
#include "record/record.hpp"

namespace horolog::broker {
namespace {

constexpr std::size_t read_bytes = 1 << 20;

/// Replays the records from `from` on that the bytes hold; gives the offset to go on with.
Result<Offset> replay_bytes(ByteView bytes, Offset from, LoadedGroups& loaded) {
  ByteBuffer scratch;
  record::BatchIterator batches(bytes);
  while (batches.next()) {
    const record::BatchView& batch = batches.batch();
    if (batch.next_offset() <= from) continue;
    HOROLOG_TRY(record::verify_crc(batch));
    from = batch.next_offset();
    if (batch.is_control()) continue;
    HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch));
    while (reader.next()) {
      const record::RecordView& record = reader.record();
      if (record.offset < loaded.end || !record.key) continue;
      HOROLOG_TRY(loaded.machine->replay(*record.key, record.value));
      ++loaded.replayed;
    }
    HOROLOG_TRY(reader.status());
    loaded.end = from;
  }
  HOROLOG_TRY(batches.status());
  return from;
}

Status replay_log(const storage::PartitionLog& log, LoadedGroups& loaded) {
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
      HOROLOG_TRY(replay_bytes(buffer, loaded.end, loaded));
    }
    if (loaded.end == from) {
      return Error(Errc::corrupt, fmt::format("nothing can be read at offset {} of {}", from, end));
    }
  }
  return {};
}

/// A snapshot is a shortcut: one that cannot be used is reported and left aside.
Status apply_snapshot(storage::FileSystem& fs, const storage::PartitionLog& log,
                      LoadedGroups& loaded) {
  auto snapshot = read_group_snapshot(fs, log.directory());
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
  if (!problem.empty()) {
    log::warn("groups", "snapshot not used: the whole log is read instead",
              {log::field("partition", log.id().to_string()), log::field("reason", problem)});
    return {};
  }
  for (const coordinator::Record& record : (*snapshot)->records) {
    const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
    HOROLOG_TRY(loaded.machine->replay(record.key, value));
  }
  loaded.snapshot_offset = (*snapshot)->offset;
  loaded.end = (*snapshot)->offset;
  return {};
}

}  // namespace

std::unique_ptr<coordinator::Coordinator> make_coordinator(
    const coordinator::Settings& settings) {
  return std::make_unique<coordinator::Coordinator>(settings, [] { return Uuid::random(); });
}

Result<LoadedGroups> load_groups(storage::FileSystem& fs, const storage::PartitionLog& log,
                                 const coordinator::Settings& settings) {
  LoadedGroups loaded;
  loaded.machine = make_coordinator(settings);
  loaded.end = log.log_start_offset();
  HOROLOG_TRY(apply_snapshot(fs, log, loaded));
  HOROLOG_TRY(replay_log(log, loaded));
  return loaded;
}

}  // namespace horolog::broker
