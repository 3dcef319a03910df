#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"
#include "record/builder.hpp"
#include "record/record.hpp"
#include "storage/file.hpp"
#include "storage/partition_log_loader.hpp"

/// What tests of partition logs share: batches to append, and logs to append them to.
namespace horolog::test {

/// A directory under the system's temporary one, removed with its content at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct BatchSpec {
  int records = 1;
  std::size_t value_bytes = 10;
  TimestampMs timestamp = 1'000;
  TimestampMs timestamp_step = 0;
  record::Codec codec = record::Codec::none;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = 0;
  std::int32_t sequence = 0;
  char fill = 'v';
  bool transactional = false;
};
ByteBuffer make_batch(const BatchSpec& spec);

/// One partition of a file system, opened, closed and opened again.
class LogKit {
 public:
  explicit LogKit(storage::FileSystem& fs, std::string directory = "/data/t-0");

  /// Opens the log; `clean` as after close(), else as after a crash at `recovery_point`.
  Result<storage::LoadedLog> try_open(bool clean = false, Offset recovery_point = 0);
  /// Opens it and expects that to work.
  storage::PartitionLog& open(bool clean = false, Offset recovery_point = 0);
  storage::PartitionLog& log() { return *loaded.log; }
  storage::AppendInfo append(const BatchSpec& spec, TimestampMs now = 1'000);
  /// Appends a transactional batch as the broker does: with a token when one is needed.
  storage::AppendInfo append_verified(BatchSpec spec, TimestampMs now = 1'000);
  storage::AppendInfo end_transaction(const storage::TransactionMarker& marker,
                                      TimestampMs now = 1'000);

  storage::FileSystem& fs;
  storage::LoadOptions options;
  storage::LogConfig config;
  storage::LoadedLog loaded;
  Offset persisted_log_start = 0;
};

/// All record offsets and values readable from `from` on.
std::vector<std::pair<Offset, std::string>> read_records(
    const storage::PartitionLog& log, Offset from,
    storage::Visibility visibility = storage::Visibility::log_end, std::size_t max_bytes = 1 << 20);
ByteBuffer bytes_of(const storage::Slice& slice);

/// The seed of a randomised test: HOROLOG_TEST_SEED, else `fixed`; printed.
std::uint64_t test_seed(std::uint64_t fixed);
/// How often such a test repeats: `ci` times HOROLOG_TEST_SCALE.
int test_rounds(int ci);

}  // namespace horolog::test
