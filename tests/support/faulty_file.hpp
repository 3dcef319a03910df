#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "storage/file.hpp"

namespace horolog::test {

/// `any` stands for every kind but map, in faults.
enum class Op : std::uint8_t {
  open,
  write,
  truncate,
  sync,
  sync_directory,
  rename,
  remove,
  map,
  any
};

/// A file system that passes everything on to another one until its fault is due. Thread-safe.
class FaultyFileSystem final : public storage::FileSystem {
 public:
  explicit FaultyFileSystem(storage::FileSystem& inner) : inner_(inner) {}

  struct Fault {
    Op op = Op::sync;
    int nth = 1;  ///< counted from now, over all files
    int os_error = 5;
    Errc code = Errc::io;
    /// Every later call of this kind fails too.
    bool lasting = false;
    /// For writes: half of the bytes get there before the error.
    bool partial = false;
    /// Once the fault has struck, calls of this kind fail as well.
    std::optional<Op> then_also = {};
  };
  void set_fault(Fault fault);
  void clear_fault();
  /// Calls of a kind so far.
  int count(Op op) const;
  /// The fault has struck at least once.
  bool struck() const;

  Result<std::unique_ptr<storage::File>> open(const std::string& path,
                                              storage::OpenMode mode) override;
  bool exists(const std::string& path) override { return inner_.exists(path); }
  bool is_directory(const std::string& path) override { return inner_.is_directory(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return inner_.list(directory);
  }
  Status make_directories(const std::string& path) override {
    return inner_.make_directories(path);
  }
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_directory(const std::string& path) override {
    return inner_.remove_directory(path);
  }
  Status sync_directory(const std::string& path) override;
  Status sync_all(const std::string& path) override { return inner_.sync_all(path); }
  Result<storage::DiskSpace> space(const std::string& path) override { return inner_.space(path); }
  Result<std::unique_ptr<storage::DirectoryLock>> lock(const std::string& path) override {
    return inner_.lock(path);
  }
  Result<std::unique_ptr<storage::DirectoryLock>> lock_for_reading(
      const std::string& path) override {
    return inner_.lock_for_reading(path);
  }

  /// Told of every call before it is made, in the thread that makes it. Set before other threads
  /// use this file system.
  void set_watch(std::function<void(Op, const std::string& path)> watch) {
    watch_ = std::move(watch);
  }

  /// Counts a call; the error when it is to fail.
  std::optional<Error> check(Op op, const std::string& path);
  bool fault_is_partial() const;

 private:
  storage::FileSystem& inner_;
  mutable std::mutex mutex_;
  std::map<Op, int> counts_;
  std::optional<Fault> fault_;
  int seen_ = 0;
  bool struck_ = false;
  std::function<void(Op, const std::string&)> watch_;
};

}  // namespace horolog::test
