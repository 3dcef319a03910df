#include <algorithm>
#include <random>

#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

constexpr ProducerId p1 = 11;
constexpr ProducerId p2 = 22;

TEST(TransactionalOffsets, CountFromTheCommitMarkerOn) {
  Rig rig;
  EXPECT_EQ(rig.commit_pending(p1, "g", "t", 0, 5), ErrorCode::none);
  EXPECT_EQ(rig.committed("g", "t", 0), no_offset);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::unstable_offset_commit);
  EXPECT_EQ(rig.stable_error("g", "t", 1), ErrorCode::none);
  EXPECT_EQ(rig.state("g"), GroupState::empty);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), 5);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::none);
}

TEST(TransactionalOffsets, AreForgottenByAnAbort) {
  Rig rig;
  rig.commit("g", "t", 0, 3);
  rig.commit_pending(p1, "g", "t", 0, 5);
  // Who does not ask for stable offsets reads what is committed.
  EXPECT_EQ(rig.committed("g", "t", 0), 3);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::unstable_offset_commit);
  rig.end_transaction(p2, true);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::unstable_offset_commit);
  rig.end_transaction(p1, false);
  EXPECT_EQ(rig.committed("g", "t", 0), 3);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::none);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), 3);
}

TEST(TransactionalOffsets, FetchOfEverythingSaysWhatIsUnstable) {
  Rig rig;
  rig.commit("g", "t", 0, 3);
  rig.commit("g", "t", 1, 4);
  rig.commit_pending(p1, "g", "t", 0, 5);
  wire::OffsetFetchRequest::Group request;
  request.group_id = "g";
  request.topics.reset();
  const Caller caller = rig.caller(9);
  rig.take(rig.machine.fetch(caller, request, rig.now, true));
  const auto& partitions = rig.as<FetchedGroup>(caller.token).topics.at(0).partitions;
  ASSERT_EQ(partitions.size(), 2U);
  EXPECT_EQ(partitions[0].error_code, ErrorCode::unstable_offset_commit);
  EXPECT_EQ(partitions[0].committed_offset, no_offset);
  EXPECT_EQ(partitions[1].error_code, ErrorCode::none);
  EXPECT_EQ(partitions[1].committed_offset, 4);
}

TEST(TransactionalOffsets, TheLaterCommitWinsInWhateverOrderTheyEnd) {
  Rig rig;
  rig.commit_pending(p1, "g", "t", 0, 5);
  rig.commit("g", "t", 0, 6);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), 6);

  rig.commit_pending(p1, "g", "t", 1, 5);
  rig.commit_pending(p2, "g", "t", 1, 7);
  rig.end_transaction(p2, true);
  EXPECT_EQ(rig.committed("g", "t", 1), 7);
  EXPECT_EQ(rig.stable_error("g", "t", 1), ErrorCode::unstable_offset_commit);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 1), 7);

  rig.commit_pending(p1, "g", "t", 2, 5);
  rig.commit_pending(p2, "g", "t", 2, 7);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 2), 5);
  rig.end_transaction(p2, true);
  EXPECT_EQ(rig.committed("g", "t", 2), 7);

  rig.commit_pending(p1, "g", "t", 3, 5);
  rig.commit("g", "t", 3, 6);
  rig.commit_pending(p1, "g", "t", 3, 7);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 3), 7);
}

TEST(TransactionalOffsets, AnswersWaitForRecordsAndMarkers) {
  Rig rig;
  const Caller caller = rig.caller(5);
  Effects effects =
      rig.machine.commit_transactional(caller, Rig::in_transaction(p1, "g", "t", 0, 5), rig.now);
  ASSERT_TRUE(effects.transaction.has_value());
  EXPECT_EQ(effects.transaction->producer_id, p1);
  EXPECT_EQ(effects.write, 1U);
  rig.take_transactional(std::move(effects), p1);
  rig.take(rig.machine.settle_transactional(ErrorCode::none, rig.now));
  EXPECT_EQ(rig.replies.at(caller.token).after, 1U);
  rig.fetch("g", "t", 0);
  EXPECT_EQ(rig.replies.rbegin()->second.after, 1U);
  const Effects marker = rig.machine.on_transaction_marker(p1, true, rig.now);
  EXPECT_EQ(marker.write, 2U);
  rig.fetch("g", "t", 0);
  EXPECT_EQ(rig.replies.rbegin()->second.after, 2U);
}

