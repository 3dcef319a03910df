#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

/// The one seam between Horolog and a file system. Three implementations: the real one
/// (posix_file.cpp), an in-memory one, and a faulty one that wraps either (tests/support).
/// Everything here blocks; nothing here starts a thread or reads a clock. Errors carry the path.
namespace horolog::storage {

/// A file mapped into memory. The bytes stay valid as long as this object lives, also when the
/// file has been renamed or unlinked meanwhile. Touching a byte beyond the end of the file, or of
/// a block that the disk cannot deliver, raises SIGBUS: see mapped_guard.hpp.
class MappedRegion {
 public:
  virtual ~MappedRegion() = default;
  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 protected:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

enum class Access : std::uint8_t { read, read_write };

/// An open file. Distinct ranges may be read and written from several threads at once.
class File {
 public:
  virtual ~File() = default;
  virtual const std::string& path() const = 0;
  virtual Result<std::uint64_t> size() const = 0;
  /// Reads up to out.size() bytes; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(MutableBytes out, std::uint64_t position) const = 0;
  /// As read_at, but gives Errc::busy instead of waiting for a disk (preadv2, RWF_NOWAIT).
  virtual Result<std::size_t> read_at_nowait(MutableBytes out, std::uint64_t position) const = 0;
  virtual Status write_at(ByteView bytes, std::uint64_t position) = 0;
  /// The parts one after the other, as one write where the system can (pwritev). Not more than 8.
  virtual Status write_parts(std::span<const ByteView> parts, std::uint64_t position) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  /// Makes the blocks of [position, position + length) exist and grows the file over them.
  virtual Status allocate(std::uint64_t position, std::uint64_t length) = 0;
  /// fdatasync. After a failure the file must not be trusted or synced again (reliability: a
  /// failed sync marks pages clean).
  virtual Status sync_data() = 0;
  virtual Status set_modified(TimestampMs time) = 0;
  virtual Result<TimestampMs> modified() const = 0;
  /// Maps `length` bytes of address space from the start, which may exceed the file's size.
  virtual Result<std::shared_ptr<MappedRegion>> map(std::size_t length, Access access) = 0;
  /// Whether every page of the range is in the page cache now; false when it cannot be known.
  virtual bool is_cached(std::uint64_t position, std::uint64_t length) const {
    static_cast<void>(position);
    static_cast<void>(length);
    return false;
  }
  /// The descriptor for calls that go past the seam (sendfile), or -1.
  virtual int descriptor() const { return -1; }
};

enum class OpenMode : std::uint8_t { read, read_write, create /* or open */, create_new };

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< what an unprivileged writer may still use
};

/// Holds a data directory for one process; released when destroyed (or when the process dies).
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual bool is_directory(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Like mkdir -p; the directories made are not synced.
  virtual Status make_directories(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// Removes a directory with all files in it (one level).
  virtual Status remove_directory(const std::string& path) = 0;
  /// fsync of the directory itself: makes creations, renames and removals in it durable.
  virtual Status sync_directory(const std::string& path) = 0;
  /// syncfs of the file system that holds `path`.
  virtual Status sync_all(const std::string& path) = 0;
  virtual Result<DiskSpace> space(const std::string& path) = 0;
  /// Errc::busy with the holder's pid in the text when another process has it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock(const std::string& path) = 0;
  /// For who only reads: keeps others from taking the lock, and changes nothing, the file included.
  /// Errc::busy as lock(), also when Apache Kafka has it; Errc::not_found when there is no file.
  virtual Result<std::unique_ptr<DirectoryLock>> lock_for_reading(const std::string& path) = 0;
};

/// The operating system's files. One per process is enough; thread-safe. Installs the SIGBUS
/// handler of mapped_guard.hpp.
std::unique_ptr<FileSystem> make_posix_file_system();

/// Small helpers over the seam.
Result<ByteBuffer> read_whole_file(FileSystem& fs, const std::string& path);
/// Write to "<path>.tmp", sync, rename over `path`, sync the directory: a reader sees the old or
/// the new content, whatever crashes.
Status replace_file(FileSystem& fs, const std::string& path, ByteView content);
/// The same, but for the last step: the caller syncs the directory, perhaps after several files.
Status replace_file_unlisted(FileSystem& fs, const std::string& path, ByteView content);
/// The same without any sync, for what may be lost or come back old: after a power cut the file is
/// the old one, the new one, or (where the file system does not order them) the new one's
/// beginning.
Status replace_file_unsynced(FileSystem& fs, const std::string& path, ByteView content);
/// The directory part of a path.
std::string parent_directory(const std::string& path);

}  // namespace horolog::storage
