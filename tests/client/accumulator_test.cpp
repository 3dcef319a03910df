#include "client/accumulator.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "record/batch.hpp"
#include "record/record.hpp"
#include "tests/client/allocation_count.hpp"

namespace horolog::client {
namespace {

class StillClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return 1'700'000'000'000; }
  MonoNs mono_ns() const override { return now; }
  MonoNs now = 1'000;
};

class AccumulatorTest : public testing::Test {
 protected:
  std::unique_ptr<Accumulator> make(Accumulator::Settings settings, bool on_loop = false) {
    return std::make_unique<Accumulator>(
        settings, clock_,
        Accumulator::Hooks{.wake = [this] { ++wakes_; },
                           .need_topic =
                               [this](const std::string& name) { asked_.push_back(name); },
                           .must_not_wait = [on_loop] { return on_loop; }});
  }
  static Accumulator::Settings small() {
    return {.batch_bytes = 200, .memory_bytes = 1000, .record_bytes_max = 500, .linger_ns = 5'000};
  }
  static std::vector<PartitionQueue*> announced(Accumulator& from) {
    std::vector<PartitionQueue*> out;
    from.take_announced(out);
    return out;
  }
  /// The values of a batch, read back by the record layer.
  static std::vector<std::string> values(ProducerBatch& batch,
                                         record::Codec codec = record::Codec::none) {
    EXPECT_TRUE(batch.seal(codec, record::default_level).ok());
    const record::BatchView view = record::parse_batch(batch.wire()).value();
    EXPECT_TRUE(record::verify_crc(view).ok());
    ByteBuffer scratch;
    record::RecordReader reader = record::RecordReader::open(view, scratch).value();
    std::vector<std::string> out;
    while (reader.next()) out.emplace_back(as_text(reader.record().value.value_or(ByteView{})));
    EXPECT_TRUE(reader.status().ok());
    return out;
  }

  StillClock clock_;
  std::atomic<int> wakes_ = 0;
  std::vector<std::string> asked_;
};

TEST_F(AccumulatorTest, ABatchIsReadyWhenItHasLingered) {
  auto from = make(small());
  ASSERT_TRUE(from->append({.topic = "t", .partition = 2, .value = "a"}, {}).ok());
  EXPECT_EQ(wakes_, 1);
  const auto queues = announced(*from);
  ASSERT_EQ(queues.size(), 1U);
  EXPECT_EQ(queues[0]->partition, 2);
  auto taken = from->take(*queues[0], clock_.now);
  EXPECT_EQ(taken.batch, nullptr);
  EXPECT_EQ(taken.ready_ns, clock_.now + 5'000);
  ASSERT_TRUE(from->append({.topic = "t", .partition = 2, .value = "b"}, {}).ok());
  EXPECT_EQ(wakes_, 1) << "a record into an open batch wakes nobody";
  taken = from->take(*queues[0], clock_.now + 5'000);
  ASSERT_NE(taken.batch, nullptr);
  EXPECT_EQ(values(*taken.batch), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(from->take(*queues[0], clock_.now).empty);
}

TEST_F(AccumulatorTest, FullBatchesComeInOrderWithoutWaiting) {
  auto from = make(small());
  const std::string value(50, 'x');
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        from->append({.topic = "t", .partition = 0, .value = value + std::to_string(i)}, {}).ok());
  }
  const auto queues = announced(*from);
  ASSERT_EQ(queues.size(), 1U);
  std::vector<std::string> seen;
  for (int i = 0; i < 2; ++i) {
    auto taken = from->take(*queues[0], clock_.now);
    ASSERT_NE(taken.batch, nullptr);
    for (const auto& each : values(*taken.batch)) seen.push_back(each.substr(50));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_TRUE(from->take(*queues[0], clock_.now).ready_ns.has_value());
}

TEST_F(AccumulatorTest, EveryFieldOfARecordArrives) {
  auto from = make({.batch_bytes = 1000, .record_bytes_max = 1000});
  const std::vector<HeaderView> headers{{"k", "v"}, {"none", std::nullopt}};
  ASSERT_TRUE(from->append({.topic = "t",
                            .partition = 0,
                            .key = "key",
                            .value = std::nullopt,
                            .headers = headers,
                            .timestamp = 1'000},
                           {})
                  .ok());
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .timestamp = 400}, {}).ok());
  ProducerBatch* batch = from->take_any(*announced(*from).at(0));
  ASSERT_NE(batch, nullptr);
  batch->identify({.producer_id = 7, .epoch = 3, .base_sequence = 9, .transactional = true});
  for (record::Codec codec : {record::Codec::none, record::Codec::lz4, record::Codec::zstd}) {
    ASSERT_TRUE(batch->seal(codec, record::default_level).ok());
    const record::BatchView view = record::parse_batch(batch->wire()).value();
    EXPECT_EQ(view.codec(), codec);
    EXPECT_EQ(view.producer_id(), 7);
    EXPECT_EQ(view.producer_epoch(), 3);
    EXPECT_EQ(view.base_sequence(), 9);
    EXPECT_TRUE(view.is_transactional());
    EXPECT_EQ(view.max_timestamp(), 1'000);
    ByteBuffer scratch;
    record::RecordReader reader = record::RecordReader::open(view, scratch).value();
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(as_text(reader.record().key.value()), "key");
    EXPECT_FALSE(reader.record().value.has_value());
    ASSERT_EQ(reader.record().headers.size(), 2U);
    EXPECT_EQ(reader.record().headers[0].key, "k");
    EXPECT_FALSE(reader.record().headers[1].value.has_value());
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.record().timestamp, 400);
    EXPECT_FALSE(reader.record().key.has_value());
    // The other codec starts from the plain records again.
    if (codec == record::Codec::lz4) batch->split(1, *from->extra(*batch));
    if (codec == record::Codec::lz4) break;
  }
}

TEST_F(AccumulatorTest, MemoryPushesBackAndNothingIsLost) {
  auto settings = small();
  settings.memory_bytes = 400;
  auto from = make(settings, true);
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = "a"}, {}).ok());
  ASSERT_TRUE(from->append({.topic = "t", .partition = 1, .value = "b"}, {}).ok());
  bool told = false;
  const Status refused = from->append({.topic = "t", .partition = 2, .value = "c"},
                                      [&](const Result<Position>&) { told = true; });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::busy);
  EXPECT_FALSE(told) << "a record that was not taken has no delivery";
  ProducerBatch* batch = from->take_any(*announced(*from).at(0));
  batch->complete(Offset{5}, no_timestamp);
  from->release(batch);
  EXPECT_TRUE(from->append({.topic = "t", .partition = 2, .value = "c"}, {}).ok());
}

