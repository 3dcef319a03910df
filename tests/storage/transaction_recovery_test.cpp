#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "storage/log_files.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// What is on disk of transactions, and what a start makes of it, whole or damaged.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using wire::ErrorCode;

using Aborted = std::vector<AbortedTransaction>;

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", static_cast<int>(b));
  return text;
}

class TransactionRecoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    kit_.config.file_delete_delay_ms = 0;
    kit_.open();
  }

  PartitionLog& log() { return kit_.log(); }
  AppendInfo send(ProducerId id, std::int32_t sequence, ProducerEpoch epoch = 0) {
    return kit_.append_verified({.producer_id = id, .producer_epoch = epoch, .sequence = sequence});
  }
  AppendInfo end(ProducerId id, bool commit, ProducerEpoch epoch = 0,
                 std::int32_t coordinator = 0) {
    return kit_.end_transaction({.producer_id = id,
                                 .producer_epoch = epoch,
                                 .coordinator_epoch = coordinator,
                                 .commit = commit});
  }
  /// The next append starts a new segment.
  void roll() {
    LogConfig young = kit_.config;
    young.segment_ms = 100;
    log().set_config(std::make_shared<LogConfig>(young));
    kit_.append({.timestamp = 2'000});
    log().set_config(std::make_shared<LogConfig>(kit_.config));
  }
  void restart(bool clean) {
    if (clean) {
      ASSERT_TRUE(log().close().ok());
    } else {
      ASSERT_TRUE(log().commit().ok());
    }
    kit_.open(clean, log().log_end_offset());
  }
  static std::string file(Offset base, std::string_view suffix = log_files::transaction_index) {
    return log_files::path("/data/t-0", base, suffix);
  }
  Aborted aborted(Offset from, Offset to) { return log().aborted_transactions(from, to).value(); }

  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(TransactionRecoveryTest, EverythingSurvivesEveryKindOfRestart) {
  send(1, 0);              // 0
  send(2, 0);              // 1
  end(1, false, 1, 5);     // 2: epoch 1 from here
  send(3, 0);              // 3
  end(3, true, 0, 5);      // 4
  for (const bool clean : {false, true, false, true}) {
    restart(clean);
    ASSERT_EQ(log().last_stable_offset(), 1);
    ASSERT_EQ(aborted(0, 5), (Aborted{{.producer_id = 1, .first_offset = 0}}));
    ASSERT_EQ(test::read_records(log(), 0, Visibility::last_stable).size(), 1U);
    ASSERT_EQ(log().begin_verification(2, 0), std::nullopt) << "its transaction is still open";
    ASSERT_EQ(send(1, 1).error, ErrorCode::invalid_producer_epoch);
    ASSERT_EQ(end(1, true, 1, 4).error, ErrorCode::transaction_coordinator_fenced);
    ASSERT_EQ(kit_.append({.producer_id = 2, .sequence = 1}).error, ErrorCode::invalid_txn_state);
  }
  EXPECT_EQ(send(2, 1).base_offset, 5);
  EXPECT_EQ(end(2, false).base_offset, 6);
  restart(true);
  EXPECT_EQ(log().last_stable_offset(), 7);
  EXPECT_EQ(aborted(3, 7), (Aborted{{.producer_id = 2, .first_offset = 1}}));
}

TEST_F(TransactionRecoveryTest, KafkasTransactionIndexByHand) {
  send(258, 0);        // 0
  send(259, 0);        // 1
  end(258, false);     // 2
  end(259, false);     // 3
  ASSERT_TRUE(log().close().ok());
  EXPECT_EQ(hex(fs_.content(file(0))),
            "0000" "0000000000000102" "0000000000000000" "0000000000000002" "0000000000000001"
            "0000" "0000000000000103" "0000000000000001" "0000000000000003" "0000000000000004");
}

TEST_F(TransactionRecoveryTest, WithoutAbortsThereIsNoFile) {
  send(1, 0);
  end(1, true);
  end(2, false);
  roll();
  ASSERT_TRUE(log().checkpoint().ok());
  ASSERT_TRUE(log().close().ok());
  for (const std::string& name : fs_.files()) {
    EXPECT_FALSE(name.ends_with(log_files::transaction_index)) << name;
  }
}

TEST_F(TransactionRecoveryTest, TheIndexOfASegmentIsCoveredByItsSumAndLeavesWithIt) {
  send(1, 0);
  end(1, false);
  roll();
  ASSERT_TRUE(log().checkpoint().ok());
  EXPECT_NE(as_text(fs_.content(file(0, log_files::sum))).find("\ntxnindex 34 "),
            std::string_view::npos);
  EXPECT_EQ(aborted(0, 2).size(), 1U) << "from the file";
  ASSERT_TRUE(log().commit().ok());
  ASSERT_TRUE(log().delete_records(2, 1'000).ok());
  EXPECT_TRUE(fs_.exists(file(0) + std::string(log_files::deleted)));
  EXPECT_EQ(log().aborted_transactions(0, 2).error().code(), Errc::out_of_range)
      << "who read below must not take aborted records for committed ones";
  ASSERT_TRUE(log().purge_deleted(1'000).ok());
  for (const std::string& name : fs_.files()) {
    EXPECT_EQ(name.find(log_files::transaction_index), std::string::npos) << name;
  }
}

/// Three aborted transactions, the last two in the second segment, and one left open.
class DamagedIndexTest : public TransactionRecoveryTest {
 protected:
  void fill() {
    send(1, 0);     // 0
    end(1, false);  // 1
    send(2, 0);     // 2
    roll();         // 3 begins the second segment
    send(1, 1);     // 4
    end(2, false);  // 5
    end(1, false);  // 6
    send(3, 0);     // 7
    ASSERT_TRUE(log().checkpoint().ok());
    ASSERT_TRUE(log().close().ok());
  }
  void check(bool clean) {
    ASSERT_EQ(aborted(0, 8), expected_) << (clean ? "clean" : "unclean");
    ASSERT_EQ(log().last_stable_offset(), 7);
    // It is whole again, on disk too.
    ASSERT_TRUE(log().checkpoint().ok());
    ASSERT_TRUE(log().close().ok());
    ASSERT_EQ(fs_.content(file(0)), first_);
    ASSERT_EQ(fs_.content(file(3)), second_);
    ASSERT_NE(as_text(fs_.content(file(0, log_files::sum))).find("txnindex"),
              std::string_view::npos);
  }
  void remember() {
    fill();
    first_ = fs_.content(file(0));
    second_ = fs_.content(file(3));
    ASSERT_EQ(first_.size(), 34U);
    ASSERT_EQ(second_.size(), 68U);
  }
  void check_with(const std::string& name, const ByteBuffer& bytes) {
    for (const bool clean : {true, false}) {
      fs_.set_content(name, bytes);
      kit_.open(clean, 8);
      check(clean);
    }
  }

  const Aborted expected_{{.producer_id = 1, .first_offset = 0},
                          {.producer_id = 2, .first_offset = 2},
                          {.producer_id = 1, .first_offset = 4}};
  ByteBuffer first_;
  ByteBuffer second_;
};

TEST_F(DamagedIndexTest, EveryTruncationIsMended) {
  remember();
  for (std::size_t size = 0; size < first_.size() && !HasFatalFailure(); ++size) {
    check_with(file(0), to_buffer(ByteView(first_).first(size)));
  }
  for (std::size_t size = 0; size < second_.size() && !HasFatalFailure(); ++size) {
    check_with(file(3), to_buffer(ByteView(second_).first(size)));
  }
}

TEST_F(DamagedIndexTest, EveryFlippedBitIsMended) {
  remember();
  for (const auto& [name, whole] : {std::pair(file(0), first_), std::pair(file(3), second_)}) {
    for (std::size_t bit = 0; bit < whole.size() * 8 && !HasFatalFailure(); bit += 3) {
      ByteBuffer bytes = whole;
      bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      check_with(name, bytes);
    }
  }
}

TEST_F(DamagedIndexTest, WhatIsTooLongOrGoneIsMended) {
  remember();
  for (const auto& [name, whole] : {std::pair(file(0), first_), std::pair(file(3), second_)}) {
    ByteBuffer longer = whole;
    longer.insert(longer.end(), first_.begin(), first_.end());
    check_with(name, longer);
    ASSERT_TRUE(fs_.remove(name).ok());
    kit_.open(true, 8);
    check(true);
  }
}

TEST_F(DamagedIndexTest, WithoutOurOwnFilesItCountsWhenItIsPlausible) {
  remember();
  const auto forget_ours = [&] {
    for (const std::string& name : fs_.files()) {
      if (name.ends_with(log_files::producers) || name.ends_with(log_files::sum)) {
        ASSERT_TRUE(fs_.remove(name).ok());
      }
    }
  };
  // As Apache Kafka leaves a directory.
  forget_ours();
  kit_.open(true, 8);
  check(true);
  for (std::size_t size = 0; size < second_.size(); ++size) {
    if (size % 34 == 0) continue;  // whole entries: nothing tells that there were more
    forget_ours();
    check_with(file(3), to_buffer(ByteView(second_).first(size)));
  }
}

TEST_F(DamagedIndexTest, DamageWhileTheLogIsOpenIsAnErrorAndNoAnswer) {
  remember();
  kit_.open(true, 8);
  fs_.set_content(file(0), {});
  const auto found = log().aborted_transactions(0, 8);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Errc::corrupt);
}

TEST_F(TransactionRecoveryTest, ASnapshotWithinASegmentVouchesForWhatIsBelow) {
  kit_.config.segment_bytes = 256 << 20;
  kit_.config.max_message_bytes = 80 << 20;
  kit_.open();
  send(1, 0);     // 0
  end(1, false);  // 1
  send(2, 0);     // 2
  kit_.append({.value_bytes = 65 * limits::MiB});
  ASSERT_TRUE(log().commit().ok());
  ASSERT_TRUE(log().checkpoint().ok());
  ASSERT_TRUE(fs_.exists(file(4, log_files::producers)));
  ASSERT_EQ(fs_.content(file(0)).size(), 34U);
  end(2, false);  // 4
  send(3, 0);     // 5
  for (const bool damaged : {false, true}) {
    if (damaged) fs_.set_content(file(0), to_buffer(ByteView(fs_.content(file(0))).first(33)));
    restart(false);
    ASSERT_EQ(aborted(0, 6), (Aborted{{.producer_id = 1, .first_offset = 0},
                                      {.producer_id = 2, .first_offset = 2}}));
    ASSERT_EQ(log().last_stable_offset(), 5);
  }
}

TEST_F(TransactionRecoveryTest, ProducersOfDeletedBatchesSurviveACrash) {
  send(1, 0, 3);
  ASSERT_TRUE(log().commit().ok());
  ASSERT_TRUE(log().delete_records(-1, 1'000).ok());
  kit_.open(false, 1);
  EXPECT_EQ(log().last_stable_offset(), 1);
  EXPECT_EQ(log().begin_verification(1, 3), std::nullopt);
  EXPECT_EQ(send(1, 1, 2).error, ErrorCode::invalid_producer_epoch);
}

TEST(TransactionIndexTest, OnlyPlausibleEntriesCount) {
  const auto count = [](TransactionIndexEntry entry, Offset base = 10, Offset end = 20) {
    ByteBuffer bytes;
    TransactionIndexView::append(bytes, entry);
    return TransactionIndexView(bytes).plausible_entries(base, end);
  };
  const TransactionIndexEntry good{
      .producer_id = 1, .first_offset = 5, .last_offset = 12, .last_stable_offset = 13};
  EXPECT_EQ(count(good), 1U);
  EXPECT_EQ(count(good, 13), 0U);
  EXPECT_EQ(count(good, 10, 12), 0U);
  EXPECT_EQ(count({.producer_id = -1, .first_offset = 5, .last_offset = 12,
                   .last_stable_offset = 13}), 0U);
  EXPECT_EQ(count({.producer_id = 1, .first_offset = 12, .last_offset = 12,
                   .last_stable_offset = 13}), 0U);
  EXPECT_EQ(count({.producer_id = 1, .first_offset = 5, .last_offset = 12,
                   .last_stable_offset = 14}), 0U);
  EXPECT_EQ(count({.producer_id = 1, .first_offset = -5, .last_offset = 12,
                   .last_stable_offset = 13}), 0U);
  ByteBuffer twice;
  TransactionIndexView::append(twice, good);
  TransactionIndexView::append(twice, good);
  EXPECT_EQ(TransactionIndexView(twice).plausible_entries(10, 20), 1U);
  twice[0] = std::byte{1};
  EXPECT_EQ(TransactionIndexView(twice).plausible_entries(10, 20), 0U) << "another version";
}

}  // namespace
}  // namespace horolog
