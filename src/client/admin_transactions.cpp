#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/list_transactions.hpp"

namespace horolog {

using namespace client;

namespace {

using TransactionSweep = Sweep<std::string, TransactionDescription>;
using ProducerSweep = Sweep<TopicPartition, std::vector<ProducerState>>;

TransactionDescription describe(const wire::DescribeTransactionsResponse::Transaction& given) {
  TransactionDescription transaction{
      .transactional_id = given.transactional_id,
      .state = given.transaction_state,
      .producer_id = given.producer_id,
      .producer_epoch = given.producer_epoch,
      .timeout = std::chrono::milliseconds(given.transaction_timeout_ms),
      .started_at = given.transaction_start_time_ms,
      .partitions = {}};
  for (const auto& topic : given.topics) {
    for (const PartitionIndex index : topic.partitions) {
      transaction.partitions.push_back({topic.topic, index});
    }
  }
  std::ranges::sort(transaction.partitions);
  return transaction;
}

std::vector<ProducerState> producers(const wire::DescribeProducersResponse::Partition& given) {
  std::vector<ProducerState> result;
  for (const auto& producer : given.active_producers) {
    result.push_back({.producer_id = producer.producer_id,
                      .producer_epoch = producer.producer_epoch,
                      .last_sequence = producer.last_sequence,
                      .last_timestamp = producer.last_timestamp,
                      .coordinator_epoch = producer.coordinator_epoch,
                      .open_transaction_start = producer.current_txn_start_offset});
  }
  std::ranges::sort(result, {}, &ProducerState::producer_id);
  return result;
}

}  // namespace

void Admin::list_transactions(std::vector<std::string> states, std::vector<ProducerId> ids,
                              Then<Transactions> then) {
  const auto build = [states, ids](std::int16_t) {
    return Outgoing<wire::ListTransactionsRequest>(
        {.state_filters = states, .producer_id_filters = ids});
  };
  ask_every_broker<wire::ListTransactionsRequest>(
      cluster_, build, {},
      [then = std::move(then)](Result<FromEvery<wire::ListTransactionsRequest>> answers) {
        if (!answers) return then(answers.error());
        Transactions result;
        for (auto& [node, reply] : *answers) {
          const std::string what = fmt::format("cannot list the transactions of broker {}", node);
          if (!reply) {
            result.errors.push_back(reply.error().with_context(what));
          } else if (reply->message.error_code != wire::ErrorCode::none) {
            result.errors.push_back(broker_error(reply->message.error_code, what));
          } else {
            for (auto& one : reply->message.transaction_states) {
              result.transactions.push_back({std::move(one.transactional_id), one.producer_id,
                                             std::move(one.transaction_state), node});
            }
          }
        }
        if (!result.errors.empty() && result.errors.size() == answers->size()) {
          return then(result.errors.front());
        }
        std::ranges::sort(result.transactions, {}, &TransactionListing::transactional_id);
        then(std::move(result));
      });
}

void Admin::describe_transactions(std::vector<std::string> ids,
                                  Then<TransactionDescriptions> then) {
  TransactionSweep::Plan plan{
      .target = [](const std::string& id) { return Target::transaction(id); },
      .ask =
          [](const std::shared_ptr<TransactionSweep>& sweep, const Target& target,
             const TransactionSweep::Indexes& which) {
            wire::DescribeTransactionsRequest request;
            for (const std::size_t i : which) request.transactional_ids.push_back(sweep->key(i));
            sweep->cluster().send<wire::DescribeTransactionsRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_named(
                      *sweep, which, reply->message.transaction_states,
                      [](const auto& one) { return one.transactional_id; }, describe);
                });
          },
      .what = "describe the transactions of",
      .name = [](const std::string& id) { return id; }};
  sweep<std::string, TransactionDescription>(cluster_, std::move(ids), std::move(plan),
                                             std::move(then));
}

void Admin::describe_producers(std::vector<TopicPartition> partitions, Then<Producers> then) {
  ProducerSweep::Plan plan{
      .target = [](const TopicPartition& tp) { return Target::leader(tp); },
      .ask =
          [](const std::shared_ptr<ProducerSweep>& sweep, const Target& target,
             const ProducerSweep::Indexes& which) {
            using Topic = wire::DescribeProducersRequest::Topic;
            wire::DescribeProducersRequest request{
                .topics = by_topic<Topic>(
                    which, [&](std::size_t i) { return sweep->key(i); }, &Topic::name,
                    [&](Topic& topic, std::size_t i) {
                      topic.partition_indexes.push_back(sweep->key(i).partition);
                    })};
            sweep->cluster().send<wire::DescribeProducersRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_partitions(*sweep, which, reply->message.topics, producers);
                });
          },
      .what = "describe the producers of",
      .name = [](const TopicPartition& tp) { return tp.to_string(); }};
  sweep<TopicPartition, std::vector<ProducerState>>(cluster_, std::move(partitions),
                                                    std::move(plan), std::move(then));
}

}  // namespace horolog