TEST_F(AccumulatorTest, ACallerWaitsForMemory) {
  auto settings = small();
  settings.memory_bytes = 200;
  settings.block_ns = 60'000'000'000;
  auto from = make(settings);
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = "a"}, {}).ok());
  PartitionQueue* queue = announced(*from).at(0);
  std::thread caller([&] {
    EXPECT_TRUE(from->append({.topic = "t", .partition = 1, .value = "b"}, {}).ok());
  });
  while (wakes_ < 2) std::this_thread::yield();
  // It lingers no longer, because somebody waits.
  auto taken = from->take(*queue, clock_.now);
  ASSERT_NE(taken.batch, nullptr);
  from->release(taken.batch);
  caller.join();
  EXPECT_EQ(announced(*from).at(0)->partition, 1);
}

TEST_F(AccumulatorTest, WaitingEnds) {
  auto settings = small();
  settings.memory_bytes = 200;
  settings.block_ns = 1'000'000;
  auto from = make(settings);
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = "a"}, {}).ok());
  const Status late = from->append({.topic = "t", .partition = 1, .value = "b"}, {});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_NE(late.error().message().find("buffer_memory"), std::string::npos);
}

TEST_F(AccumulatorTest, ARecordAboveTheLimitIsNamed) {
  auto from = make(small());
  const Status refused =
      from->append({.topic = "t", .partition = 0, .value = std::string(600, 'x')}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::too_large);
  // Below the limit and above a batch: a batch of its own.
  const std::string large(400, 'x');
  EXPECT_TRUE(from->append({.topic = "t", .partition = 0, .value = large}, {}).ok());
}

