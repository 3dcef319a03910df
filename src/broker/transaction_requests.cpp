// AddPartitionsToTxn 0–5, AddOffsetsToTxn 0–4, EndTxn 0–5. As in Kafka, AddPartitionsToTxn from
// version 4 on is what brokers send each other (several transactions, or a question only); it is
// served on every listener all the same, because Kafka advertises it.

#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers.hpp"
#include "broker/transaction_calls.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"

namespace horolog::broker {
namespace {

using coordinator::TransactionalProducer;
using wire::ErrorCode;
using Topics = std::vector<wire::AddPartitionsToTxnTopic>;
using TopicResults = std::vector<wire::AddPartitionsToTxnTopicResult>;

constexpr std::int16_t first_version_between_brokers = 4;

std::vector<TopicPartition> flatten(const Topics& topics) {
  std::vector<TopicPartition> out;
  for (const auto& topic : topics) {
    for (const PartitionIndex index : topic.partitions) out.push_back({topic.name, index});
  }
  return out;
}

/// The results in the order of the request; `errors` has one entry per partition.
TopicResults results_of(const Topics& topics, const std::vector<ErrorCode>& errors) {
  TopicResults out;
  std::size_t next = 0;
  for (const auto& topic : topics) {
    auto& result = out.emplace_back();
    result.name = topic.name;
    for (const PartitionIndex index : topic.partitions) {
      result.results_by_partition.push_back({index, errors.at(next++)});
    }
  }
  return out;
}

/// All partitions must exist for any to be added: then the others were not attempted.
std::vector<ErrorCode> check_partitions(Context& context,
                                        const std::vector<TopicPartition>& partitions) {
  bool all = true;
  std::vector<ErrorCode> errors;
  for (const TopicPartition& id : partitions) {
    const bool known = context.partitions.find(id.topic, id.partition) != nullptr;
    all = all && known;
    errors.push_back(known ? ErrorCode::operation_not_attempted
                           : ErrorCode::unknown_topic_or_partition);
  }
  if (all) errors.clear();
  return errors;
}

struct Adding {
  TransactionalProducer producer;
  Topics topics;
  bool verify_only = false;
};

/// `done` gets one error per partition.
void add(Context& context, const Request& request, const Adding& adding,
         std::function<void(std::vector<ErrorCode>)> done) {
  auto partitions = flatten(adding.topics);
  if (auto errors = check_partitions(context, partitions); !errors.empty()) {
    return done(std::move(errors));
  }
  const std::size_t count = partitions.size();
  const auto version = request.version() >= first_version_between_brokers
                           ? coordinator::epoch_bump_transaction_version
                           : coordinator::first_transaction_version;
  if (adding.verify_only) {
    return ask_transaction<coordinator::PartitionsVerified>(
        context, request, adding.producer,
        [adding, partitions](auto& machine, const auto& from, auto now) {
          return machine.verify(from, adding.producer, partitions, now);
        },
        [count, done](ErrorCode error, coordinator::PartitionsVerified* verified) {
          done(verified ? std::move(verified->errors) : std::vector<ErrorCode>(count, error));
        });
  }
  ask_transaction<coordinator::PartitionsAdded>(
      context, request, adding.producer,
      [adding, partitions, version](auto& machine, const auto& from, auto now) {
        return machine.add_partitions(from, adding.producer, partitions, version, now);
      },
      [count, done](ErrorCode error, coordinator::PartitionsAdded* added) {
        done(std::vector<ErrorCode>(count, added ? added->error : error));
      });
}

void add_to_one(Context& context, Request request, wire::AddPartitionsToTxnRequest asked) {
  const Adding adding{{std::move(asked.v3_and_below_transactional_id),
                       asked.v3_and_below_producer_id, asked.v3_and_below_producer_epoch},
                      std::move(asked.v3_and_below_topics)};
  const auto held = std::make_shared<Request>(std::move(request));
  add(context, *held, adding, [held, topics = adding.topics](std::vector<ErrorCode> errors) {
    wire::AddPartitionsToTxnResponse response;
    response.results_by_topic_v3_and_below = results_of(topics, errors);
    held->reply(response);
  });
}

void add_to_several(Context& context, Request request, wire::AddPartitionsToTxnRequest asked) {
  using Result = wire::AddPartitionsToTxnResponse::Result;
  if (asked.transactions.empty()) return request.reply(wire::AddPartitionsToTxnResponse{});
  const auto held = std::make_shared<Request>(std::move(request));
  const auto gather = std::make_shared<Gather<Result>>(
      asked.transactions.size(), [held](std::vector<Result> results) {
        wire::AddPartitionsToTxnResponse response;
        response.results_by_transaction = std::move(results);
        held->reply(response);
      });
  for (std::size_t i = 0; i < asked.transactions.size(); ++i) {
    auto& one = asked.transactions[i];
    const Adding adding{{one.transactional_id, one.producer_id, one.producer_epoch},
                        std::move(one.topics),
                        one.verify_only};
    add(context, *held, adding, [gather, i, adding](std::vector<ErrorCode> errors) {
      gather->set(i, {adding.producer.transactional_id, results_of(adding.topics, errors)});
    });
  }
}

}  // namespace

void handle_add_partitions_to_txn(Context& context, Request request) {
  auto asked = request.decode<wire::AddPartitionsToTxnRequest>();
  if (!asked) return;
  if (request.version() < first_version_between_brokers) {
    add_to_one(context, std::move(request), std::move(*asked));
  } else {
    add_to_several(context, std::move(request), std::move(*asked));
  }
}

void handle_add_offsets_to_txn(Context& context, Request request) {
  const auto asked = request.decode<wire::AddOffsetsToTxnRequest>();
  if (!asked) return;
  const auto held = std::make_shared<Request>(std::move(request));
  context.groups.ensure_topic([&context, held, asked = *asked](const Status& ready) {
    wire::AddOffsetsToTxnResponse response;
    if (!ready) {
      response.error_code = ErrorCode::coordinator_not_available;
      return held->reply(response);
    }
    const TransactionalProducer producer{asked.transactional_id, asked.producer_id,
                                         asked.producer_epoch};
    const TopicPartition offsets{std::string(offsets_topic),
                                 context.groups.partition_of(asked.group_id)};
    ask_transaction<coordinator::PartitionsAdded>(
        context, *held, producer,
        [producer, offsets](auto& machine, const auto& from, auto now) {
          return machine.add_partitions(from, producer, {offsets},
                                        coordinator::first_transaction_version, now);
        },
        [held](ErrorCode error, coordinator::PartitionsAdded* added) {
          wire::AddOffsetsToTxnResponse answer;
          answer.error_code = added ? added->error : error;
          held->reply(answer);
        });
  });
}

void handle_end_txn(Context& context, Request request) {
  const auto asked = request.decode<wire::EndTxnRequest>();
  if (!asked) return;
  const auto held = std::make_shared<Request>(std::move(request));
  const TransactionalProducer producer{asked->transactional_id, asked->producer_id,
                                       asked->producer_epoch};
  ask_transaction<coordinator::TransactionEnded>(
      context, *held, producer,
      [producer, commit = asked->committed](auto& machine, const auto& from, auto now) {
        return machine.end(from, producer, commit, now);
      },
      [held](ErrorCode error, coordinator::TransactionEnded* ended) {
        wire::EndTxnResponse response;
        response.error_code = ended ? ended->error : error;
        if (ended) {
          response.producer_id = ended->producer_id;
          response.producer_epoch = ended->producer_epoch;
        }
        held->reply(response);
      });
}

}  // namespace horolog::broker
