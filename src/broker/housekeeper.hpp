#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "broker/config.hpp"
#include "broker/partition_table.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {

/// The slow, regular work: checkpoints and free space every second, retention at its interval,
/// unlinking of what was deleted, forgetting of silent producers. One thread of its own, since all
/// of it waits for disks. tick() is public so that tests decide when time passes.
class Housekeeper {
 public:
  using ConfigSource = std::function<std::shared_ptr<const BrokerConfig>()>;
  using Hook = std::function<void()>;

  Housekeeper(storage::LogStore& store, PartitionTable& partitions, const Clock& clock,
              ConfigSource config);
  ~Housekeeper();

  /// Called at the end of every tick; set before start().
  void on_tick(Hook hook) { hook_ = std::move(hook); }
  void start();
  void stop();
  /// Writes checkpoints without waiting for the next second. Any thread.
  void checkpoint_soon();
  /// One second's work.
  void tick();

 private:
  void run();
  void write_checkpoints();
  void apply_retention(const BrokerConfig& config);

  storage::LogStore& store_;
  PartitionTable& partitions_;
  const Clock& clock_;
  ConfigSource config_;
  Hook hook_;
  MonoNs last_retention_ = 0;
  MonoNs last_expiry_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool checkpoint_wanted_ = false;
  std::thread thread_;
};

}  // namespace horolog::broker
