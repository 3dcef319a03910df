#include "storage/catalog.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "storage/catalog_bootstrap.hpp"
#include "storage/catalog_records.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/memory_file.hpp"
#include "tests/support/store_kit.hpp"

namespace horolog::storage {
namespace {

using test::create_topic;
using test::MemoryFileSystem;
using test::open_store;
using test::store_now;
using test::try_open_store;

constexpr char log_path[] = "/data/d/__cluster_metadata-0/00000000000000000000.log";

std::string hex(ByteView bytes) {
  std::string out;
  for (const std::byte b : bytes) out += fmt::format("{:02x}", std::to_integer<int>(b));
  return out;
}

std::string describe(const CatalogSnapshot& catalog) {
  std::ostringstream out;
  out << catalog.cluster_id << ' ' << catalog.node_id << ' ' << catalog.next_producer_id << ' '
      << catalog.broker_epoch << '\n';
  for (const auto& [name, level] : catalog.features) out << name << '=' << level << '\n';
  for (const auto& [name, value] : catalog.cluster_configs) out << name << '=' << value << '\n';
  for (const auto& [name, value] : catalog.broker_configs) out << name << '=' << value << '\n';
  for (const auto& [group, configs] : catalog.group_configs) {
    for (const auto& [name, value] : configs) out << group << ' ' << name << '=' << value << '\n';
  }
  for (const auto& [name, topic] : catalog.topics) {
    out << name << ' ' << topic->id.to_string() << ' ' << topic->partitions << ' '
        << topic->internal;
    for (const auto& [key, value] : topic->configs) out << ' ' << key << '=' << value;
    out << '\n';
  }
  return out.str();
}

// Values dumped from a directory that Apache Kafka 4.3.1 had formatted and started on.
TEST(CatalogRecords, AreByteForByteKafkas) {
  EXPECT_EQ(hex(encode_metadata(wire::NoOpRecord{}, 0)), "01140000");
  EXPECT_EQ(hex(encode_metadata(wire::BeginTransactionRecord{.name = "Bootstrap records"}, 0)),
            "01170001001212426f6f747374726170207265636f726473");
  EXPECT_EQ(hex(encode_metadata(
                wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 30}, 0)),
            "010c00116d657461646174612e76657273696f6e001e00");
  EXPECT_EQ(
      hex(encode_metadata(
          wire::ConfigRecord{
              .resource_type = 4, .resource_name = "", .name = "min.insync.replicas", .value = "1"},
          0)),
      "0104000401146d696e2e696e73796e632e7265706c69636173023100");
  EXPECT_EQ(hex(encode_metadata(wire::EndTransactionRecord{}, 0)), "01180000");
}

TEST(CatalogBootstrap, SnapshotHasKafkasBatches) {
  const ByteBuffer bytes = bootstrap_checkpoint(store_now);
  ASSERT_EQ(bytes.size(), 411U);  // the size of Kafka's own
  record::BatchIterator batches(bytes);
  std::vector<std::pair<Offset, std::int32_t>> found;
  while (batches.next()) {
    EXPECT_TRUE(record::verify_crc(batches.batch()).ok());
    EXPECT_EQ(batches.batch().is_control(), batches.batch().record_count() == 1);
    found.emplace_back(batches.batch().base_offset(), batches.batch().record_count());
  }
  EXPECT_EQ(found, (std::vector<std::pair<Offset, std::int32_t>>{{0, 1}, {1, 6}, {7, 1}}));
}

TEST(CatalogBootstrap, LogHasKafkasBatchesAndQuorumState) {
  MemoryFileSystem fs;
  open_store(fs);
  const ByteBuffer bytes = fs.content(log_path);
  record::BatchIterator batches(bytes);
  std::vector<std::size_t> sizes;
  while (batches.next()) {
    EXPECT_EQ(batches.batch().leader_epoch(), 1);
    sizes.push_back(batches.batch().size());
  }
  // As Kafka's: LeaderChange, bootstrap transaction, controller, broker, unfencing.
  EXPECT_EQ(sizes, (std::vector<std::size_t>{91, 330, 286, 315, 87}));
  EXPECT_EQ(as_text(fs.content("/data/d/__cluster_metadata-0/quorum-state")),
            R"({"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,)"
            R"("currentVoters":[{"voterId":1}],"data_version":0})");
  EXPECT_EQ(as_text(fs.content("/data/d/__cluster_metadata-0/partition.metadata")),
            "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
  EXPECT_EQ(as_text(fs.content("/data/d/__cluster_metadata-0/leader-epoch-checkpoint")),
            "0\n1\n1 0\n");
}

TEST(Catalog, NewOneHasKafkasFeatures) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  const auto catalog = store->catalog().snapshot();
  EXPECT_EQ(catalog->features.at("metadata.version"), 30);
  EXPECT_EQ(catalog->features.at("transaction.version"), 2);
  EXPECT_EQ(catalog->features.size(), 6U);
  EXPECT_EQ(catalog->cluster_configs.at("min.insync.replicas"), "1");
  EXPECT_EQ(catalog->broker_epoch, 11);
  EXPECT_EQ(catalog->metadata_offset, 12);
  EXPECT_EQ(catalog->cluster_id.size(), 22U);
}

