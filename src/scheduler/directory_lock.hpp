#pragma once

#include <string>
#include <utility>

#include "horolog/error.hpp"

namespace horolog::scheduler {

/// A directory that one process at a time uses. The lock goes with the process, also by kill -9.
class DirectoryLock {
 public:
  /// Makes the directory when it is missing. Errc::io; Errc::busy with the other's process id when
  /// somebody has it.
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}

  int fd_ = -1;
};

}  // namespace horolog::scheduler
