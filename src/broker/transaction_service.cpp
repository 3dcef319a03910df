#include "broker/transaction_service.hpp"

#include <mutex>
#include <utility>

#include "broker/coordinator_topic_impl.hpp"

namespace horolog::broker {

template class CoordinatorTopic<TransactionHost>;

using wire::ErrorCode;

void TransactionService::start(Context& context) {
  const auto topic = context.catalog()->find(transactions_topic);
  // One more for this function, so that the end is reached once, also without a topic.
  unsettled_.store(topic == nullptr ? 1 : static_cast<std::size_t>(topic->partitions) + 1);
  starting_ = true;
  CoordinatorTopic::start(context);
  starting_ = false;
  host_settled();
}

void TransactionService::host_settled() {
  if (unsettled_.fetch_sub(1) != 1) return;
  context().pool.post([this] {
    end_orphans(context(), hosts(), metrics_,
                [this] { ready_.store(true, std::memory_order_release); });
  });
}

std::shared_ptr<TransactionHost> TransactionService::make_host(
    storage::FileSystem& fs, net::Shard& shard, std::shared_ptr<Partition> partition) {
  return std::make_shared<TransactionHost>(
      context(), fs, shard, std::move(partition), metrics_,
      starting_ ? [this] { host_settled(); } : std::function<void()>());
}

storage::TopicInfo TransactionService::topic_info(const BrokerConfig& config) const {
  storage::TopicInfo topic;
  topic.name = transactions_topic;
  topic.partitions = config.transaction_topic_partitions;
  topic.internal = true;
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "uncompressed"},
                   {"segment.bytes", std::to_string(config.transaction_topic_segment_bytes)}};
  return topic;
}

void TransactionService::authorize(const coordinator::TransactionalProducer& producer,
                                   std::vector<TopicPartition> partitions, bool add,
                                   coordinator::Caller caller,
                                   std::function<void(Authorization)> done) {
  const auto now = hosts();
  if (now == nullptr) {
    // No coordinator has ever given out a transactional id here.
    const auto error = ErrorCode::invalid_producer_id_mapping;
    return done({std::vector<ErrorCode>(partitions.size(), error), nullptr, 0});
  }
  const auto host = now->at(static_cast<std::size_t>(partition_of(producer.transactional_id)));
  const auto asked = std::make_shared<const std::vector<TopicPartition>>(std::move(partitions));
  auto input = [producer, asked, add](auto& machine, const auto& from, auto time) {
    return add ? machine.add_partitions(from, producer, *asked,
                                        coordinator::epoch_bump_transaction_version, time)
               : machine.verify(from, producer, *asked, time);
  };
  auto answer = [host = host.get(), asked, done = std::move(done)](
                    ErrorCode error, coordinator::TransactionResponse* response) {
    Authorization result{std::vector<ErrorCode>(asked->size(), error), nullptr, 0};
    if (response != nullptr) {
      result.log = host->partition();
      result.end = host->log_end();
      if (auto* verified = std::get_if<coordinator::PartitionsVerified>(response)) {
        result.errors = std::move(verified->errors);
      } else {
        result.errors.assign(asked->size(),
                             std::get<coordinator::PartitionsAdded>(*response).error);
      }
    }
    done(std::move(result));
  };
  if (host->shard().running_here()) return host->call_early(caller, input, std::move(answer));
  host->shard().post([host, caller = std::move(caller), input = std::move(input),
                      answer = std::move(answer)] { host->call_early(caller, input, answer); });
}

void TransactionService::count(std::function<void(TransactionCounts)> done) {
  struct Gather {
    std::mutex mutex;
    std::size_t left = 0;
    TransactionCounts counts;
    std::function<void(TransactionCounts)> done;
  };
  const auto now = hosts();
  if (now == nullptr || now->empty()) return done({});
  const auto gather = std::make_shared<Gather>();
  gather->left = now->size();
  gather->done = std::move(done);
  for_each_host([gather](TransactionHost& host) {
    bool last = false;
    {
      const std::lock_guard lock(gather->mutex);
      host.count(gather->counts);
      last = --gather->left == 0;
    }
    if (last) gather->done(gather->counts);
  });
}

}  // namespace horolog::broker