TEST(Catalog, ReopenedItSaysTheSame) {
  MemoryFileSystem fs;
  std::string before;
  {
    const auto store = open_store(fs);
    Catalog& catalog = store->catalog();
    create_topic(*store, "a", 3, {{"retention.ms", "5"}, {"cleanup.policy", "compact"}});
    create_topic(*store, "__consumer_offsets", 4);
    const auto gone = create_topic(*store, "gone", 2);
    ASSERT_TRUE(catalog.delete_topic(gone->id, store_now).ok());
    ASSERT_TRUE(catalog.add_partitions(catalog.snapshot()->find("a")->id, 5, store_now).ok());
    using Type = Catalog::ResourceType;
    ASSERT_TRUE(catalog
                    .change_configs({{Type::topic, "a", "retention.ms", std::nullopt},
                                     {Type::topic, "a", "segment.ms", "9"},
                                     {Type::broker, "1", "log.retention.ms", "7"},
                                     {Type::broker, "", "log.segment.bytes", "2097152"},
                                     {Type::broker, "2", "log.retention.ms", "6"},
                                     {Type::group, "g", "consumer.session.timeout.ms", "50000"}},
                                    store_now)
                    .ok());
    EXPECT_EQ(catalog.allocate_producer_ids(1000, store_now).value(), 0);
    EXPECT_EQ(catalog.allocate_producer_ids(1000, store_now).value(), 1000);
    before = describe(*catalog.snapshot());
    ASSERT_TRUE(store->close(store_now).ok());
  }
  const auto store = open_store(fs);
  const auto catalog = store->catalog().snapshot();
  EXPECT_EQ(describe(*catalog), before);
  EXPECT_EQ(catalog->find("gone"), nullptr);
  EXPECT_EQ(catalog->find("a")->partitions, 5);
  EXPECT_EQ(catalog->find("a")->configs.at("segment.ms"), "9");
  EXPECT_FALSE(catalog->find("a")->configs.contains("retention.ms"));
  EXPECT_TRUE(catalog->find("__consumer_offsets")->internal);
  EXPECT_EQ(catalog->broker_configs.at("log.retention.ms"), "7");
  EXPECT_EQ(catalog->next_producer_id, 2000);
  EXPECT_EQ(catalog->find(catalog->find("a")->id), catalog->find("a"));
}

TEST(Catalog, RefusesWhatCannotBe) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  Catalog& catalog = store->catalog();
  const auto topic = create_topic(*store, "a", 2);
  EXPECT_EQ(catalog.create_topic("a", 1, {}, store_now).error().code(), Errc::already_exists);
  EXPECT_EQ(catalog.delete_topic(Uuid::random(), store_now).error().code(), Errc::not_found);
  EXPECT_EQ(catalog.add_partitions(topic->id, 2, store_now).error().code(), Errc::invalid_argument);
  EXPECT_EQ(catalog.add_partitions(topic->id, 1'000'000, store_now).error().code(),
            Errc::too_large);
}

TEST(Catalog, ThousandsOfPartitionsTakeOneSync) {
  MemoryFileSystem inner;
  test::FaultyFileSystem fs(inner);
  const auto store = open_store(fs);
  std::vector<TopicInfo> topics;
  for (int i = 0; i < 200; ++i) {
    TopicInfo& topic = topics.emplace_back();
    topic.name = "t" + std::to_string(i);
    topic.id = Uuid::random();
    topic.partitions = 10;
  }
  const int before = fs.count(test::Op::sync);
  ASSERT_TRUE(store->catalog().create_topics(topics, store_now).ok());
  ASSERT_TRUE(store->sync_with_catalog(store_now).ok());
  EXPECT_EQ(fs.count(test::Op::sync) - before, 1);
  EXPECT_EQ(store->logs().size(), 2000U);
}

