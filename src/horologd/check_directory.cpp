#include "horologd/check_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace horolog {
namespace {

Error failed(const std::string& what, int error) {
  return {Errc::io, fmt::format("{}: {}", what, std::strerror(error)), error};
}

/// A file without a name, so that nothing stays behind; where the file system has none of these,
/// one that loses its name at once.
int open_nameless(const std::string& path) {
  const int file = open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  const std::string name = fmt::format("{}/.horologd-check.{}", path, getpid());
  const int named = open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (named >= 0) unlink(name.c_str());
  return named;
}

Status try_sync(const std::string& path) {
  const int file = open_nameless(path);
  if (file < 0) return failed("cannot create a file in '" + path + "'", errno);
  const char byte = 0;
  const bool good = write(file, &byte, 1) == 1 && fdatasync(file) == 0;
  const int error = errno;
  close(file);
  if (!good) return failed("cannot write and sync a file in '" + path + "'", error);
  return {};
}

std::filesystem::path nearest_existing(std::filesystem::path path) {
  std::error_code ignored;
  while (!std::filesystem::exists(path, ignored) && path.has_parent_path() &&
         path != path.parent_path()) {
    path = path.parent_path();
  }
  return path;
}

}  // namespace

Result<std::string> check_data_directory(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return failed("'" + path + "' is not a path", error.value());
  const std::string place = nearest_existing(absolute).string();
  struct stat info {};
  if (stat(place.c_str(), &info) != 0) return failed("cannot reach '" + place + "'", errno);
  if (!S_ISDIR(info.st_mode)) {
    return Error(Errc::io, fmt::format("'{}' is not a directory", place), ENOTDIR);
  }
  const bool exists = place == absolute.string() || absolute.string() == place + "/";
  if (access(place.c_str(), R_OK | W_OK | X_OK) != 0) {
    const int reason = errno;
    return failed(fmt::format("{} '{}' (user {} may not write there)",
                              exists ? "cannot use the data directory"
                                     : "cannot create the data directory in",
                              place, getuid()), reason);
  }
  HOROLOG_TRY(try_sync(place));
  struct statvfs space {};
  if (statvfs(place.c_str(), &space) != 0) return failed("cannot ask the free space", errno);
  const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  return fmt::format("{}, {:.1f} GiB free", exists ? "exists" : "will be created",
                     free / (1 << 30));
}

}  // namespace horolog
