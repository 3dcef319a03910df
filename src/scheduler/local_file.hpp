#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"

namespace horolog::scheduler {

/// A file of what can be made again at any time; nothing is ever synced. Thread-safe as pread and
/// pwrite are.
class LocalFile {
 public:
  /// Without a name: it belongs to this process and vanishes with it, also by kill -9. `what` names
  /// it in errors. Errc::io with the directory when it cannot be made there.
  static Result<LocalFile> nameless(const std::string& directory, std::string what);
  /// Opened for reading and writing, made when it is missing. Errc::io with the path.
  static Result<LocalFile> named(const std::string& path);
  LocalFile(LocalFile&& other) noexcept;
  LocalFile& operator=(LocalFile&& other) noexcept;
  ~LocalFile();

  Status write_at(ByteView bytes, std::uint64_t at) const;
  /// All of `to`. Errc::io also when the file ends before.
  Status read_at(MutableBytes to, std::uint64_t at) const;
  Result<std::uint64_t> size() const;
  Status truncate(std::uint64_t bytes) const;
  /// Gives the disk space of that stretch back; it reads as zeros. False: this filesystem cannot,
  /// and nothing was done.
  Result<bool> punch(std::uint64_t at, std::uint64_t bytes) const;
  const std::string& what() const { return what_; }

 private:
  LocalFile(int fd, std::string what) : fd_(fd), what_(std::move(what)) {}
  Error failed(const char* doing) const;

  int fd_ = -1;
  std::string what_;
};

}  // namespace horolog::scheduler
