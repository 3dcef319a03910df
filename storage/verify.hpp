#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "storage/file.hpp"

/// Offline verification of a data directory, Horolog's or Apache Kafka's. Reads everything once and
/// changes nothing; nobody may have the directory open for writing meanwhile.
namespace horolog::storage {

/// Something that a reader of the report should know.
struct Finding {
  enum class Severity : std::uint8_t {
    note,    ///< how things are after a crash, or something that is not looked at: nothing is wrong
    damage,  ///< bytes that are not what was written, or that contradict other files
  };
  Severity severity = Severity::damage;
  std::string file;                       ///< below the data directory
  std::optional<std::uint64_t> position;  ///< in the file, in bytes
  std::string what;
  std::string fix;
  bool operator==(const Finding&) const = default;
};

/// Counts what a check has read so far, for whoever waits on another thread; may be null.
using ReadBytes = std::atomic<std::uint64_t>;

struct VerifyReport {
  bool clean_stop = false;  ///< the mark of a clean stop stands there
  std::uint64_t partitions = 0;
  std::uint64_t segments = 0;
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< read and checked, in all files
  std::vector<Finding> findings;
  ReadBytes* watched = nullptr;

  bool damaged() const;
  void count_read(std::uint64_t amount) {
    if (watched != nullptr) *watched += amount;
  }
  void damage(std::string file, std::optional<std::uint64_t> position, std::string what,
              std::string fix);
  void note(std::string file, std::string what, std::string fix = "");
};

/// Every log, index, transaction index, producer snapshot, sidecar and checkpoint file below
/// `directory`, and the catalog. What is wrong is in the report. Errc::not_found or
/// invalid_argument when there is no data directory, Errc::io when the disk fails.
Result<VerifyReport> verify_directory(FileSystem& fs, const std::string& directory,
                                      ReadBytes* watched = nullptr);

/// A partition's directory, by itself or within its data directory.
struct PartitionPlace {
  std::string data_directory;
  std::string name;  ///< of the partition's directory
};
/// Whether `directory` is that of a partition: by its name, and no meta.properties in it.
std::optional<PartitionPlace> partition_place(FileSystem& fs, const std::string& directory);
/// The files of one partition. What the catalog and the checkpoints say of it is compared where
/// its data directory has them; a partition that was copied elsewhere is checked by itself.
Result<VerifyReport> verify_one_partition(FileSystem& fs, const PartitionPlace& place,
                                          ReadBytes* watched = nullptr);

}  // namespace horolog::storage
