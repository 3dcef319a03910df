// DescribeTransactions 0, ListTransactions 0–2, DescribeProducers 0.

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "broker/client_pattern.hpp"
#include "broker/handlers.hpp"
#include "broker/transaction_calls.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/list_transactions.hpp"

namespace horolog::broker {
namespace {

using coordinator::TransactionDescription;
using coordinator::TransactionDescriptions;
using wire::ErrorCode;
using Described = wire::DescribeTransactionsResponse::Transaction;

Described refused(const std::string& id, ErrorCode error) {
  Described out;
  out.transactional_id = id;
  out.error_code = error;
  return out;
}

Described spell(const TransactionDescription& found) {
  if (found.error != ErrorCode::none) return refused(found.transactional_id, found.error);
  Described out;
  out.transactional_id = found.transactional_id;
  out.transaction_state = coordinator::to_string(found.metadata.state);
  out.transaction_timeout_ms = found.metadata.timeout_ms;
  out.transaction_start_time_ms = found.metadata.start;
  out.producer_id = found.metadata.producer_id;
  out.producer_epoch = found.metadata.producer_epoch;
  for (const TopicPartition& id : found.metadata.partitions) {
    if (out.topics.empty() || out.topics.back().topic != id.topic) {
      out.topics.emplace_back().topic = id.topic;
    }
    out.topics.back().partitions.push_back(id.partition);
  }
  return out;
}

void describe_one(Context& context, const Request& request, const std::string& id,
                  std::function<void(Described)> done) {
  if (!context.transactions.has_topic()) {
    return done(refused(id, ErrorCode::transactional_id_not_found));
  }
  ask_transaction<TransactionDescriptions>(
      context, request, {.transactional_id = id},
      [id](auto& machine, const auto& from, auto now) { return machine.describe(from, {id}, now); },
      [id, done](ErrorCode error, TransactionDescriptions* found) {
        done(found ? spell(found->at(0)) : refused(id, error));
      });
}

struct Filter {
  coordinator::TransactionFilter filter;
  std::vector<std::string> unknown_states;
  ErrorCode error = ErrorCode::none;
};

Filter filter_of(const wire::ListTransactionsRequest& asked) {
  Filter out;
  for (const std::string& name : asked.state_filters) {
    if (const auto state = coordinator::parse_transaction_state(name)) {
      out.filter.states.push_back(*state);
    } else {
      out.unknown_states.push_back(name);
    }
  }
  out.filter.producer_ids = asked.producer_id_filters;
  if (asked.duration_filter >= 0) out.filter.longer_than_ms = asked.duration_filter;
  if (asked.transactional_id_pattern && !asked.transactional_id_pattern->empty()) {
    if (auto pattern = ClientPattern::compile(*asked.transactional_id_pattern)) {
      out.filter.id_matches = [pattern = std::move(*pattern)](std::string_view id) {
        return pattern.matches(id);
      };
    } else {
      out.error = ErrorCode::invalid_regular_expression;
    }
  }
  return out;
}

wire::ListTransactionsResponse merge(std::vector<wire::ListTransactionsResponse> parts,
                                     std::vector<std::string> unknown_states) {
  wire::ListTransactionsResponse response;
  response.unknown_state_filters = std::move(unknown_states);
  for (auto& part : parts) {
    if (part.error_code != ErrorCode::none) response.error_code = part.error_code;
    std::move(part.transaction_states.begin(), part.transaction_states.end(),
              std::back_inserter(response.transaction_states));
  }
  if (response.error_code != ErrorCode::none) response.transaction_states.clear();
  return response;
}

ErrorCode describe_partition(Context& context, const TopicPartition& id,
                             wire::DescribeProducersResponse::Partition& out) {
  const auto partition = context.partitions.find(id.topic, id.partition);
  if (partition == nullptr) {
    return context.store.quarantine_reason(id) ? ErrorCode::kafka_storage_error
                                               : ErrorCode::unknown_topic_or_partition;
  }
  for (const storage::ActiveProducer& producer : partition->log().active_producers()) {
    auto& added = out.active_producers.emplace_back();
    added.producer_id = producer.id;
    added.producer_epoch = producer.epoch;
    added.last_sequence = producer.last_sequence;
    added.last_timestamp = producer.last_timestamp;
    added.coordinator_epoch = producer.coordinator_epoch;
    added.current_txn_start_offset = producer.current_transaction_start;
  }
  return ErrorCode::none;
}

}  // namespace

void handle_describe_transactions(Context& context, Request request) {
  const auto asked = request.decode<wire::DescribeTransactionsRequest>();
  if (!asked) return;
  if (asked->transactional_ids.empty()) return request.reply(wire::DescribeTransactionsResponse{});
  const auto held = std::make_shared<Request>(std::move(request));
  const auto gather = std::make_shared<Gather<Described>>(
      asked->transactional_ids.size(), [held](std::vector<Described> described) {
        wire::DescribeTransactionsResponse response;
        response.transaction_states = std::move(described);
        held->reply(response);
      });
  for (std::size_t i = 0; i < asked->transactional_ids.size(); ++i) {
    describe_one(context, *held, asked->transactional_ids[i],
                 [gather, i](Described described) { gather->set(i, std::move(described)); });
  }
}

void handle_list_transactions(Context& context, Request request) {
  const auto asked = request.decode<wire::ListTransactionsRequest>();
  if (!asked) return;
  Filter filter = filter_of(*asked);
  if (filter.error != ErrorCode::none || !context.transactions.has_topic()) {
    wire::ListTransactionsResponse response;
    response.error_code = filter.error;
    if (filter.error == ErrorCode::none) {
      response.unknown_state_filters = std::move(filter.unknown_states);
    }
    return request.reply(response);
  }
  using Part = wire::ListTransactionsResponse;
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  const auto partitions = static_cast<std::size_t>(context.transactions.partitions());
  const auto gather = std::make_shared<Gather<Part>>(
      partitions,
      [held, unknown = std::move(filter.unknown_states)](std::vector<Part> parts) mutable {
        held->reply(merge(std::move(parts), std::move(unknown)));
      });
  for (std::size_t i = 0; i < partitions; ++i) {
    context.transactions.call_partition(
        static_cast<PartitionIndex>(i), caller,
        [wanted = filter.filter](auto& machine, const auto& from, auto now) {
          return machine.list(from, wanted, now);
        },
        [gather, i](ErrorCode error, coordinator::TransactionResponse* response) {
          Part part;
          part.error_code = error;
          if (response != nullptr) {
            for (const auto& found : std::get<TransactionDescriptions>(*response)) {
              part.transaction_states.push_back(
                  {found.transactional_id, found.metadata.producer_id,
                   std::string(coordinator::to_string(found.metadata.state))});
            }
          }
          gather->set(i, std::move(part));
        });
  }
}

void handle_describe_producers(Context& context, Request request) {
  const auto asked = request.decode<wire::DescribeProducersRequest>();
  if (!asked) return;
  wire::DescribeProducersResponse response;
  for (const auto& topic : asked->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const PartitionIndex index : topic.partition_indexes) {
      auto& partition = out.partitions.emplace_back();
      partition.partition_index = index;
      partition.error_code = describe_partition(context, {topic.name, index}, partition);
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
