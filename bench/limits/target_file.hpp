#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {

/// The file a limit program appends to; removed at the end. A growing file gets its blocks while it
/// is written; a prewritten one has them, written and in the page cache, and is written over from
/// the start again when its end is reached.
class TargetFile {
 public:
  enum class Kind : std::uint8_t { growing, prewritten };

  /// Makes the file in `directory`; a prewritten one is filled with `bytes` zeros and synced.
  TargetFile(const std::string& directory, Kind kind, std::uint64_t bytes);
  ~TargetFile();
  TargetFile(const TargetFile&) = delete;
  TargetFile& operator=(const TargetFile&) = delete;

  void append(ByteView bytes);
  /// fdatasync; safe beside append().
  void sync();
  int fd() const { return file_.get(); }

 private:
  std::string path_;
  Kind kind_;
  std::uint64_t bytes_;
  std::uint64_t position_ = 0;
  Descriptor file_;
};

/// "growing" or "prewritten"; ends the program with a usage error for anything else.
TargetFile::Kind file_kind(const std::string& name);

/// Writes `bytes` of data into `fd` from the start, 1 MiB at a time.
void fill_file(int fd, std::uint64_t bytes);

}  // namespace horolog::bench
