#pragma once

#include <memory>
#include <string>

#include "storage/file.hpp"
#include "storage/log_store.hpp"
#include "tests/support/log_kit.hpp"

namespace horolog::test {

inline constexpr TimestampMs store_now = 1'700'000'000'000;

/// A data directory in memory, opened, closed and opened again.
inline Result<std::unique_ptr<storage::LogStore>> try_open_store(storage::FileSystem& fs,
                                                                 std::string directory = "/data/d",
                                                                 Executor* executor = nullptr) {
  storage::StoreOptions options;
  options.directory = std::move(directory);
  storage::LogConfig config;
  config.segment_bytes = 1 << 20;
  options.defaults = std::make_shared<const storage::LogConfig>(config);
  options.disk_low_bytes = 0;
  options.max_open_segments = 64;
  return storage::LogStore::open(fs, options, executor, store_now);
}

inline std::unique_ptr<storage::LogStore> open_store(storage::FileSystem& fs,
                                                     std::string directory = "/data/d") {
  auto store = try_open_store(fs, std::move(directory));
  EXPECT_TRUE(store.ok()) << store.error().message();
  return std::move(*store);
}

/// Creates a topic with its logs.
inline std::shared_ptr<const storage::TopicInfo> create_topic(
    storage::LogStore& store, const std::string& name, PartitionIndex partitions = 1,
    const std::map<std::string, std::string>& configs = {}) {
  auto topic = store.catalog().create_topic(name, partitions, configs, store_now);
  EXPECT_TRUE(topic.ok()) << topic.error().message();
  const Status synced = store.sync_with_catalog(store_now);
  EXPECT_TRUE(synced.ok()) << synced.error().message();
  return *topic;
}

/// Appends one record and makes it durable.
inline void append_durably(storage::PartitionLog& log, const BatchSpec& spec = {}) {
  const ByteBuffer batch = make_batch(spec);
  const auto appended = log.append(batch, storage::Origin::client, store_now);
  ASSERT_TRUE(appended.ok()) << appended.error().message();
  const Status committed = log.commit();
  ASSERT_TRUE(committed.ok()) << committed.error().message();
}

}  // namespace horolog::test
