#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "tests/protocol/any_codec.hpp"
#include "tests/protocol/support.hpp"

/// Every persisted record, in every version, as Apache Kafka's own classes write it
/// (tests/interop/record_goldens.py made the file and compares it with Kafka again).
namespace horolog::wire {
namespace {

struct Golden {
  std::string record;
  std::int16_t version = 0;
  std::string variant;
  ByteBuffer bytes;
  std::string fields;
};

std::vector<Golden> golden_records() {
  std::ifstream file(std::string(HOROLOG_SOURCE_DIR) + "/tests/protocol/golden/records.tsv");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream columns(line);
    std::string version;
    std::string bytes;
    Golden one;
    std::getline(columns, one.record, '\t');
    std::getline(columns, version, '\t');
    std::getline(columns, one.variant, '\t');
    std::getline(columns, bytes, '\t');
    std::getline(columns, one.fields);
    one.version = static_cast<std::int16_t>(std::stoi(version));
    one.bytes = bytes_of(bytes);
    all.push_back(std::move(one));
  }
  return all;
}

std::map<std::string, MessageType> types_by_name() {
  std::map<std::string, MessageType> types;
  for (const MessageType& type : persisted_records()) types.emplace(type.api->name, type);
  return types;
}

TEST(GoldenRecords, AreReadAndWrittenAsKafkaDoes) {
  const auto types = types_by_name();
  for (const Golden& golden : golden_records()) {
    SCOPED_TRACE(golden.record + " version " + std::to_string(golden.version) + ", " +
                 golden.variant);
    const auto type = types.find(golden.record);
    ASSERT_NE(type, types.end());
    const auto record = decode_any(type->second, golden.bytes, golden.version);
    ASSERT_TRUE(record.ok()) << record.error().message();
    EXPECT_EQ(dump_any(type->second, **record, golden.version), golden.fields);
    EXPECT_EQ(hex(encode_any(type->second, **record, golden.version)), hex(golden.bytes));
  }
}

TEST(GoldenRecords, CoverEveryVersionOfEveryRecord) {
  std::set<std::tuple<std::string, int, std::string>> missing;
  for_each_version(persisted_records(), [&](const MessageType& type, std::int16_t version) {
    missing.emplace(type.api->name, version, "full");
    missing.emplace(type.api->name, version, "empty");
  });
  for (const Golden& golden : golden_records()) {
    missing.erase({golden.record, golden.version, golden.variant});
  }
  for (const auto& [record, version, variant] : missing) {
    ADD_FAILURE() << record << " version " << version << ", " << variant << ": no golden bytes";
  }
}

}  // namespace
}  // namespace horolog::wire