TEST(Catalog, UnfinishedLastChangeIsSetAside) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "kept");
    create_topic(*store, "torn");
    ASSERT_TRUE(store->close(store_now).ok());
  }
  ByteBuffer bytes = fs.content(log_path);
  bytes.resize(bytes.size() - 5);
  fs.set_content(log_path, bytes);
  const auto store = open_store(fs);
  EXPECT_NE(store->catalog().snapshot()->find("kept"), nullptr);
  EXPECT_EQ(store->catalog().snapshot()->find("torn"), nullptr);
  const auto files = fs.files();
  EXPECT_EQ(std::count(files.begin(), files.end(),
                       "/data/d/__cluster_metadata-0/00000000000000000000.cut-1"),
            1);
  create_topic(*store, "torn");
}

TEST(Catalog, DamageWithGoodBatchesBehindItStopsTheStart) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    create_topic(*store, "b");
  }
  ByteBuffer bytes = fs.content(log_path);
  bytes[600] ^= std::byte{1};
  fs.set_content(log_path, bytes);
  const auto store = try_open_store(fs);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), Errc::corrupt);
  EXPECT_NE(store.error().message().find("is damaged and others follow it"), std::string::npos)
      << store.error().message();
  EXPECT_EQ(fs.content(log_path), bytes);
}

TEST(Catalog, NewerMetadataVersionIsRefused) {
  MemoryFileSystem fs;
  open_store(fs);
  ByteBuffer bytes = fs.content(log_path);
  const ByteBuffer newer = metadata_batch(
      {encode_metadata(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 31},
                       0)},
      13, 1, store_now);
  bytes.insert(bytes.end(), newer.begin(), newer.end());
  fs.set_content(log_path, bytes);
  const auto store = try_open_store(fs);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), Errc::unsupported);
  EXPECT_NE(store.error().message().find("start the newer version on this directory"),
            std::string::npos)
      << store.error().message();
}

TEST(Catalog, AbortedTransactionHasNoEffect) {
  MemoryFileSystem fs;
  open_store(fs);
  ByteBuffer bytes = fs.content(log_path);
  const Uuid id = Uuid::random();
  const ByteBuffer batch = metadata_batch(
      {encode_metadata(wire::BeginTransactionRecord{}, 0),
       encode_metadata(wire::TopicRecord{.name = "ghost", .topic_id = id}, 0),
       encode_metadata(wire::AbortTransactionRecord{}, 0),
       encode_metadata(wire::TopicRecord{.name = "real", .topic_id = Uuid::random()}, 0)},
      13, 1, store_now);
  bytes.insert(bytes.end(), batch.begin(), batch.end());
  fs.set_content(log_path, bytes);
  const auto store = open_store(fs);
  EXPECT_EQ(store->catalog().snapshot()->find("ghost"), nullptr);
  EXPECT_NE(store->catalog().snapshot()->find("real"), nullptr);
}

TEST(Catalog, FailedSyncTakesTheDirectoryOffline) {
  MemoryFileSystem inner;
  test::FaultyFileSystem fs(inner);
  const auto store = open_store(fs);
  fs.set_fault({.op = test::Op::sync});
  EXPECT_FALSE(store->catalog().create_topic("a", 1, {}, store_now).ok());
  EXPECT_TRUE(store->failure().has_value());
  // A second sync must not be tried: it could succeed without the lost bytes.
  EXPECT_FALSE(store->catalog().create_topic("b", 1, {}, store_now).ok());
  EXPECT_EQ(store->catalog().snapshot()->find("a"), nullptr);
}

TEST(Catalog, FullDiskRefusesTheChangeAndRecovers) {
  MemoryFileSystem inner;
  test::FaultyFileSystem fs(inner);
  const auto store = open_store(fs);
  fs.set_fault({.op = test::Op::write, .os_error = 28, .code = Errc::disk_full, .partial = true});
  EXPECT_EQ(store->catalog().create_topic("a", 1, {}, store_now).error().code(), Errc::disk_full);
  fs.clear_fault();
  EXPECT_FALSE(store->failure().has_value());
  create_topic(*store, "b");
  const auto copy = inner.copy();
  const auto again = open_store(*copy);
  EXPECT_EQ(again->catalog().snapshot()->find("a"), nullptr);
  EXPECT_NE(again->catalog().snapshot()->find("b"), nullptr);
}

}  // namespace
}  // namespace horolog::storage
