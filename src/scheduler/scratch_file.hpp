#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"

namespace horolog::scheduler {

/// A file without a name: it belongs to this process and vanishes with it, also by kill -9. For
/// what can be made again at any time; nothing is ever synced. Thread-safe as pread and pwrite are.
class ScratchFile {
 public:
  /// `what` names it in errors. Errc::io with the directory when it cannot be made there.
  static Result<ScratchFile> create(const std::string& directory, std::string what);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ~ScratchFile();

  Status write_at(ByteView bytes, std::uint64_t at) const;
  /// All of `to`. Errc::io also when the file ends before.
  Status read_at(MutableBytes to, std::uint64_t at) const;
  /// Gives the disk space of that stretch back; it reads as zeros.
  Status punch(std::uint64_t at, std::uint64_t bytes) const;

 private:
  ScratchFile(int fd, std::string what) : fd_(fd), what_(std::move(what)) {}
  Error failed(const char* doing) const;

  int fd_ = -1;
  std::string what_;
};

}  // namespace horolog::scheduler
