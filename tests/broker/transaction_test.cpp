#include <future>
#include <thread>

#include "group_requests.hpp"
#include "transaction_requests.hpp"

namespace horolog::broker {
namespace {

using Values = std::vector<std::string>;
using Protocol = TestProducer::Protocol;

const storage::PartitionLog& log_of(TestBroker& broker, const std::string& topic,
                                    PartitionIndex partition = 0) {
  return broker.context().partitions.find(topic, partition)->log();
}

/// Markers are written after the answer to EndTxn.
void await_stable(TestBroker& broker, const std::string& topic, Offset end) {
  while (log_of(broker, topic).last_stable_offset() < end) std::this_thread::yield();
}

std::string state_of(TestBroker& broker, const std::string& id) {
  wire::DescribeTransactionsRequest request;
  request.transactional_ids = {id};
  return broker.call<wire::DescribeTransactionsResponse>(request, 0)
      .transaction_states.at(0)
      .transaction_state;
}

void await_state(TestBroker& broker, const std::string& id, const std::string& state) {
  while (state_of(broker, id) != state) std::this_thread::yield();
}

class Transactions : public testing::TestWithParam<Protocol> {
 protected:
  TestBroker broker_;
};

TEST_P(Transactions, WhatIsCommittedIsSeenAndWhatIsAbortedIsNot) {
  broker_.create("t");
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.produce("t", "kept"), ErrorCode::none);
  EXPECT_EQ(consume(broker_, "t", false), Values{"kept"});
  EXPECT_EQ(consume(broker_, "t", true), Values{});
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  await_stable(broker_, "t", 2);
  EXPECT_EQ(consume(broker_, "t", true), Values{"kept"});

  ASSERT_EQ(producer.produce("t", "dropped"), ErrorCode::none);
  ASSERT_EQ(producer.end(false), ErrorCode::none);
  await_stable(broker_, "t", 4);
  ASSERT_EQ(producer.produce("t", "kept too"), ErrorCode::none);
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  await_stable(broker_, "t", 6);
  EXPECT_EQ(consume(broker_, "t", true), (Values{"kept", "kept too"}));
  EXPECT_EQ(consume(broker_, "t", false), (Values{"kept", "dropped", "kept too"}));
}

TEST_P(Transactions, ManyInARowOverSeveralPartitions) {
  broker_.create("t", 2);
  TestProducer producer(broker_, "tx", GetParam());
  Values expected;
  for (int i = 0; i < 50; ++i) {
    const std::string value = std::to_string(i);
    ASSERT_EQ(producer.produce("t", value, 0), ErrorCode::none) << i;
    ASSERT_EQ(producer.produce("t", value, 1), ErrorCode::none) << i;
    const bool commit = i % 3 != 0;
    ASSERT_EQ(producer.end(commit), ErrorCode::none) << i;
    if (commit) expected.push_back(value);
  }
  await_stable(broker_, "t", 100);
  EXPECT_EQ(consume(broker_, "t", true), expected);
}

TEST_P(Transactions, ANewProducerFencesTheOldOneAndAbortsItsTransaction) {
  broker_.create("t");
  TestProducer old(broker_, "tx", GetParam());
  ASSERT_EQ(old.produce("t", "lost"), ErrorCode::none);
  TestProducer fresh(broker_, "tx", GetParam());
  EXPECT_EQ(fresh.producer_id, old.producer_id);
  EXPECT_GT(fresh.epoch, old.epoch);
  EXPECT_EQ(old.produce_only("t", "zombie"), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(old.end(true), ErrorCode::producer_fenced);
  ASSERT_EQ(fresh.produce("t", "mine"), ErrorCode::none);
  ASSERT_EQ(fresh.end(true), ErrorCode::none);
  await_stable(broker_, "t", 4);
  EXPECT_EQ(consume(broker_, "t", true), Values{"mine"});
  EXPECT_GE(broker_.context().transactions.metrics().fenced_requests.value(), 2U);
}

TEST_P(Transactions, OffsetsCountWhenTheTransactionCommits) {
  broker_.create("t");
  ASSERT_EQ(commit(broker_, "g", "t", 0, 1), ErrorCode::none);
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.commit_offset("g", "t", 5), ErrorCode::none);
  EXPECT_EQ(committed(broker_, "g", "t", 0), 1);
  auto stable = fetch_request({"g"}, "t", 0);
  stable.require_stable = true;
  const auto fetched = [&] {
    return broker_.call<wire::OffsetFetchResponse>(stable, 9)
        .groups.at(0)
        .topics.at(0)
        .partitions.at(0);
  };
  EXPECT_EQ(fetched().error_code, ErrorCode::unstable_offset_commit);
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  await_state(broker_, "tx", "CompleteCommit");
  EXPECT_EQ(fetched().committed_offset, 5);

  ASSERT_EQ(producer.commit_offset("g", "t", 9), ErrorCode::none);
  ASSERT_EQ(producer.end(false), ErrorCode::none);
  await_state(broker_, "tx", "CompleteAbort");
  EXPECT_EQ(fetched().committed_offset, 5);
}

TEST_P(Transactions, OffsetsOfAStaleGenerationAreRefused) {
  broker_.create("t");
  const std::string member = stable_member(broker_, "g");
  TestProducer producer(broker_, "tx", GetParam());
  EXPECT_EQ(producer.commit_offset("g", "t", 5, 0, member), ErrorCode::illegal_generation);
  EXPECT_EQ(producer.commit_offset("g", "t", 5, 1, "other"), ErrorCode::unknown_member_id);
  EXPECT_EQ(producer.commit_offset("g", "t", 5, 1, member), ErrorCode::none);
}

TEST_P(Transactions, ATransactionThatTakesTooLongIsAborted) {
  broker_.create("t");
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.init(50), ErrorCode::none);
  ASSERT_EQ(producer.produce("t", "late"), ErrorCode::none);
  await_state(broker_, "tx", "CompleteAbort");
  await_stable(broker_, "t", 2);
  EXPECT_EQ(consume(broker_, "t", true), Values{});
  EXPECT_NE(producer.end(true), ErrorCode::none);
}

