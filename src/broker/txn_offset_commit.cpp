// TxnOffsetCommit 0–5: offsets that count when the producer's transaction commits. The transaction
// must comprise the partition of __consumer_offsets: up to version 4 because AddOffsetsToTxn added
// it, from version 5 on because this request does (KIP-890). Offsets of unknown topics are refused,
// as in Kafka.

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "broker/handlers.hpp"
#include "broker/transaction_calls.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Response = wire::TxnOffsetCommitResponse;

constexpr std::int16_t first_version_with_abortable_error = 4;
constexpr std::int16_t first_version_that_adds_partitions = 5;
/// How often the coordinator is asked when the end of the last transaction comes in between.
constexpr int most_rounds = 3;

/// Takes out what no topic has; gives the answers to that.
Response refuse_unknown(Context& context, wire::TxnOffsetCommitRequest& asked) {
  Response refused;
  for (auto& topic : asked.topics) {
    Response::Topic out;
    std::erase_if(topic.partitions, [&](const auto& partition) {
      if (context.partitions.find(topic.name, partition.partition_index) != nullptr) return false;
      out.partitions.push_back({partition.partition_index, ErrorCode::unknown_topic_or_partition});
      return true;
    });
    if (out.partitions.empty()) continue;
    out.name = topic.name;
    refused.topics.push_back(std::move(out));
  }
  std::erase_if(asked.topics, [](const auto& topic) { return topic.partitions.empty(); });
  return refused;
}

Response refuse_all(const wire::TxnOffsetCommitRequest& asked, ErrorCode error) {
  Response refused;
  for (const auto& topic : asked.topics) {
    auto& out = refused.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back({partition.partition_index, error});
    }
  }
  return refused;
}

ErrorCode first_error(const Response& response) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::none) return partition.error_code;
    }
  }
  return ErrorCode::none;
}

/// One request on its way: to the transaction's coordinator, then to the group's.
class OffsetsInTransaction : public std::enable_shared_from_this<OffsetsInTransaction> {
 public:
  OffsetsInTransaction(Context& context, Request request, wire::TxnOffsetCommitRequest asked)
      : context_(context),
        caller_(caller_of(request)),
        request_(std::move(request)),
        refused_(refuse_unknown(context, asked)),
        asked_(std::move(asked)),
        producer_{asked_.transactional_id, asked_.producer_id, asked_.producer_epoch} {}

  void begin() {
    if (asked_.topics.empty()) return answer({});
    if (!context_.transactions.ready()) return refuse(ErrorCode::coordinator_load_in_progress);
    context_.groups.ensure_topic([self = shared_from_this()](const Status& ready) {
      if (!ready) return self->refuse(ErrorCode::coordinator_not_available);
      self->verify();
    });
  }

 private:
  void verify() {
    ++rounds_;
    const PartitionIndex index = context_.groups.partition_of(asked_.group_id);
    const auto partition = context_.partitions.find(offsets_topic, index);
    if (partition == nullptr) return refuse(ErrorCode::coordinator_not_available);
    const bool adds = request_.version() >= first_version_that_adds_partitions;
    const auto token =
        partition->log().begin_verification(asked_.producer_id, asked_.producer_epoch, -1, adds);
    if (!token) return commit(index, {});
    context_.transactions.authorize(
        producer_, {partition->id()}, adds, caller_,
        [self = shared_from_this(), index, token](const Authorization& given) {
          if (given.errors[0] != ErrorCode::none) return self->refuse(given.errors[0]);
          self->decision_ = given;
          self->commit(index, token);
        });
  }

  void commit(PartitionIndex index, std::optional<storage::VerificationToken> token) {
    const auto host = context_.groups.hosts()->at(static_cast<std::size_t>(index));
    host->shard().post([self = shared_from_this(), host, token] {
      host->call_in_transaction(
          self->caller_,
          [self](auto& machine, const auto& from, auto now) {
            return machine.commit_transactional(from, self->asked_, now);
          },
          token,
          [self](ErrorCode error, coordinator::Response* response) {
            self->committed(error, response);
          });
    });
  }

  void committed(ErrorCode error, coordinator::Response* response) {
    if (response == nullptr) return refuse(error);
    Response done = std::move(std::get<Response>(*response));
    const ErrorCode first = first_error(done);
    if (first == ErrorCode::invalid_txn_state && rounds_ < most_rounds) return verify();
    log_refusal(context_, wire::ApiKey::txn_offset_commit, request_.who(), producer_, first);
    if (decision_.log == nullptr || first != ErrorCode::none) return answer(std::move(done));
    // The commit counts when the registration of its partition does.
    decision_.log->when_durable(
        decision_.end, request_.connection->shard,
        [self = shared_from_this(), done = std::move(done)](bool durable) mutable {
          if (!durable) return self->refuse(ErrorCode::coordinator_not_available);
          self->answer(std::move(done));
        });
  }

  void refuse(ErrorCode error) {
    if (error == ErrorCode::producer_fenced) error = ErrorCode::invalid_producer_epoch;
    if (error == ErrorCode::transaction_abortable &&
        request_.version() < first_version_with_abortable_error) {
      error = ErrorCode::invalid_txn_state;
    }
    log_refusal(context_, wire::ApiKey::txn_offset_commit, request_.who(), producer_, error);
    answer(refuse_all(asked_, error));
  }

  void answer(Response response) {
    for (auto& topic : refused_.topics) {
      const auto same = std::find_if(response.topics.begin(), response.topics.end(),
                                     [&](const auto& other) { return other.name == topic.name; });
      if (same == response.topics.end()) {
        response.topics.push_back(std::move(topic));
      } else {
        std::move(topic.partitions.begin(), topic.partitions.end(),
                  std::back_inserter(same->partitions));
      }
    }
    request_.reply(response);
  }

  Context& context_;
  coordinator::Caller caller_;
  Request request_;
  Response refused_;
  const wire::TxnOffsetCommitRequest asked_;
  const coordinator::TransactionalProducer producer_;
  Authorization decision_;
  int rounds_ = 0;
};

}  // namespace

void handle_txn_offset_commit(Context& context, Request request) {
  auto asked = request.decode<wire::TxnOffsetCommitRequest>();
  if (!asked) return;
  std::make_shared<OffsetsInTransaction>(context, std::move(request), std::move(*asked))->begin();
}

}  // namespace horolog::broker
