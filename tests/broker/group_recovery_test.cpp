#include <algorithm>
#include <future>
#include <utility>

#include "broker/group_service.hpp"
#include "group_requests.hpp"

namespace horolog::broker {
namespace {

struct LoadedGroups {
  std::unique_ptr<coordinator::Coordinator> machine;
  Result<LoadedLog> log;
};

LoadedGroups load_groups(const storage::PartitionLog& log) {
  const auto files = storage::make_posix_file_system();
  auto machine = GroupKind::make({});
  auto loaded = load_coordinator(*files, log, storage::group_snapshot, GroupKind::replay(*machine));
  return {std::move(machine), std::move(loaded)};
}

TEST(GroupRecovery, SnapshotAtStopBoundsWhatTheNextStartReads) {
  TestBroker broker;
  broker.create("t");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(commit(broker, "g", "t", 0, i), ErrorCode::none);
  const auto index = broker.context().groups.partition_of("g");
  broker.context().groups.stop();
  const auto partition = broker.context().partitions.find("__consumer_offsets", index);
  auto loaded = load_groups(partition->log());
  ASSERT_TRUE(loaded.log.ok()) << loaded.log.error().message();
  EXPECT_EQ(loaded.log->snapshot_offset, partition->log().log_end_offset());
  EXPECT_EQ(loaded.log->replayed, 0U);
  EXPECT_EQ(loaded.machine->persisted().find("g")->find("t", 0)->offset, 19);

  // A damaged snapshot is left aside and the log read instead.
  const std::string path = partition->log().directory() + "/groups.state";
  const auto files = storage::make_posix_file_system();
  auto bytes = storage::read_whole_file(*files, path).value();
  bytes[bytes.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(storage::replace_file(*files, path, bytes).ok());
  loaded = load_groups(partition->log());
  ASSERT_TRUE(loaded.log.ok());
  EXPECT_EQ(loaded.log->snapshot_offset, 0);
  EXPECT_EQ(loaded.log->replayed, 20U);
  EXPECT_EQ(loaded.machine->persisted().find("g")->find("t", 0)->offset, 19);
}

TEST(GroupRecovery, ANewServiceLoadsWhatTheOldOneWrote) {
  TestBroker broker;
  broker.create("t");
  const std::string member = stable_member(broker, "g");
  ASSERT_EQ(commit(broker, "solo", "t", 0, 7), ErrorCode::none);
  GroupService again;
  again.start(broker.context());
  coordinator::Caller caller;
  caller.version = 6;
  while (true) {
    std::promise<std::pair<ErrorCode, std::string>> promise;
    again.call(
        "g", caller,
        [](auto& machine, const auto& from, auto now) {
          return machine.describe(from, {"g"}, now);
        },
        [&](ErrorCode error, coordinator::Response* response) {
          std::string state;
          if (response) state = std::get<coordinator::DescribedGroups>(*response)[0].group_state;
          promise.set_value({error, state});
        });
    const auto [error, state] = promise.get_future().get();
    if (error == ErrorCode::coordinator_load_in_progress) continue;
    EXPECT_EQ(error, ErrorCode::none);
    EXPECT_EQ(state, "Stable");
    break;
  }
  std::promise<std::vector<CommittedOffset>> offsets;
  again.committed_offsets([&](auto all) { offsets.set_value(std::move(all)); });
  const auto all = offsets.get_future().get();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].group, "solo");
  EXPECT_EQ(all[0].offset, 7);
  again.stop();
}

TEST(GroupRecovery, WhatCannotBeWrittenIsNotAcknowledged) {
  TestBroker broker;
  broker.create("t");
  ASSERT_EQ(commit(broker, "g", "t", 0, 5), ErrorCode::none);
  const auto index = broker.context().groups.partition_of("g");
  broker.context().partitions.find("__consumer_offsets", index)->log().mark_deleted();
  EXPECT_EQ(commit(broker, "g", "t", 0, 6), ErrorCode::coordinator_not_available);
  // What was in memory is gone with it: nobody reads the offset that was refused.
  const auto response =
      broker.call<wire::OffsetFetchResponse>(fetch_request({"g"}, "t", 0), 9);
  const ErrorCode error = response.groups.at(0).error_code;
  EXPECT_TRUE(error == ErrorCode::coordinator_load_in_progress ||
              error == ErrorCode::coordinator_not_available);
  // The others are not concerned.
  std::string other = "a";
  while (broker.context().groups.partition_of(other) == index) other += "a";
  EXPECT_EQ(commit(broker, other, "t", 0, 7), ErrorCode::none);
}

TEST(CoordinatorSnapshot, BytesByHandAndEveryTruncation) {
  storage::CoordinatorSnapshot snapshot{258, {}};
  snapshot.records.push_back({to_buffer(as_bytes(std::string_view("k"))),
                              to_buffer(as_bytes(std::string_view("vw"))), 7});
  const ByteBuffer bytes = encode_snapshot(storage::group_snapshot, snapshot);
  ByteBuffer expected = to_buffer(as_bytes(std::string_view("HOROGRPS")));
  for (const int byte : {0, 2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7,
                         0, 0, 0, 1, int{'k'}, 0, 0, 0, 2, int{'v'}, int{'w'}}) {
    expected.push_back(static_cast<std::byte>(byte));
  }
  ASSERT_EQ(bytes.size(), expected.size() + 4);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), bytes.begin()));

  const auto decoded = decode_snapshot(storage::group_snapshot, bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_EQ(decoded->offset, 258);
  ASSERT_EQ(decoded->records.size(), 1U);
  EXPECT_EQ(decoded->records[0].transaction, 7);
  EXPECT_FALSE(decode_snapshot(storage::transaction_snapshot, bytes).ok());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ByteView cut = ByteView(bytes).first(size);
    EXPECT_FALSE(decode_snapshot(storage::group_snapshot, cut).ok()) << size;
  }
}

}  // namespace
}  // namespace horolog::broker
