#include "tests/support/log_kit.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/log.hpp"

namespace horolog::test {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "horolog-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}
TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ByteBuffer make_batch(const BatchSpec& spec) {
  record::BatchBuilder builder({.codec = spec.codec,
                                .producer_id = spec.producer_id,
                                .producer_epoch = spec.producer_epoch,
                                .base_sequence = spec.producer_id < 0 ? -1 : spec.sequence,
                                .transactional = spec.transactional});
  if (spec.producer_id < 0) builder.options().producer_epoch = -1;
  const std::string value(spec.value_bytes, spec.fill);
  for (int i = 0; i < spec.records; ++i) {
    builder.add(std::nullopt, as_bytes(value), spec.timestamp + i * spec.timestamp_step);
  }
  return builder.build().value();
}

LogKit::LogKit(storage::FileSystem& file_system, std::string directory) : fs(file_system) {
  options.directory = std::move(directory);
  options.id = {.topic = "t", .partition = 0};
  options.topic_id = Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ").value();
  options.segments = std::make_shared<storage::SegmentCache>(100);
  options.persist_log_start = [this](const TopicPartition&, Offset start) -> Status {
    persisted_log_start = start;
    return {};
  };
  config.segment_bytes = 1 << 20;
  // Recovery reports what it drops; here that is the point of the test, hundreds of times.
  log::set_level(log::Level::error);
}

Result<storage::LoadedLog> LogKit::try_open(bool clean, Offset recovery_point) {
  loaded.log.reset();
  options.clean = clean;
  options.recovery_point = recovery_point;
  options.log_start = persisted_log_start;
  options.config = std::make_shared<storage::LogConfig>(config);
  return storage::load_partition_log(fs, options);
}

storage::PartitionLog& LogKit::open(bool clean, Offset recovery_point) {
  auto opened = try_open(clean, recovery_point);
  if (!opened) {
    ADD_FAILURE() << opened.error().message();
    std::abort();
  }
  loaded = std::move(opened).value();
  return *loaded.log;
}

storage::AppendInfo LogKit::append(const BatchSpec& spec, TimestampMs now) {
  auto appended = log().append(make_batch(spec), storage::Origin::client, now);
  if (!appended) {
    ADD_FAILURE() << appended.error().message();
    return {};
  }
  return *appended;
}

storage::AppendInfo LogKit::append_verified(BatchSpec spec, TimestampMs now) {
  spec.transactional = true;
  const auto token =
      log().begin_verification(spec.producer_id, spec.producer_epoch, spec.sequence);
  auto appended = log().append(make_batch(spec), storage::Origin::client, now, token);
  if (!appended) {
    ADD_FAILURE() << appended.error().message();
    return {};
  }
  return *appended;
}

storage::AppendInfo LogKit::end_transaction(const storage::TransactionMarker& marker,
                                            TimestampMs now) {
  auto appended = log().append_marker(marker, now);
  if (!appended) {
    ADD_FAILURE() << appended.error().message();
    return {};
  }
  return *appended;
}

ByteBuffer bytes_of(const storage::Slice& slice) {
  ByteBuffer bytes(slice.size());
  const auto got = slice.read(0, bytes);
  EXPECT_TRUE(got.ok() && *got == bytes.size());
  return bytes;
}

std::vector<std::pair<Offset, std::string>> read_records(const storage::PartitionLog& log,
                                                         Offset from,
                                                         storage::Visibility visibility,
                                                         std::size_t max_bytes) {
  std::vector<std::pair<Offset, std::string>> records;
  ByteBuffer scratch;
  while (true) {
    const auto read = log.read(from, max_bytes, visibility);
    if (!read) {
      ADD_FAILURE() << read.error().message();
      return records;
    }
    if (read->slices.empty()) return records;
    for (const storage::Slice& slice : read->slices) {
      const ByteBuffer bytes = bytes_of(slice);
      record::BatchIterator it(bytes);
      while (it.next()) {
        EXPECT_TRUE(record::verify_crc(it.batch()).ok());
        auto reader = record::RecordReader::open(it.batch(), scratch).value();
        while (reader.next()) {
          if (reader.record().offset < from) continue;
          EXPECT_EQ(reader.record().offset, from);
          from = reader.record().offset + 1;
          records.emplace_back(reader.record().offset, as_text(*reader.record().value));
        }
        EXPECT_TRUE(reader.status().ok());
      }
      EXPECT_EQ(it.end_position(), bytes.size()) << "a slice that is not whole batches";
    }
  }
}

std::uint64_t test_seed(std::uint64_t fixed) {
  const char* text = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : fixed;
  std::cout << "seed " << seed << " (HOROLOG_TEST_SEED repeats it)\n";
  return seed;
}

int test_rounds(int ci) {
  const char* text = std::getenv("HOROLOG_TEST_SCALE");
  return text != nullptr ? ci * std::max(1, std::atoi(text)) : ci;
}

}  // namespace horolog::test