TEST_F(AccumulatorTest, PartitionsAreAskedForAndRecordsWithoutKeyStayTogether) {
  auto from = make(small(), true);
  EXPECT_EQ(from->append({.topic = "t", .value = "a"}, {}).error().code(), Errc::busy);
  EXPECT_EQ(asked_, (std::vector<std::string>{"t"}));
  from->set_topic_error("t", Error(Errc::not_found, "no topic t"));
  EXPECT_EQ(from->append({.topic = "t", .value = "a"}, {}).error().code(), Errc::not_found);
  EXPECT_EQ(from->append({.topic = "t", .value = "a"}, {}).error().code(), Errc::busy);
  from->set_partitions("t", 4);
  ASSERT_TRUE(from->append({.topic = "t", .value = "a"}, {}).ok());
  ASSERT_TRUE(from->append({.topic = "t", .value = "b"}, {}).ok());
  const auto queues = announced(*from);
  ASSERT_EQ(queues.size(), 1U);
  EXPECT_EQ(values(*from->take_any(*queues[0])), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(from->append({.topic = "t", .value = "c"}, {}).ok());
  EXPECT_NE(announced(*from).at(0), queues[0]) << "after its batch another partition has its turn";
  EXPECT_EQ(from->append({.topic = "t", .partition = 4, .value = "d"}, {}).error().code(),
            Errc::invalid_argument);
}

TEST_F(AccumulatorTest, ACustomPartitionerDecides) {
  Accumulator from(small(), clock_,
                   {.wake = [] {},
                    .need_topic = [](const std::string&) {},
                    .must_not_wait = [] { return true; },
                    .partitioner = [](const OutgoingRecord& record, PartitionIndex partitions) {
                      return record.value.text() == "bad" ? partitions : partitions - 1;
                    }});
  from.set_partitions("t", 3);
  ASSERT_TRUE(from.append({.topic = "t", .key = "k", .value = "a"}, {}).ok());
  EXPECT_EQ(announced(from).at(0)->partition, 2);
  EXPECT_EQ(from.append({.topic = "t", .value = "bad"}, {}).error().code(), Errc::invalid_argument);
}

TEST_F(AccumulatorTest, AFlushCoversWhatWasTakenBeforeIt) {
  auto from = make(small());
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = "a"}, {}).ok());
  PartitionQueue* queue = announced(*from).at(0);
  const std::uint64_t mark = from->flush();
  EXPECT_FALSE(from->done(mark));
  ProducerBatch* batch = from->take(*queue, clock_.now).batch;
  ASSERT_NE(batch, nullptr) << "no lingering";
  ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = "b"}, {}).ok());
  EXPECT_FALSE(from->done(mark));
  from->release(batch);
  EXPECT_TRUE(from->done(mark)) << "what came later does not count";
  EXPECT_FALSE(from->empty());
}

TEST_F(AccumulatorTest, SplittingKeepsRecordsCallbacksAndSequences) {
  auto from = make({.batch_bytes = 1000, .record_bytes_max = 1000});
  std::vector<std::string> told;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(from->append({.topic = "t", .partition = 0, .value = std::to_string(i)},
                             [&told, i](const Result<Position>& at) {
                               told.push_back(std::to_string(i) + "@" +
                                              std::to_string(at.value().offset));
                             })
                    .ok());
  }
  ProducerBatch* batch = from->take_any(*announced(*from).at(0));
  const std::uint64_t mark = from->flush();
  batch->identify({.producer_id = 1, .epoch = 0, .base_sequence = 0x7fffffff});
  ProducerBatch* rest = from->extra(*batch);
  batch->split(1, *rest);
  EXPECT_EQ(values(*batch), (std::vector<std::string>{"0"}));
  EXPECT_EQ(values(*rest, record::Codec::lz4), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(batch->identity().base_sequence, 0x7fffffff);
  EXPECT_EQ(rest->identity().base_sequence, 0) << "sequences start again at 0";
  rest->complete(Offset{101}, no_timestamp);
  batch->complete(Offset{100}, no_timestamp);
  EXPECT_EQ(told, (std::vector<std::string>{"1@101", "2@102", "3@103", "0@100"}));
  from->release(batch);
  EXPECT_FALSE(from->done(mark)) << "the second half belongs to the same flush";
  from->release(rest);
  EXPECT_TRUE(from->done(mark));
  EXPECT_EQ(from->memory_used(), 0U);
}

TEST_F(AccumulatorTest, AfterWarmUpNothingIsAllocated) {
  auto from = make({.batch_bytes = 4'000, .memory_bytes = 64'000});
  from->set_partitions("a-topic-with-a-name-that-is-no-short-string", 3);
  const std::string value(100, 'v');
  std::uint64_t delivered = 0;
  const auto run = [&](int records) {
    std::vector<PartitionQueue*> queues;
    queues.reserve(16);
    for (int i = 0; i < records; ++i) {
      ASSERT_TRUE(from->append({.topic = "a-topic-with-a-name-that-is-no-short-string",
                                .value = value},
                               [&delivered](const Result<Position>&) { ++delivered; })
                      .ok());
      if (i % 100 != 99) continue;
      queues.clear();
      from->take_announced(queues);
      for (PartitionQueue* queue : queues) {
        while (ProducerBatch* batch = from->take_any(*queue)) {
          ASSERT_TRUE(batch->seal(record::Codec::none, 0).ok());
          batch->complete(Offset{1}, no_timestamp);
          from->release(batch);
        }
      }
    }
  };
  run(1'000);
  const std::size_t before = allocations_of_this_thread();
  run(10'000);
  EXPECT_LE(allocations_of_this_thread() - before, 1U) << "the test's own vector is one";
  EXPECT_EQ(delivered, 11'000U);
}

}  // namespace
}  // namespace horolog::client
