#include "scheduler/local_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace horolog::scheduler {

Result<LocalFile> LocalFile::nameless(const std::string& directory, std::string what) {
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    // Not every filesystem has nameless files; one whose name is taken away is the same.
    std::string name = directory + "/scratch-XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0)
    return Error(Errc::io, fmt::format("cannot make {} in {}: {}", what, directory,
                                       std::strerror(errno)));
  return LocalFile(fd, std::move(what));
}

Result<LocalFile> LocalFile::named(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return Error(Errc::io, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  return LocalFile(fd, path);
}

LocalFile::LocalFile(LocalFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), what_(std::move(other.what_)) {}

LocalFile& LocalFile::operator=(LocalFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(what_, other.what_);
  return *this;
}

LocalFile::~LocalFile() {
  if (fd_ >= 0) ::close(fd_);
}

Error LocalFile::failed(const char* doing) const {
  return {Errc::io, fmt::format("{} {}: {}", doing, what_, std::strerror(errno))};
}

Status LocalFile::write_at(ByteView bytes, std::uint64_t at) const {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed("cannot write to");
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    at += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

Status LocalFile::read_at(MutableBytes to, std::uint64_t at) const {
  while (!to.empty()) {
    const ssize_t got = ::pread(fd_, to.data(), to.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read");
    if (got == 0) return Error(Errc::io, fmt::format("{} ends before byte {}", what_, at));
    to = to.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<std::uint64_t> LocalFile::size() const {
  struct stat found {};
  if (::fstat(fd_, &found) != 0) return failed("cannot look at");
  return static_cast<std::uint64_t>(found.st_size);
}

Status LocalFile::truncate(std::uint64_t bytes) const {
  return ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0 ? Status() : failed("cannot cut");
}

Result<bool> LocalFile::punch(std::uint64_t at, std::uint64_t bytes) const {
  if (::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at),
                  static_cast<off_t>(bytes)) == 0)
    return true;
  if (errno == EOPNOTSUPP) return false;
  return failed("cannot give space back of");
}

}  // namespace horolog::scheduler
