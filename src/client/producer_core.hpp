#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/accumulator.hpp"
#include "client/cluster.hpp"
#include "client/producer_sender.hpp"
#include "client/transaction_machine.hpp"
#include "horolog/producer.hpp"
#include "net/deadline.hpp"

namespace horolog::wire {
struct ProduceRequest;
struct ProduceResponse;
}  // namespace horolog::wire

namespace horolog::client {

/// A producer at work: joins the accumulator, which callers fill, with the sender and the
/// transaction machine, which decide, and with the cluster, which carries. Everything but append(),
/// flush marks and the atomics belongs to the loop's thread. Requests under way hold it, so that
/// the memory of their batches stays.
class ProducerCore : public std::enable_shared_from_this<ProducerCore> {
 public:
  ProducerCore(ProducerOptions options, std::shared_ptr<Cluster> cluster, bool owns_cluster);

  void start();

  // Any thread.

  Status send(const OutgoingRecord& record, DeliveryCallback callback, bool may_wait);
  using Time = std::chrono::milliseconds;
  void flush(Time timeout, DoneCallback done);
  void init(Time timeout, DoneCallback done);
  Status begin();
  void send_offsets(std::vector<OffsetToCommit> offsets, GroupMetadata group, Time timeout,
                    DoneCallback done);
  void commit(Time timeout, DoneCallback done);
  void abort(Time timeout, DoneCallback done);
  TransactionState state() const { return machine_.state(); }
  ProducerMetrics metrics() const;
  /// Takes no more records.
  void stop_taking() { accumulator_.close(); }
  /// Fails everything that is left, before it returns; the error if there was anything.
  Status close();
  bool transactional() const { return !options_.transactional_id.empty(); }
  bool on_loop() const { return cluster_->loop().running_here(); }

 private:
  struct Flight {
    ProduceBundle bundle;
    bool sent = false;
  };
  struct FlushWaiter {
    std::uint64_t mark;
    MonoNs due;
    DoneCallback done;
  };

  static Accumulator::Settings accumulator_settings(const ProducerOptions& options);
  static ProducerSender::Settings sender_settings(const ProducerOptions& options);
  Accumulator::Hooks accumulator_hooks();
  ProducerSender::Hooks sender_hooks();
  TransactionMachine::Hooks transaction_hooks();

  MonoNs now() const { return cluster_->loop().now(); }
  void wake();
  void pump();
  void pump_once();
  void check_flushes(MonoNs now);
  void set_timer();
  void post_operation(DoneCallback done, Time timeout,
                      std::function<void(MonoNs due, DoneCallback done)> start);

  void send_bundle(ProduceBundle bundle);
  std::shared_ptr<Flight> fly(ProduceBundle bundle);
  Outgoing<wire::ProduceRequest> build(Flight& flight);
  wire::VersionRange produce_versions() const;
  void landed(Flight& flight, Result<Reply<wire::ProduceResponse>> reply);
  void hint_leaders(const wire::ProduceResponse& answer, const ProduceBundle& bundle);

  void look_up(const std::string& topic);
  void looked_up(const std::string& topic, const Result<std::shared_ptr<const TopicInfo>>& found);
  void metadata_changed();
  void get_identity();

  void send_request(const txn::Request& request);
  void request(const txn::Init& init);
  void request(const txn::AddPartitions& add);
  void request(const txn::AddOffsets& add);
  void request(const txn::CommitOffsets& commit);
  void request(const txn::End& end);
  CallOptions transaction_call(std::int16_t min, std::int16_t max) const;
  template <typename R>
  void call_coordinator(CoordinatorKind kind, const std::string& key, R message,
                        CallOptions options,
                        TransactionMachine::Answer (*read)(
                            const typename wire::ResponseOf<R>::type&));

  const ProducerOptions options_;
  const std::shared_ptr<Cluster> cluster_;
  const bool owns_cluster_;
  Accumulator accumulator_;
  ProducerSender sender_;
  TransactionMachine machine_;

  std::atomic<bool> woken_{false};
  std::atomic<bool> accepting_{true};  ///< records: of a transactional producer, while one is open
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<bool> closing_{false};

  bool closed_ = false;
  bool pumping_ = false;
  bool pump_again_ = false;
  std::shared_ptr<const Metadata> metadata_;
  Cluster::Watch watch_;
  std::unique_ptr<net::Deadline> timer_;
  std::vector<ProduceBundle> bundles_;
  std::list<FlushWaiter> flushes_;
  std::map<std::string, std::int32_t> partitions_;  ///< as the accumulator knows them
  std::set<std::string> looking_up_;
  std::map<std::string, MonoNs> look_up_after_;
  bool getting_identity_ = false;
  MonoNs identity_after_ = 0;
  std::uint32_t identity_failures_ = 0;
};

}  // namespace horolog::client