TEST_P(Transactions, AParkedFetchWakesWhenTheTransactionEnds) {
  broker_.create("t");
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  auto pending = broker_.send(fetch_request_of("t", 0, 1, 600'000), 12);
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  const ByteBuffer frame = pending.get();
  const auto response = TestBroker::decode<wire::FetchResponse>(frame, 12);
  const auto& partition = response.responses.at(0).partitions.at(0);
  EXPECT_EQ(visible_values(partition, true), Values{"x"});
  EXPECT_EQ(partition.last_stable_offset, 2);
}

TEST_P(Transactions, ACommitMakesTopicsOfThePageCacheDurable) {
  broker_.create("os", 1, {{"horolog.durability", "os"}});
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.produce("os", "x"), ErrorCode::none);
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  EXPECT_GE(log_of(broker_, "os").durable_offset(), 1);
  await_stable(broker_, "os", 2);
  EXPECT_EQ(consume(broker_, "os", true), Values{"x"});
}

TEST_P(Transactions, ListOffsetsEndsWhereTheIsolationLevelDoes) {
  broker_.create("t");
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  const auto offset_at = [&](std::int64_t timestamp, std::int8_t isolation_level) {
    wire::ListOffsetsRequest request;
    request.isolation_level = isolation_level;
    request.topics.emplace_back().name = "t";
    request.topics[0].partitions.emplace_back().timestamp = timestamp;
    return broker_.call<wire::ListOffsetsResponse>(request, 7).topics.at(0).partitions.at(0).offset;
  };
  EXPECT_EQ(offset_at(-1, 0), 1);
  EXPECT_EQ(offset_at(-1, 1), 0);
  EXPECT_EQ(offset_at(1'000, 0), 0);
  EXPECT_EQ(offset_at(1'000, 1), -1);
  ASSERT_EQ(producer.end(true), ErrorCode::none);
  await_stable(broker_, "t", 2);
  EXPECT_EQ(offset_at(-1, 1), 2);
  EXPECT_EQ(offset_at(1'000, 1), 0);
}

TEST_P(Transactions, AreDescribedAndListed) {
  broker_.create("t");
  TestProducer producer(broker_, "tx-1", GetParam());
  TestProducer idle(broker_, "other", GetParam());
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  EXPECT_EQ(state_of(broker_, "tx-1"), "Ongoing");
  wire::DescribeTransactionsRequest describe;
  describe.transactional_ids = {"nobody", "tx-1"};
  const auto described = broker_.call<wire::DescribeTransactionsResponse>(describe, 0);
  EXPECT_EQ(described.transaction_states.at(0).error_code, ErrorCode::transactional_id_not_found);
  EXPECT_EQ(described.transaction_states.at(1).producer_id, producer.producer_id);
  EXPECT_EQ(described.transaction_states.at(1).topics.at(0).topic, "t");

  const auto listed = [&](wire::ListTransactionsRequest request) {
    Values ids;
    const auto response = broker_.call<wire::ListTransactionsResponse>(request, 2);
    for (const auto& one : response.transaction_states) ids.push_back(one.transactional_id);
    std::sort(ids.begin(), ids.end());
    if (response.error_code != ErrorCode::none) ids = {"error"};
    for (const auto& name : response.unknown_state_filters) ids.push_back("?" + name);
    return ids;
  };
  EXPECT_EQ(listed({}), (Values{"other", "tx-1"}));
  EXPECT_EQ(listed({.state_filters = {"Ongoing", "Nothing"}}), (Values{"tx-1", "?Nothing"}));
  EXPECT_EQ(listed({.producer_id_filters = {idle.producer_id}}), Values{"other"});
  // As in Kafka: an id that never had a transaction has had none for ever.
  EXPECT_EQ(listed({.duration_filter = 1'000'000}), Values{"other"});
  EXPECT_EQ(listed({.transactional_id_pattern = "tx-[0-9]"}), Values{"tx-1"});
  EXPECT_EQ(listed({.transactional_id_pattern = "tx"}), Values{});
  EXPECT_EQ(listed({.transactional_id_pattern = "("}), Values{"error"});

  wire::DescribeProducersRequest producers;
  producers.topics = {{"t", {0, 7}}};
  const auto active = broker_.call<wire::DescribeProducersResponse>(producers, 0).topics.at(0);
  ASSERT_EQ(active.partitions.at(0).active_producers.size(), 1U);
  EXPECT_EQ(active.partitions[0].active_producers[0].producer_id, producer.producer_id);
  EXPECT_EQ(active.partitions[0].active_producers[0].current_txn_start_offset, 0);
  EXPECT_EQ(active.partitions.at(1).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_P(Transactions, AnAdministratorAbortsOne) {
  broker_.create("t");
  TestProducer producer(broker_, "tx", GetParam());
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  wire::WriteTxnMarkersRequest request;
  auto& marker = request.markers.emplace_back();
  marker.producer_id = producer.producer_id;
  marker.producer_epoch = producer.epoch;
  marker.topics = {{"t", {0}}, {"none", {3}}};
  const auto written = broker_.call<wire::WriteTxnMarkersResponse>(request, 1);
  const auto& topics = written.markers.at(0).topics;
  EXPECT_EQ(topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(topics.at(1).partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(log_of(broker_, "t").last_stable_offset(), 2);
  EXPECT_EQ(consume(broker_, "t", true), Values{});
}

INSTANTIATE_TEST_SUITE_P(Protocols, Transactions,
                         testing::Values(Protocol::first, Protocol::second), [](const auto& test) {
                           return test.param == Protocol::first ? "First" : "Second";
                         });

TEST(TransactionRequests, ABatchOutsideOfItsTransactionIsRefused) {
  TestBroker broker;
  broker.create("t", 2);
  TestProducer producer(broker, "tx", Protocol::first);
  EXPECT_EQ(producer.produce_only("t", "x"), ErrorCode::transaction_abortable);
  ASSERT_EQ(producer.add("t", 0), ErrorCode::none);
  EXPECT_EQ(producer.produce_only("t", "x", 1), ErrorCode::transaction_abortable);
  EXPECT_EQ(producer.commit_offset_only("g", "t", 1), ErrorCode::invalid_txn_state);
  EXPECT_EQ(producer.produce_only("t", "x", 0), ErrorCode::none);
  EXPECT_EQ(log_of(broker, "t", 1).log_end_offset(), 0);
}

TEST(TransactionRequests, UnknownPartitionsKeepTheOthersOut) {
  TestBroker broker;
  broker.create("t");
  TestProducer producer(broker, "tx", Protocol::first);
  wire::AddPartitionsToTxnRequest request;
  request.v3_and_below_transactional_id = "tx";
  request.v3_and_below_producer_id = producer.producer_id;
  request.v3_and_below_producer_epoch = producer.epoch;
  request.v3_and_below_topics = {{"t", {0, 5}}};
  const auto response = broker.call<wire::AddPartitionsToTxnResponse>(request, 0);
  const auto& results = response.results_by_topic_v3_and_below.at(0).results_by_partition;
  EXPECT_EQ(results.at(0).partition_error_code, ErrorCode::operation_not_attempted);
  EXPECT_EQ(results.at(1).partition_error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(state_of(broker, "tx"), "Empty");
}

TEST(TransactionRequests, BrokersMayAskWithoutAdding) {
  TestBroker broker;
  broker.create("t", 2);
  TestProducer producer(broker, "tx", Protocol::first);
  ASSERT_EQ(producer.add("t", 0), ErrorCode::none);
  wire::AddPartitionsToTxnRequest request;
  request.transactions = {{"tx", producer.producer_id, producer.epoch, true, {{"t", {0, 1}}}}};
  const auto response = broker.call<wire::AddPartitionsToTxnResponse>(request, 4);
  const auto& results =
      response.results_by_transaction.at(0).topic_results.at(0).results_by_partition;
  EXPECT_EQ(results.at(0).partition_error_code, ErrorCode::none);
  EXPECT_EQ(results.at(1).partition_error_code, ErrorCode::transaction_abortable);
}

TEST(TransactionRequests, ClientsAreToldOfTheSecondProtocol) {
  TestBroker broker;
  wire::ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1";
  const auto versions = broker.call<wire::ApiVersionsResponse>(request, 4);
  ASSERT_EQ(versions.finalized_features.size(), 1U);
  EXPECT_EQ(versions.finalized_features[0].name, "transaction.version");
  EXPECT_EQ(versions.finalized_features[0].max_version_level, 2);
  EXPECT_TRUE(broker.call<wire::ApiVersionsResponse>(request, 3).supported_features.empty());
}

}  // namespace
}  // namespace horolog::broker
