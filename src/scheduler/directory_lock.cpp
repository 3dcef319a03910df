#include "scheduler/directory_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace horolog::scheduler {
namespace {

std::string holder(int fd) {
  char text[32];
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "unknown";
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed)
    return Error(Errc::io, fmt::format("cannot make {}: {}", directory, failed.message()));
  const std::string path = directory + "/lock";
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return Error(Errc::io, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return Error(Errc::busy, fmt::format("{} is in use by another scheduler (process {}): give "
                                         "each its own state directory", directory, holder(fd)));
  const std::string process = std::to_string(::getpid());
  const bool said = ::ftruncate(fd, 0) == 0 &&
                    ::pwrite(fd, process.data(), process.size(), 0) ==
                        static_cast<ssize_t>(process.size());
  if (!said) return Error(Errc::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  return lock;
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace horolog::scheduler
