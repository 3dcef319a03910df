#include <gtest/gtest.h>

#include "storage/checkpoint_file.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/directory_layout.hpp"
#include "storage/meta_properties.hpp"
#include "tests/support/memory_file.hpp"

// The small text files of a data directory, byte for byte.
namespace horolog::storage {
namespace {

const Uuid directory_id = *Uuid::parse("vHhy7t9wFKtRwrUfvGymuA");

TEST(MetaProperties, IsWrittenAsKafkaReadsIt) {
  EXPECT_EQ(format_meta_properties({"dN-IGcJ-Qy6uMBjj5yr4UQ", 1, directory_id}),
            "version=1\ncluster.id=dN-IGcJ-Qy6uMBjj5yr4UQ\nnode.id=1\n"
            "directory.id=vHhy7t9wFKtRwrUfvGymuA\n");
}

TEST(MetaProperties, ReadsWhatKafkaWrites) {
  const auto meta =
      parse_meta_properties(as_bytes("#\n#Sun Nov 22 18:54:30 UTC 2026\nnode.id=1\n"
                                     "directory.id=vHhy7t9wFKtRwrUfvGymuA\nversion=1\n"
                                     "cluster.id=dN-IGcJ-Qy6uMBjj5yr4UQ\n"),
                            "m");
  ASSERT_TRUE(meta.ok()) << meta.error().message();
  EXPECT_EQ(*meta, (MetaProperties{"dN-IGcJ-Qy6uMBjj5yr4UQ", 1, directory_id}));
}

TEST(MetaProperties, RefusalsNameFileAndFix) {
  const auto refusal = [](std::string_view text) {
    const auto meta = parse_meta_properties(as_bytes(text), "/d/meta.properties");
    return meta.ok() ? std::string("accepted") : meta.error().message();
  };
  EXPECT_EQ(refusal("version=2\n"),
            "/d/meta.properties has version 2, this program reads version 1: the directory was "
            "written by a newer version, start that one");
  EXPECT_EQ(refusal("version=0\n"),
            "/d/meta.properties has version 0, this program reads version 1: migrate the directory "
            "to KRaft first");
  EXPECT_EQ(refusal("version=1\nnode.id=x\n"), "/d/meta.properties: 'node.id=x' is no number");
  EXPECT_EQ(refusal("version=1\nnode.id=1\n"), "/d/meta.properties has no line 'cluster.id=…'");
  EXPECT_EQ(refusal("version=1\nnode.id=1\ncluster.id=c\n"),
            "/d/meta.properties has no valid line 'directory.id=<22 characters>'");
  EXPECT_EQ(refusal("version\n"), "/d/meta.properties line 1 is not 'key=value'");
}

TEST(CheckpointFile, GoldenBytesAndBack) {
  const PartitionOffsets offsets{{{"orders", 0}, 1500}, {{"orders", 1}, 72}, {{"a.b-c", 3}, 0}};
  const std::string text = "0\n3\na.b-c 3 0\norders 0 1500\norders 1 72\n";
  EXPECT_EQ(format_checkpoint(offsets), text);
  EXPECT_EQ(parse_checkpoint(as_bytes(text), "c").value(), offsets);
  EXPECT_EQ(format_checkpoint({}), "0\n0\n");
  EXPECT_TRUE(parse_checkpoint(as_bytes(""), "c").value().empty());
}

TEST(CheckpointFile, DamageNamesTheLine) {
  const auto refusal = [](std::string_view text) {
    const auto offsets = parse_checkpoint(as_bytes(text), "/d/c");
    return offsets.ok() ? std::string("accepted") : offsets.error().message();
  };
  const auto at = [](int line) {
    return "/d/c is damaged at line " + std::to_string(line) +
           ": restore it, or remove it to have every log checked from its start";
  };
  EXPECT_EQ(refusal("x\n"), at(1));
  EXPECT_EQ(refusal("0\n"), at(2));
  EXPECT_EQ(refusal("0\n1\n"), at(3));
  EXPECT_EQ(refusal("0\n1\norders 0\n"), at(3));
  EXPECT_EQ(refusal("0\n1\norders 0 -5\n"), at(3));
  EXPECT_EQ(refusal("0\n2\norders 0 5\norders 0 6\n"), at(4));
  EXPECT_EQ(refusal("0\n1\norders 0 5\norders 1 6\n"), at(4));
  EXPECT_EQ(refusal("1\n0\n"), "/d/c has version 1, this program reads version 0");
}

TEST(CleanShutdown, IsTakenOnceAndDurably) {
  test::MemoryFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/d").ok());
  EXPECT_FALSE(take_clean_shutdown(fs, "/d").value());
  ASSERT_TRUE(write_clean_shutdown(fs, "/d", 12).ok());
  EXPECT_EQ(as_text(fs.content("/d/.kafka_cleanshutdown")), R"({"version":0,"brokerEpoch":12})");
  EXPECT_TRUE(take_clean_shutdown(fs, "/d").value());
  EXPECT_FALSE(take_clean_shutdown(fs, "/d").value());
}

TEST(DirectoryLayout, NamesOfPartitionsAndDeletedOnes) {
  EXPECT_EQ(parse_partition_directory("a-b-12"), (TopicPartition{"a-b", 12}));
  for (const char* name : {"a", "a-", "-1", "a-01", "a-1x", "a--1x", "lost+found"}) {
    EXPECT_FALSE(parse_partition_directory(name).has_value()) << name;
  }
  const Uuid unique = Uuid::random();
  const std::string name = deleted_directory_name({"orders", 3}, unique);
  EXPECT_EQ(name, "orders-3." + unique.to_hex() + "-delete");
  EXPECT_TRUE(is_deleted_directory(name));
  EXPECT_FALSE(is_deleted_directory("orders-3-delete"));
  EXPECT_EQ(deleted_directory_name({std::string(249, 'x'), 99}, unique).size(), 255U);
}

}  // namespace
}  // namespace horolog::storage
