#include "scheduler/checkpoint_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace horolog::scheduler {
namespace {

std::string unfinished(const std::string& path) { return path + ".new"; }

}  // namespace

CheckpointWriter::CheckpointWriter(LocalFile file, std::string path)
    : file_(std::move(file)), path_(std::move(path)), digest_(XXH3_createState()) {
  XXH3_64bits_reset(digest_.get());
}

Result<CheckpointWriter> CheckpointWriter::create(const std::string& path) {
  HOROLOG_ASSIGN(LocalFile file, LocalFile::named(unfinished(path)));
  HOROLOG_TRY(file.truncate(0));
  return CheckpointWriter(std::move(file), path);
}

Status CheckpointWriter::text(std::string_view bytes) {
  HOROLOG_TRY(number(static_cast<std::uint32_t>(bytes.size())));
  const ByteView view = as_bytes(bytes);
  buffer_.insert(buffer_.end(), view.begin(), view.end());
  return buffer_.size() < buffer_bytes ? Status() : flush();
}

Status CheckpointWriter::flush() {
  XXH3_64bits_update(digest_.get(), buffer_.data(), buffer_.size());
  HOROLOG_TRY(file_.write_at(buffer_, written_));
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status CheckpointWriter::finish() {
  HOROLOG_TRY(flush());
  append_be(buffer_, static_cast<std::uint64_t>(XXH3_64bits_digest(digest_.get())));
  HOROLOG_TRY(file_.write_at(buffer_, written_));
  if (std::rename(unfinished(path_).c_str(), path_.c_str()) == 0) return {};
  return Error(Errc::io, fmt::format("cannot rename {}: {}", unfinished(path_),
                                     std::strerror(errno)));
}

Result<std::optional<CheckpointReader>> CheckpointReader::open(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) && !failed) return std::optional<CheckpointReader>();
  HOROLOG_ASSIGN(LocalFile file, LocalFile::named(path));
  HOROLOG_ASSIGN(const std::uint64_t bytes, file.size());
  if (bytes < digest_bytes)
    return Error(Errc::corrupt, fmt::format("{} has only {} bytes", path, bytes));
  CheckpointReader reader(std::move(file), bytes - digest_bytes);
  HOROLOG_TRY(reader.verify());
  return std::optional(std::move(reader));
}

Error CheckpointReader::not_whole() const {
  return {Errc::corrupt, fmt::format("{} is torn or damaged", file_.what())};
}

Status CheckpointReader::verify() const {
  const DigestState digest(XXH3_createState());
  XXH3_64bits_reset(digest.get());
  ByteBuffer buffer(buffer_bytes);
  for (std::uint64_t at = 0; at < bytes_; at += buffer.size()) {
    buffer.resize(std::min<std::uint64_t>(buffer_bytes, bytes_ - at));
    HOROLOG_TRY(file_.read_at(buffer, at));
    XXH3_64bits_update(digest.get(), buffer.data(), buffer.size());
  }
  buffer.resize(digest_bytes);
  HOROLOG_TRY(file_.read_at(buffer, bytes_));
  if (load_be<std::uint64_t>(buffer.data()) != XXH3_64bits_digest(digest.get()))
    return not_whole();
  return {};
}

Status CheckpointReader::have(std::size_t bytes) {
  if (buffer_.size() - at_ >= bytes) return {};
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  const std::size_t held = buffer_.size();
  const auto more = std::min<std::uint64_t>(std::max(bytes, buffer_bytes) - held, bytes_ - read_);
  if (held + more < bytes) return not_whole();
  buffer_.resize(held + more);
  HOROLOG_TRY(file_.read_at(MutableBytes(buffer_).subspan(held), read_));
  read_ += more;
  return {};
}

Result<std::string> CheckpointReader::text() {
  HOROLOG_ASSIGN(const auto size, number<std::uint32_t>());
  HOROLOG_TRY(have(size));
  std::string out(as_text(ByteView(buffer_).subspan(at_, size)));
  at_ += size;
  return out;
}

Status CheckpointReader::finish() const {
  return read_ == bytes_ && at_ == buffer_.size() ? Status() : not_whole();
}

}  // namespace horolog::scheduler
