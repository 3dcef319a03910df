#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <filesystem>

#include "storage/mapped_guard.hpp"
#include "storage/posix_error.hpp"
#include "storage/posix_file.hpp"

namespace horolog::storage {
namespace {

class PosixDirectoryLock final : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(int descriptor) : descriptor_(descriptor) {}
  ~PosixDirectoryLock() override { ::close(descriptor_); }

 private:
  const int descriptor_;
};

/// Holds a descriptor for the length of one call.
class ScopedDescriptor {
 public:
  explicit ScopedDescriptor(int descriptor) : descriptor_(descriptor) {}
  ScopedDescriptor(const ScopedDescriptor&) = delete;
  ScopedDescriptor& operator=(const ScopedDescriptor&) = delete;
  ~ScopedDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int descriptor = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC, 0644);
    if (descriptor < 0) return posix_error("open", path);
    return make_posix_file(descriptor, path);
  }

  bool exists(const std::string& path) override {
    struct stat info{};
    return ::lstat(path.c_str(), &info) == 0;
  }
  bool is_directory(const std::string& path) override {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::error_code failed;
    std::vector<std::string> names;
    std::filesystem::directory_iterator at(directory, failed);
    for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
      names.push_back(at->path().filename().string());
    }
    if (failed) return posix_error(failed.value(), "list", directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status make_directories(const std::string& path) override {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return posix_error(failed.value(), "make the directory", path);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return posix_error(fmt::format("rename to {} the file", to), from);
    }
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return posix_error("remove", path);
    return {};
  }

  Status remove_directory(const std::string& path) override {
    HOROLOG_ASSIGN(const auto names, list(path));
    for (const std::string& name : names) HOROLOG_TRY(remove(path + '/' + name));
    if (::rmdir(path.c_str()) != 0) return posix_error("remove the directory", path);
    return {};
  }

  Status sync_directory(const std::string& path) override {
    const ScopedDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) return posix_error("open the directory", path);
    if (::fsync(directory.get()) != 0) return posix_error("sync the directory", path);
    return {};
  }

  Status sync_all(const std::string& path) override {
    const ScopedDescriptor any(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (any.get() < 0) return posix_error("open", path);
    if (::syncfs(any.get()) != 0) return posix_error("sync the file system of", path);
    return {};
  }

  Result<DiskSpace> space(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return posix_error("ask for the free space of", path);
    return DiskSpace{.total_bytes = info.f_blocks * info.f_frsize,
                     .free_bytes = info.f_bavail * info.f_frsize};
  }

  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock_for_reading(const std::string& path) override;
};

/// Errc::busy with the pid that the lock file names.
Error held_by_another(int file, const std::string& path) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(file, text.data(), text.size() - 1, 0);
  std::string holder(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  holder.erase(
      std::find_if_not(holder.begin(), holder.end(), [](char c) { return c >= '0' && c <= '9'; }),
      holder.end());
  return {Errc::busy,
          fmt::format("{} is held by process {}; stop it, or use another data directory", path,
                      holder.empty() ? "(pid unknown)" : holder)};
}

Result<std::unique_ptr<DirectoryLock>> PosixFileSystem::lock(const std::string& path) {
  ScopedDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) return posix_error("open the lock file", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return posix_error("lock", path);
    return held_by_another(file.get(), path);
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file.get(), 0) != 0 ||
      ::pwrite(file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return posix_error("write the pid into", path);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<PosixDirectoryLock>(file.release()));
}

Result<std::unique_ptr<DirectoryLock>> PosixFileSystem::lock_for_reading(const std::string& path) {
  ScopedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return posix_error("open the lock file", path);
  // Kafka's Java takes the other kind of lock, which a reader cannot hold but ask for.
  struct flock record_lock{};
  record_lock.l_type = F_RDLCK;
  record_lock.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_GETLK, &record_lock) == 0 && record_lock.l_type != F_UNLCK) {
    return Error(Errc::busy,
                 fmt::format("{} is held by process {}; stop it first", path, record_lock.l_pid));
  }
  if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return posix_error("lock", path);
    return held_by_another(file.get(), path);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<PosixDirectoryLock>(file.release()));
}

}  // namespace

std::unique_ptr<FileSystem> make_posix_file_system() {
  install_mapped_guard();
  return std::make_unique<PosixFileSystem>();
}

}  // namespace horolog::storage
