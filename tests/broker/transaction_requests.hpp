#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/list_transactions.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "protocol/messages/write_txn_markers.hpp"
#include "record/builder.hpp"
#include "record/record.hpp"
#include "test_broker.hpp"

namespace horolog::broker {

using wire::ErrorCode;

/// A transactional producer that speaks one of the two protocols, one request after the other.
class TestProducer {
 public:
  enum class Protocol { first, second };  ///< TV1: AddPartitionsToTxn; TV2: KIP-890

  TestProducer(TestBroker& broker, std::string id, Protocol protocol)
      : broker_(broker), id_(std::move(id)), protocol_(protocol) {
    init();
  }

  /// Waits out what passes by itself, as clients do.
  ErrorCode init(std::int32_t timeout_ms = 60'000) {
    wire::InitProducerIdRequest request;
    request.transactional_id = id_;
    request.transaction_timeout_ms = timeout_ms;
    const auto response = retried<wire::InitProducerIdResponse>(request, 4, [](const auto& r) {
      return r.error_code == ErrorCode::concurrent_transactions ||
             r.error_code == ErrorCode::coordinator_load_in_progress;
    });
    if (response.error_code == ErrorCode::none) {
      producer_id = response.producer_id;
      epoch = response.producer_epoch;
      sequences_.clear();
    }
    return response.error_code;
  }

  ErrorCode add(const std::string& topic, PartitionIndex partition = 0) {
    wire::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = id_;
    request.v3_and_below_producer_id = producer_id;
    request.v3_and_below_producer_epoch = epoch;
    request.v3_and_below_topics = {{topic, {partition}}};
    const auto response = broker_.call<wire::AddPartitionsToTxnResponse>(request, 3);
    return response.results_by_topic_v3_and_below.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
  }

