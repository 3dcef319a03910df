#include "storage/producer_snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/crc32c.hpp"
#include "storage/log_files.hpp"

namespace horolog::storage {
namespace {

constexpr std::int16_t snapshot_version = 1;
constexpr std::int16_t producers_version = 2;
constexpr std::int16_t producers_version_without_transactions = 1;
constexpr std::string_view producers_magic = "HPRD";
constexpr std::size_t snapshot_entry_bytes = 46;
constexpr std::size_t kept_snapshots = 2;

Error damaged(std::string_view what, std::string_view why) {
  return Error(Errc::corrupt, fmt::format("{} is damaged: {}", what, why));
}

/// Reads big-endian fields until the bytes are used up; sticky.
class Fields {
 public:
  explicit Fields(ByteView bytes) : bytes_(bytes) {}
  template <typename T>
  T take() {
    if (bytes_.size() < sizeof(T)) {
      failed_ = true;
      return T{};
    }
    T value{};
    if constexpr (sizeof(T) == 1) {
      value = static_cast<T>(bytes_[0]);
    } else {
      value = load_be<T>(bytes_.data());
    }
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  bool failed() const { return failed_; }
  bool done() const { return !failed_ && bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

 private:
  ByteView bytes_;
  bool failed_ = false;
};

void put_crc(ByteBuffer& out, std::size_t at) {
  store_be(out.data() + at, crc32c(ByteView(out).subspan(at + 4)));
}

}  // namespace

ByteBuffer encode_snapshot(const ProducerState& state) {
  ByteBuffer out;
  append_be(out, snapshot_version);
  append_be(out, std::uint32_t{0});
  append_be(out, static_cast<std::int32_t>(state.size()));
  for (const auto& [id, entry] : state.entries()) {
    const ProducerBatch last = entry.last() != nullptr ? *entry.last() : ProducerBatch{};
    append_be(out, id);
    append_be(out, entry.epoch);
    append_be(out, last.last_sequence);
    append_be(out, last.last_offset);
    append_be(out, last.offset_delta);
    append_be(out, entry.last_timestamp);
    append_be(out, entry.coordinator_epoch);
    append_be(out, entry.transaction_start);
  }
  put_crc(out, 2);
  return out;
}

Result<ProducerState> decode_snapshot(ByteView bytes, TimestampMs now) {
  constexpr std::string_view what = "a producer snapshot";
  Fields in(bytes);
  const auto version = in.take<std::int16_t>();
  const auto crc = in.take<std::uint32_t>();
  const auto count = in.take<std::int32_t>();
  if (in.failed()) return damaged(what, "it ends early");
  if (version != snapshot_version) {
    return Error(Errc::unsupported, fmt::format("{} has version {}", what, version));
  }
  if (crc != crc32c(bytes.subspan(6))) return damaged(what, "its checksum is wrong");
  if (count < 0 || in.left() != static_cast<std::size_t>(count) * snapshot_entry_bytes) {
    return damaged(what, "its length contradicts its count");
  }
  ProducerState state;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto id = in.take<std::int64_t>();
    ProducerEntry entry;
    entry.epoch = in.take<std::int16_t>();
    entry.last_append_ms = now;
    ProducerBatch last;
    last.last_sequence = in.take<std::int32_t>();
    last.last_offset = in.take<std::int64_t>();
    last.offset_delta = in.take<std::int32_t>();
    last.timestamp = in.take<std::int64_t>();
    entry.last_timestamp = last.timestamp;
    entry.coordinator_epoch = in.take<std::int32_t>();
    entry.transaction_start = in.take<std::int64_t>();
    if (last.last_offset >= 0) entry.push(last);
    state.insert(id, entry);
  }
  return state;
}

ByteBuffer encode_producers(const ProducerState& state, const TransactionIndexMark& index) {
  ByteBuffer out = to_buffer(as_bytes(producers_magic));
  append_be(out, producers_version);
  append_be(out, std::uint32_t{0});
  append_be(out, index.segment_base);
  append_be(out, index.bytes);
  append_be(out, index.crc);
  append_be(out, static_cast<std::int32_t>(state.size()));
  for (const auto& [id, entry] : state.entries()) {
    append_be(out, id);
    append_be(out, entry.epoch);
    append_be(out, entry.last_append_ms);
    append_be(out, entry.last_timestamp);
    append_be(out, entry.coordinator_epoch);
    append_be(out, entry.transaction_start);
    out.push_back(static_cast<std::byte>(entry.batch_count));
    for (std::size_t i = 0; i < entry.batch_count; ++i) {
      append_be(out, entry.batches[i].last_sequence);
      append_be(out, entry.batches[i].offset_delta);
      append_be(out, entry.batches[i].last_offset);
      append_be(out, entry.batches[i].timestamp);
    }
  }
  put_crc(out, producers_magic.size() + 2);
  return out;
}

namespace {

/// One producer of a `.producers` file; false when it cannot be one.
bool take_producer(Fields& in, bool with_transactions, ProducerEntry& entry) {
  entry.epoch = in.take<std::int16_t>();
  entry.last_append_ms = in.take<std::int64_t>();
  if (with_transactions) {
    entry.last_timestamp = in.take<std::int64_t>();
    entry.coordinator_epoch = in.take<std::int32_t>();
    entry.transaction_start = in.take<std::int64_t>();
  }
  const auto batches = in.take<std::uint8_t>();
  if (batches > ProducerEntry::max_batches) return false;
  for (std::uint8_t b = 0; b < batches; ++b) {
    ProducerBatch batch;
    batch.last_sequence = in.take<std::int32_t>();
    batch.offset_delta = in.take<std::int32_t>();
    batch.last_offset = in.take<std::int64_t>();
    batch.timestamp = in.take<std::int64_t>();
    entry.push(batch);
  }
  if (!with_transactions && entry.last() != nullptr) entry.last_timestamp = entry.last()->timestamp;
  return true;
}

}  // namespace

Result<ProducersFile> decode_producers(ByteView bytes) {
  constexpr std::string_view what = "a .producers file";
  const std::size_t crc_end = producers_magic.size() + 6;
  if (bytes.size() < crc_end + 4 || as_text(bytes.first(4)) != producers_magic) {
    return damaged(what, "it does not start with its mark");
  }
  Fields in(bytes.subspan(producers_magic.size()));
  const auto version = in.take<std::int16_t>();
  const bool with_transactions = version != producers_version_without_transactions;
  if (with_transactions && version != producers_version) {
    return Error(Errc::unsupported, fmt::format("{} has version {}", what, version));
  }
  if (in.take<std::uint32_t>() != crc32c(bytes.subspan(crc_end))) {
    return damaged(what, "its checksum is wrong");
  }
  ProducersFile file;
  if (with_transactions) {
    TransactionIndexMark& index = file.index.emplace();
    index.segment_base = in.take<std::int64_t>();
    index.bytes = in.take<std::uint32_t>();
    index.crc = in.take<std::uint32_t>();
  }
  const auto count = in.take<std::int32_t>();
  for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
    const auto id = in.take<std::int64_t>();
    ProducerEntry entry;
    if (!take_producer(in, with_transactions, entry)) {
      return damaged(what, "it has too many batches");
    }
    file.state.insert(id, entry);
  }
  if (!in.done()) return damaged(what, "its length contradicts its count");
  return file;
}

namespace {

/// Offsets of the files with this suffix, newest first.
Result<std::vector<Offset>> offsets_of(FileSystem& fs, const std::string& directory,
                                       std::string_view suffix) {
  HOROLOG_ASSIGN(const auto names, fs.list(directory));
  std::vector<Offset> found;
  for (const std::string& name : names) {
    if (const auto offset = log_files::parse(name, suffix)) found.push_back(*offset);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

Result<ProducersFile> from_snapshot(Result<ProducerState> state) {
  if (!state) return std::move(state).error();
  return ProducersFile{.state = std::move(state).value(), .index = {}};
}

/// Without producers the files say nothing that could be lost, so nobody waits for their sync (a
/// large part of a clean stop with many partitions).
Status write_snapshot_file(FileSystem& fs, const std::string& path, ByteView content, bool sync) {
  if (sync) return replace_file_unlisted(fs, path, content);
  HOROLOG_ASSIGN(const auto file, fs.open(path, OpenMode::create));
  HOROLOG_TRY(file->truncate(0));
  return file->write_at(content, 0);
}

}  // namespace

Status write_producer_files(FileSystem& fs, const std::string& directory, Offset offset,
                            const ProducerState& state, const TransactionIndexMark& index) {
  const bool sync = state.size() > 0;
  const std::string snapshot = log_files::path(directory, offset, log_files::snapshot);
  HOROLOG_TRY(write_snapshot_file(fs, snapshot, encode_snapshot(state), sync));
  const std::string producers = log_files::path(directory, offset, log_files::producers);
  HOROLOG_TRY(write_snapshot_file(fs, producers, encode_producers(state, index), sync));
  for (const std::string_view suffix : {log_files::snapshot, log_files::producers}) {
    HOROLOG_ASSIGN(const auto offsets, offsets_of(fs, directory, suffix));
    for (std::size_t i = kept_snapshots; i < offsets.size(); ++i) {
      HOROLOG_TRY(fs.remove(log_files::path(directory, offsets[i], suffix)));
    }
  }
  return {};
}

Result<LoadedProducers> load_producer_files(FileSystem& fs, const std::string& directory,
                                            Offset at_most, TimestampMs now) {
  LoadedProducers best;
  for (const std::string_view suffix : {log_files::producers, log_files::snapshot}) {
    HOROLOG_ASSIGN(const auto offsets, offsets_of(fs, directory, suffix));
    for (const Offset offset : offsets) {
      // At the same offset the sidecar, which came first, knows more.
      if (offset > at_most || offset <= best.offset) continue;
      HOROLOG_ASSIGN(const ByteBuffer bytes,
                     read_whole_file(fs, log_files::path(directory, offset, suffix)));
      auto file = suffix == log_files::producers ? decode_producers(bytes)
                                                 : from_snapshot(decode_snapshot(bytes, now));
      if (!file) continue;
      best = {.state = std::move(file->state), .offset = offset, .index = file->index};
      break;
    }
  }
  return best;
}

}  // namespace horolog::storage
