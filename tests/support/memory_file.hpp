#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "storage/file.hpp"

namespace horolog::test {

/// A file system in memory that knows what was synced. Mapped writes count like others; touching
/// memory beyond the end of a file is a fault, as with the real one. Used by one thread at a time
/// where crash() is concerned, by several otherwise.
///
/// crash() gives what a power cut may leave: of the names in each directory that were made, renamed
/// or removed since its last sync, the first so many changes; of each file's 512-byte sectors that
/// were changed since its last sync, any subset; its old size or its new one.
class MemoryFileSystem final : public storage::FileSystem {
 public:
  MemoryFileSystem();

  Result<std::unique_ptr<storage::File>> open(const std::string& path,
                                              storage::OpenMode mode) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status make_directories(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_all(const std::string& path) override;
  Result<storage::DiskSpace> space(const std::string& path) override;
  Result<std::unique_ptr<storage::DirectoryLock>> lock(const std::string& path) override;
  Result<std::unique_ptr<storage::DirectoryLock>> lock_for_reading(
      const std::string& path) override;

  /// What is left after a power cut now.
  std::unique_ptr<MemoryFileSystem> crash(std::mt19937_64& random) const;
  /// What is left after the process alone was killed: everything.
  std::unique_ptr<MemoryFileSystem> copy() const;

  ByteBuffer content(const std::string& path) const;
  void set_content(const std::string& path, ByteView bytes);
  /// Paths of all files, sorted.
  std::vector<std::string> files() const;

  class Inode;

 private:
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  /// A change of names not yet synced: `from` goes (if not empty), `to` becomes `inode` (if any).
  struct Change {
    std::string from;
    std::string to;
    std::shared_ptr<Inode> inode;  ///< null: a directory, or only a removal
  };
  void changed(const std::string& directory, Change change);
  static void apply(const Change& change, Names& names, std::set<std::string>& directories);

  mutable std::mutex mutex_;
  Names names_;
  std::set<std::string> directories_;
  Names durable_names_;
  std::set<std::string> durable_directories_;
  std::map<std::string, std::vector<Change>> pending_;  ///< by directory, in order
};

}  // namespace horolog::test
