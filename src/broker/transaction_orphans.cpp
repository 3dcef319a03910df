#include "broker/transaction_orphans.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "broker/transaction_markers.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Hosts = std::vector<std::shared_ptr<TransactionHost>>;

constexpr std::chrono::milliseconds retry_after{50};

struct OpenTransaction {
  TopicPartition partition;
  storage::ActiveProducer producer;
};

std::vector<OpenTransaction> open_transactions(const PartitionTable& partitions) {
  std::vector<OpenTransaction> found;
  for (const auto& partition : partitions.all()) {
    for (const storage::ActiveProducer& producer : partition->log().active_producers()) {
      if (producer.current_transaction_start == no_offset) continue;
      found.push_back({partition->id(), producer});
    }
  }
  return found;
}

/// Lives on the first shard, but for the questions that the coordinators answer on theirs.
class OrphanSweep : public std::enable_shared_from_this<OrphanSweep> {
 public:
  OrphanSweep(Context& context, std::shared_ptr<const Hosts> hosts, TransactionMetrics& metrics,
              std::function<void()> done)
      : context_(context),
        shard_(context.shards.at(0)),
        hosts_(std::move(hosts)),
        metrics_(metrics),
        done_(std::move(done)),
        retry_(shard_.executor()) {}

  void start() {
    suspects_ = open_transactions(context_.partitions);
    if (suspects_.empty()) return done_();
    shard_.post([self = shared_from_this()] { self->ask(0); });
  }

 private:
  /// Takes out what the coordinator knows, one coordinator after the other.
  void ask(std::size_t index) {
    if (suspects_.empty() || hosts_ == nullptr || index == hosts_->size()) return end_all();
    const auto& host = hosts_->at(index);
    host->shard().post([self = shared_from_this(), host, index] {
      std::erase_if(self->suspects_, [&](const OpenTransaction& open) {
        return host->may_be_open(open.producer.id, open.producer.epoch, open.partition);
      });
      self->shard_.post([self, index] { self->ask(index + 1); });
    });
  }

  /// The coordinator may have ended it since it was found: then it no longer knows it either.
  bool is_still_open(const OpenTransaction& open) const {
    const auto partition = context_.partitions.find(open.partition.topic, open.partition.partition);
    if (partition == nullptr) return false;
    const auto producers = partition->log().active_producers();
    return std::any_of(producers.begin(), producers.end(), [&](const auto& producer) {
      return producer.id == open.producer.id &&
             producer.current_transaction_start == open.producer.current_transaction_start;
    });
  }

  void end_all() {
    std::erase_if(suspects_, [this](const OpenTransaction& open) { return !is_still_open(open); });
    left_ = suspects_.size();
    if (left_ == 0) return done_();
    for (const OpenTransaction& open : suspects_) {
      log::warn(
          "transactions", "aborted: the coordinator has no trace of it after the crash",
          {log::field("partition", open.partition.to_string()),
           log::field("producer_id", open.producer.id), log::field("epoch", open.producer.epoch),
           log::field("offset", open.producer.current_transaction_start)});
      metrics_.orphans.add();
      end(open);
    }
  }

  void end(const OpenTransaction& open) {
    storage::TransactionMarker marker;
    marker.producer_id = open.producer.id;
    marker.producer_epoch =
        std::min<ProducerEpoch>(open.producer.epoch, coordinator::last_producer_epoch - 1) + 1;
    marker.coordinator_epoch = open.producer.coordinator_epoch;
    write_marker(context_, open.partition, marker, shard_,
                 [self = shared_from_this(), open](ErrorCode error) { self->ended(open, error); });
  }

  void ended(const OpenTransaction& open, ErrorCode error) {
    if (error == ErrorCode::coordinator_load_in_progress) {
      again_.push_back(open);
      if (again_.size() > 1) return;
      retry_.expires_after(retry_after);
      retry_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
        for (const OpenTransaction& one : std::exchange(self->again_, {})) self->end(one);
      });
      return;
    }
    if (error != ErrorCode::none) {
      log::error("transactions", "a transaction without coordinator stays open",
                 {log::field("partition", open.partition.to_string()),
                  log::field("producer_id", open.producer.id),
                  log::field("reason", wire::to_string(error))});
    }
    if (--left_ == 0) done_();
  }

  Context& context_;
  net::Shard& shard_;
  std::shared_ptr<const Hosts> hosts_;
  TransactionMetrics& metrics_;
  std::function<void()> done_;
  boost::asio::steady_timer retry_;
  std::vector<OpenTransaction> suspects_;
  std::vector<OpenTransaction> again_;
  std::size_t left_ = 0;
};

}  // namespace

void end_orphans(Context& context, std::shared_ptr<const Hosts> hosts, TransactionMetrics& metrics,
                 std::function<void()> done) {
  std::make_shared<OrphanSweep>(context, std::move(hosts), metrics, std::move(done))->start();
}

}  // namespace horolog::broker