TEST(TransactionalOffsets, WhatTheLogRefusesLeavesNothing) {
  Rig rig;
  EXPECT_EQ(rig.commit_pending(p1, "g", "t", 0, 5, ErrorCode::invalid_producer_epoch),
            ErrorCode::invalid_producer_epoch);
  EXPECT_FALSE(rig.machine.groups().contains("g"));
  EXPECT_EQ(rig.machine.writes(), 0U);
  EXPECT_EQ(rig.stable_error("g", "t", 0), ErrorCode::none);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), no_offset);
}

TEST(TransactionalOffsets, MembersAndGenerationsAreChecked) {
  Rig rig;
  const std::string member = rig.stable_single("g", {.instance = "i"});
  const std::int32_t generation = rig.group("g").generation();
  auto request = Rig::in_transaction(p1, "g", "t", 0, 5);
  const auto outcome = [&] {
    return rig.commit_in_transaction(p1, request).topics.at(0).partitions.at(0).error_code;
  };
  // A producer that says nothing of its consumer, as before version 3.
  EXPECT_EQ(outcome(), ErrorCode::none);
  request.member_id = member;
  request.generation_id = generation;
  EXPECT_EQ(outcome(), ErrorCode::none);
  request.group_instance_id = "i";
  EXPECT_EQ(outcome(), ErrorCode::none);
  request.generation_id = generation - 1;
  EXPECT_EQ(outcome(), ErrorCode::illegal_generation);
  request.generation_id = -1;
  EXPECT_EQ(outcome(), ErrorCode::illegal_generation);
  request.generation_id = generation;
  request.member_id = "somebody";
  EXPECT_EQ(outcome(), ErrorCode::fenced_instance_id);
  request.group_instance_id = "other";
  EXPECT_EQ(outcome(), ErrorCode::unknown_member_id);
  request.group_instance_id.reset();
  EXPECT_EQ(outcome(), ErrorCode::unknown_member_id);
  request.group_id = "none";
  EXPECT_EQ(outcome(), ErrorCode::illegal_generation);
  request.group_id = "";
  EXPECT_EQ(outcome(), ErrorCode::invalid_group_id);
  // During a rebalance it gets in: the producer is to finish what it began.
  rig.join_fresh("g");
  ASSERT_NE(rig.state("g"), GroupState::stable);
  request = Rig::in_transaction(p1, "g", "t", 0, 6);
  request.member_id = member;
  request.generation_id = generation;
  EXPECT_EQ(outcome(), ErrorCode::none);
}

TEST(TransactionalOffsets, MetadataThatIsTooLargeFailsAlone) {
  Rig rig;
  auto request = Rig::in_transaction(p1, "g", "t", 0, 5);
  request.topics[0].partitions.push_back({1, 6, -1, std::string(5'000, 'x')});
  const auto response = rig.commit_in_transaction(p1, request);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(response.topics.at(0).partitions.at(1).error_code,
            ErrorCode::offset_metadata_too_large);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), 5);
  EXPECT_EQ(rig.committed("g", "t", 1), no_offset);
}

TEST(TransactionalOffsets, ExpiryWaitsForOpenTransactions) {
  constexpr std::int64_t week = 7LL * 86'400'000;
  Rig rig;
  rig.commit("g", "t", 0, 3);
  rig.commit_pending(p1, "g", "t", 0, 5);
  rig.commit_pending(p1, "fresh", "t", 0, 5);
  rig.pass(2 * week);
  EXPECT_EQ(rig.committed("g", "t", 0), 3);
  EXPECT_TRUE(rig.machine.groups().contains("fresh"));
  rig.end_transaction(p1, false);
  rig.pass(86'400'000);
  EXPECT_FALSE(rig.machine.groups().contains("g"));
  EXPECT_FALSE(rig.machine.groups().contains("fresh"));
}

TEST(TransactionalOffsets, GoWithTheirGroupAndTopic) {
  Rig rig;
  rig.commit_pending(p1, "g", "t", 0, 5);
  EXPECT_EQ(rig.delete_group("g"), ErrorCode::none);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("g", "t", 0), no_offset);
  EXPECT_FALSE(rig.machine.groups().contains("g"));

  rig.commit_pending(p1, "h", "t", 0, 5);
  rig.commit_pending(p1, "h", "u", 0, 5);
  rig.commit_pending(p1, "h", "v", 0, 5);
  rig.take(rig.machine.on_topic_deleted("t", rig.now));
  EXPECT_EQ(rig.delete_offset("h", "u", 0).error_code, ErrorCode::none);
  rig.end_transaction(p1, true);
  EXPECT_EQ(rig.committed("h", "t", 0), no_offset);
  EXPECT_EQ(rig.committed("h", "u", 0), no_offset);
  EXPECT_EQ(rig.committed("h", "v", 0), 5);
}