  /// Sends without adding the partition first, whatever the protocol.
  ErrorCode produce_only(const std::string& topic, const std::string& value,
                         PartitionIndex partition = 0) {
    std::int32_t& sequence = sequences_[{topic, partition}];
    record::BatchBuilder builder({.producer_id = producer_id,
                                  .producer_epoch = epoch,
                                  .base_sequence = sequence,
                                  .transactional = true});
    builder.add(std::nullopt, as_bytes(value), 1'000);
    const ByteBuffer batch = builder.build().value();
    wire::ProduceRequest request;
    request.transactional_id = id_;
    request.acks = -1;
    request.topic_data.emplace_back().name = topic;
    auto& data = request.topic_data[0].partition_data.emplace_back();
    data.index = partition;
    data.records = wire::Records::inline_bytes(batch);
    const auto response =
        retried<wire::ProduceResponse>(request, produce_version(), [](const auto& r) {
          return r.responses.at(0).partition_responses.at(0).error_code ==
                 ErrorCode::not_enough_replicas;
        });
    const ErrorCode error = response.responses.at(0).partition_responses.at(0).error_code;
    if (error == ErrorCode::none) ++sequence;
    return error;
  }

  ErrorCode produce(const std::string& topic, const std::string& value,
                    PartitionIndex partition = 0) {
    if (protocol_ == Protocol::first) {
      if (const ErrorCode error = add(topic, partition); error != ErrorCode::none) return error;
    }
    return produce_only(topic, value, partition);
  }

  ErrorCode commit_offset(const std::string& group, const std::string& topic, Offset offset,
                          std::int32_t generation = -1, const std::string& member = {}) {
    if (protocol_ == Protocol::first) {
      wire::AddOffsetsToTxnRequest request;
      request.transactional_id = id_;
      request.producer_id = producer_id;
      request.producer_epoch = epoch;
      request.group_id = group;
      const auto added = broker_.call<wire::AddOffsetsToTxnResponse>(request, 3);
      if (added.error_code != ErrorCode::none) return added.error_code;
    }
    return commit_offset_only(group, topic, offset, generation, member);
  }

  ErrorCode commit_offset_only(const std::string& group, const std::string& topic, Offset offset,
                               std::int32_t generation = -1, const std::string& member = {}) {
    wire::TxnOffsetCommitRequest request;
    request.transactional_id = id_;
    request.group_id = group;
    request.producer_id = producer_id;
    request.producer_epoch = epoch;
    request.generation_id = generation;
    request.member_id = member;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.partitions.emplace_back().committed_offset = offset;
    const std::int16_t version = protocol_ == Protocol::first ? 3 : 5;
    const auto response =
        retried<wire::TxnOffsetCommitResponse>(request, version, [](const auto& r) {
          const ErrorCode error = r.topics.at(0).partitions.at(0).error_code;
          return error == ErrorCode::coordinator_load_in_progress ||
                 error == ErrorCode::concurrent_transactions;
        });
    return response.topics.at(0).partitions.at(0).error_code;
  }

  ErrorCode end(bool commit) {
    wire::EndTxnRequest request;
    request.transactional_id = id_;
    request.producer_id = producer_id;
    request.producer_epoch = epoch;
    request.committed = commit;
    const std::int16_t version = protocol_ == Protocol::first ? 3 : 5;
    const auto response = retried<wire::EndTxnResponse>(request, version, [](const auto& r) {
      return r.error_code == ErrorCode::concurrent_transactions;
    });
    if (response.error_code == ErrorCode::none && protocol_ == Protocol::second) {
      if (response.producer_epoch != epoch || response.producer_id != producer_id) {
        sequences_.clear();
      }
      producer_id = response.producer_id;
      epoch = response.producer_epoch;
    }
    return response.error_code;
  }

  std::int16_t produce_version() const { return protocol_ == Protocol::first ? 11 : 12; }

  ProducerId producer_id = no_producer_id;
  ProducerEpoch epoch = -1;

 private:
  template <typename Response, typename Asked, typename Passes>
  Response retried(const Asked& request, std::int16_t version, Passes passes) {
    while (true) {
      Response response = broker_.call<Response>(request, version);
      if (!passes(response)) return response;
    }
  }

  TestBroker& broker_;
  std::string id_;
  Protocol protocol_;
  std::map<std::pair<std::string, PartitionIndex>, std::int32_t> sequences_;
};

inline wire::FetchRequest fetch_request_of(const std::string& topic, Offset offset,
                                           std::int8_t isolation_level, std::int32_t wait_ms = 0) {
  wire::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  request.max_bytes = 1 << 20;
  request.isolation_level = isolation_level;
  request.session_epoch = -1;
  auto& asked = request.topics.emplace_back();
  asked.topic = topic;
  auto& partition = asked.partitions.emplace_back();
  partition.fetch_offset = offset;
  partition.partition_max_bytes = 1 << 20;
  return request;
}

/// The values that a consumer of the isolation level hands to its user: it skips control batches
/// and what the answer says was aborted.
inline std::vector<std::string> visible_values(const wire::FetchResponse::Partition& partition,
                                               bool read_committed) {
  std::vector<std::string> values;
  auto aborted = partition.aborted_transactions.value_or(
      std::vector<wire::FetchResponse::AbortedTransaction>());
  std::map<ProducerId, bool> skipping;
  ByteBuffer scratch;
  record::BatchIterator batches(partition.records.bytes);
  while (batches.next()) {
    const record::BatchView& batch = batches.batch();
    for (const auto& one : aborted) {
      if (one.first_offset <= batch.last_offset()) skipping[one.producer_id] = true;
    }
    std::erase_if(aborted, [&](const auto& a) { return a.first_offset <= batch.last_offset(); });
    if (batch.is_control()) {
      skipping[batch.producer_id()] = false;
      continue;
    }
    if (read_committed && batch.is_transactional() && skipping[batch.producer_id()]) continue;
    auto reader = record::RecordReader::open(batch, scratch).value();
    while (reader.next()) values.emplace_back(as_text(*reader.record().value));
  }
  return values;
}

inline std::vector<std::string> consume(TestBroker& broker, const std::string& topic,
                                        bool read_committed) {
  const auto frame = broker.send(fetch_request_of(topic, 0, read_committed ? 1 : 0), 12).get();
  const auto response = TestBroker::decode<wire::FetchResponse>(frame, 12);
  return visible_values(response.responses.at(0).partitions.at(0), read_committed);
}

}  // namespace horolog::broker
