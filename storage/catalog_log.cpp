#include "storage/catalog_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace horolog::storage {

bool has_later_batch(ByteView bytes, Offset expected) {
  for (std::size_t at = 1; at + record::layout::records <= bytes.size(); ++at) {
    if (bytes[at + record::layout::magic] != std::byte{record::magic_v2}) continue;
    const auto batch = record::parse_batch(bytes.subspan(at));
    if (batch && batch->base_offset() >= expected && record::verify_crc(*batch)) return true;
  }
  return false;
}

Result<std::unique_ptr<CatalogLog>> CatalogLog::open(FileSystem& fs, const std::string& directory,
                                                     const Replay& replay) {
  HOROLOG_ASSIGN(const auto names, fs.list(directory));
  std::vector<std::string> segments;
  for (const std::string& name : names) {
    if (name.ends_with(".log")) segments.push_back(name);
  }
  if (segments.empty()) {
    return Error(Errc::not_found, fmt::format("{} holds no log file", directory));
  }
  if (segments.front() != fmt::format("{:020}.log", 0)) {
    return Error(Errc::unsupported,
                 fmt::format("{}/{}: the catalog starts with a snapshot, which this version does "
                             "not read",
                             directory, segments.front()));
  }
  std::unique_ptr<CatalogLog> log(new CatalogLog(fs, directory));
  for (std::size_t i = 0; i < segments.size(); ++i) {
    HOROLOG_TRY(log->load(segments[i], i + 1 == segments.size(), replay));
  }
  return log;
}

Status CatalogLog::load(const std::string& name, bool last, const Replay& replay) {
  const std::string path = directory_ + "/" + name;
  HOROLOG_ASSIGN(file_, fs_.open(path, OpenMode::read_write));
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs_, path));
  const ByteView all(bytes);
  std::size_t position = 0;
  while (position < all.size()) {
    const auto batch = record::parse_batch(all.subspan(position));
    if (!batch || !record::verify_crc(*batch) || batch->base_offset() != end_offset_) break;
    if (Status replayed = replay(*batch); !replayed) {
      return replayed.error().with_context(
          fmt::format("{}, batch at byte {} (offset {})", path, position, end_offset_));
    }
    position += batch->size();
    end_offset_ = batch->next_offset();
    epoch_ = batch->leader_epoch();
  }
  size_ = position;
  const ByteView rest = all.subspan(position);
  if (rest.empty()) return {};
  if (!last || has_later_batch(rest, end_offset_)) {
    return Error(Errc::corrupt,
                 fmt::format("{}: the batch at byte {} (offset {}) is damaged and others follow "
                             "it; restore the file from a backup",
                             path, position, end_offset_));
  }
  return cut(name, rest, position);
}

Status CatalogLog::cut(const std::string& name, ByteView rest, std::uint64_t position) {
  const bool zeros =
      std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{}; });
  if (!zeros) {
    const std::string base = directory_ + "/" + name.substr(0, name.size() - 4);
    int number = 1;
    while (fs_.exists(fmt::format("{}.cut-{}", base, number))) ++number;
    const std::string path = fmt::format("{}.cut-{}", base, number);
    HOROLOG_ASSIGN(auto file, fs_.open(path, OpenMode::create_new));
    HOROLOG_TRY(file->write_at(rest, 0));
    HOROLOG_TRY(file->sync_data());
    HOROLOG_TRY(fs_.sync_directory(directory_));
    log::warn("catalog", "an unfinished last change was set aside",
              {log::field("bytes", rest.size()), log::field("file", path)});
  }
  HOROLOG_TRY(file_->truncate(position));
  return file_->sync_data();
}

Status CatalogLog::append(ByteView batch) {
  if (failed_) {
    return Error(Errc::io, fmt::format("{}: an earlier write failed; the catalog takes no changes "
                                       "until a restart has read it again",
                                       file_->path()));
  }
  if (Status written = file_->write_at(batch, size_); !written) {
    failed_ = written.error().code() != Errc::disk_full || !file_->truncate(size_);
    return written;
  }
  if (Status synced = file_->sync_data(); !synced) {
    failed_ = true;
    return synced;
  }
  size_ += batch.size();
  const auto view = record::parse_batch(batch);
  end_offset_ = view.value().next_offset();
  return {};
}

}  // namespace horolog::storage