/// Everything a state says, as text.
std::vector<std::string> dump(const PersistedState& state) {
  std::vector<std::string> out;
  state.for_each_record([&](const AnyRecord& record, ProducerId transaction) {
    const Record encoded = encode_record(record);
    out.push_back(text(encoded.key) + '|' + text(*encoded.value) + '|' +
                  std::to_string(transaction));
  });
  return out;
}

TEST(TransactionalOffsets, RandomHistoriesReplayAlike) {
  const char* given = std::getenv("HOROLOG_SEED");
  const std::uint64_t first =
      given ? std::strtoull(given, nullptr, 10) : std::random_device()() % 1'000'000'007;
  for (std::uint64_t seed = first; seed < first + 100 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("HOROLOG_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto pick = [&](std::size_t below) { return random() % below; };
    Rig rig;
    // A simple reference: what was committed for a partition, in order, and by whom.
    struct Commit {
      ProducerId producer;
      Offset offset;
      bool decided;
    };
    std::map<PartitionIndex, std::vector<Commit>> commits;
    for (int step = 0; step < 120; ++step) {
      const auto partition = static_cast<PartitionIndex>(pick(3));
      const auto producer = static_cast<ProducerId>(100 + pick(3));
      switch (pick(6)) {
        case 0:
        case 1:
          rig.commit_pending(producer, "g", "t", partition, step);
          commits[partition].push_back({producer, step, false});
          break;
        case 2:
          rig.commit("g", "t", partition, step);
          commits[partition].push_back({no_producer_id, step, true});
          break;
        case 3:
        case 4: {
          const bool commit = pick(3) != 0;
          rig.end_transaction(producer, commit);
          for (auto& [index, list] : commits) {
            if (!commit) {
              std::erase_if(list, [&](const Commit& one) {
                return one.producer == producer && !one.decided;
              });
            }
            for (Commit& one : list) {
              if (one.producer == producer) one.decided = true;
            }
          }
          break;
        }
        default:
          if (pick(6) == 0) {
            rig.delete_offset("g", "t", partition);
            commits[partition].clear();
          }
      }
      for (PartitionIndex index = 0; index < 3; ++index) {
        const auto& list = commits[index];
        const auto last =
            std::find_if(list.rbegin(), list.rend(), [](const Commit& one) { return one.decided; });
        EXPECT_EQ(rig.committed("g", "t", index), last == list.rend() ? no_offset : last->offset);
        const bool open =
            std::any_of(list.begin(), list.end(), [](const Commit& one) { return !one.decided; });
        EXPECT_EQ(rig.stable_error("g", "t", index),
                  open ? ErrorCode::unstable_offset_commit : ErrorCode::none);
      }
    }
    // From the log, and from a snapshot: then the open transactions end alike too.
    Rig replayed({}, rig.log, rig.now, rig.sources);
    EXPECT_EQ(dump(replayed.machine.persisted()), dump(rig.machine.persisted()));
    Rig restored;
    rig.machine.persisted().for_each_record([&](const AnyRecord& record, ProducerId transaction) {
      restored.machine.replay(record, transaction);
    });
    EXPECT_EQ(dump(restored.machine.persisted()), dump(rig.machine.persisted()));
    for (const ProducerId producer : {102, 100, 101}) {
      const bool commit = pick(3) != 0;
      rig.end_transaction(producer, commit);
      restored.machine.replay_marker(producer, commit);
    }
    EXPECT_EQ(dump(restored.machine.persisted()), dump(rig.machine.persisted()));
    EXPECT_TRUE(rig.machine.persisted().pending().empty());
    EXPECT_EQ(rig.machine.persisted().pending().size(), 0U);
  }
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(first));
}

}  // namespace
}  // namespace horolog::coordinator::testing
