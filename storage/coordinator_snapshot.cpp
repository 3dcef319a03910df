#include "storage/coordinator_snapshot.hpp"

#include <fmt/format.h>

#include "base/crc32c.hpp"

namespace horolog::storage {
namespace {

constexpr std::int16_t version = 2;
constexpr std::size_t header_bytes = 8 + 2 + 8 + 4;
constexpr std::size_t crc_bytes = 4;

void append_bytes(ByteBuffer& out, ByteView bytes) {
  append_be(out, static_cast<std::int32_t>(bytes.size()));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::optional<ByteBuffer> take_bytes(ByteView& rest) {
  if (rest.size() < sizeof(std::int32_t)) return std::nullopt;
  const auto length = load_be<std::int32_t>(rest.data());
  rest = rest.subspan(sizeof(std::int32_t));
  if (length < 0 || static_cast<std::size_t>(length) > rest.size()) return std::nullopt;
  ByteBuffer out = to_buffer(rest.first(static_cast<std::size_t>(length)));
  rest = rest.subspan(static_cast<std::size_t>(length));
  return out;
}

Error damaged(std::string_view what) {
  return Error(Errc::corrupt, fmt::format("the snapshot is damaged: {}", what));
}

std::string path_in(const SnapshotFile& file, const std::string& directory) {
  return fmt::format("{}/{}", directory, file.name);
}

}  // namespace

ByteBuffer encode_snapshot(const SnapshotFile& file, const CoordinatorSnapshot& snapshot) {
  ByteBuffer out = to_buffer(as_bytes(file.magic));
  append_be(out, version);
  append_be(out, snapshot.offset);
  append_be(out, static_cast<std::int32_t>(snapshot.records.size()));
  for (const StoredRecord& stored : snapshot.records) {
    append_be(out, stored.transaction);
    append_bytes(out, stored.key);
    append_bytes(out, stored.value);
  }
  append_be(out, crc32c(out));
  return out;
}

Result<CoordinatorSnapshot> decode_snapshot(const SnapshotFile& file, ByteView bytes) {
  if (bytes.size() < header_bytes + crc_bytes) return damaged("it is too short");
  const ByteView body = bytes.first(bytes.size() - crc_bytes);
  if (load_be<std::uint32_t>(bytes.data() + body.size()) != crc32c(body)) {
    return damaged("its checksum is wrong");
  }
  if (as_text(body.first(file.magic.size())) != file.magic) {
    return damaged("it starts with other bytes");
  }
  if (const auto found = load_be<std::int16_t>(body.data() + 8); found != version) {
    return Error(Errc::unsupported,
                 fmt::format("the snapshot has version {}; this build reads {}", found, version));
  }
  CoordinatorSnapshot snapshot;
  snapshot.offset = load_be<std::int64_t>(body.data() + 10);
  const auto count = load_be<std::int32_t>(body.data() + 18);
  ByteView rest = body.subspan(header_bytes);
  for (std::int32_t i = 0; i < count; ++i) {
    if (rest.size() < sizeof(ProducerId)) return damaged("a record goes beyond its end");
    const auto transaction = load_be<ProducerId>(rest.data());
    rest = rest.subspan(sizeof(ProducerId));
    auto key = take_bytes(rest);
    auto value = key ? take_bytes(rest) : std::nullopt;
    if (!value) return damaged("a record goes beyond its end");
    snapshot.records.push_back({std::move(*key), std::move(*value), transaction});
  }
  if (!rest.empty() || snapshot.offset < 0) return damaged("it holds more than it says");
  return snapshot;
}

Result<std::optional<CoordinatorSnapshot>> read_snapshot(FileSystem& fs, const SnapshotFile& file,
                                                         const std::string& directory) {
  const std::string path = path_in(file, directory);
  if (!fs.exists(path)) return std::optional<CoordinatorSnapshot>();
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs, path));
  HOROLOG_ASSIGN(CoordinatorSnapshot snapshot, decode_snapshot(file, bytes));
  return std::optional<CoordinatorSnapshot>(std::move(snapshot));
}

Status write_snapshot(FileSystem& fs, const SnapshotFile& file,
                      const std::string& directory, ByteView encoded) {
  return replace_file(fs, path_in(file, directory), encoded);
}

}  // namespace horolog::storage
