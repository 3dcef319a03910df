#include "broker/housekeeper.hpp"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "storage/posix_error.hpp"

namespace horolog::broker {
namespace {

constexpr MonoNs second = 1'000'000'000;
constexpr std::chrono::seconds interval{1};
constexpr MonoNs expiry_interval = 600 * second;

void warn_if_failed(const Status& status, std::string_view what) {
  if (!status) log::warn("housekeeper", what, {log::field("error", status.error().message())});
}

}  // namespace

Housekeeper::Housekeeper(storage::LogStore& store, PartitionTable& partitions, const Clock& clock,
                         ConfigSource config)
    : store_(store),
      partitions_(partitions),
      clock_(clock),
      config_(std::move(config)),
      last_retention_(clock.mono_ns()),
      last_expiry_(clock.mono_ns()) {}

Housekeeper::~Housekeeper() { stop(); }

void Housekeeper::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "housekeeper");
}

void Housekeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Housekeeper::run() {
  const auto wanted = [this] { return stopping_ || checkpoint_wanted_; };
  auto next_tick = std::chrono::steady_clock::now() + interval;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_until(lock, next_tick, wanted);
    if (stopping_) return;
    checkpoint_wanted_ = false;
    lock.unlock();
    if (std::chrono::steady_clock::now() >= next_tick) {
      tick();
      next_tick = std::chrono::steady_clock::now() + interval;
    } else if (!store_.failure()) {
      write_checkpoints();
    }
    lock.lock();
  }
}

void Housekeeper::checkpoint_soon() {
  {
    const std::lock_guard lock(mutex_);
    checkpoint_wanted_ = true;
  }
  wake_.notify_one();
}

void Housekeeper::write_checkpoints() {
  const Status checkpoints = store_.write_checkpoints();
  warn_if_failed(checkpoints, "cannot write checkpoints");
  // A disk that fails to take one file is not to be trusted with the next; a full one comes back.
  if (!checkpoints && storage::is_disk_failure(checkpoints.error())) {
    store_.fail(checkpoints.error());
  }
}

void Housekeeper::tick() {
  if (store_.failure()) return;
  const bool had_room = store_.disk_has_room();
  const bool has_room = store_.refresh_disk_space();
  if (had_room != has_room) {
    log::warn("housekeeper",
              has_room ? "disk space is back: produce is accepted again"
                       : "disk is below horolog.disk.low.bytes: produce is refused",
              {log::field("free_bytes", store_.disk_space().free_bytes)});
  }
  write_checkpoints();
  const auto config = config_();
  const MonoNs now = clock_.mono_ns();
  // A disk that runs full is the moment to look for what may go.
  if (!has_room || now - last_retention_ >= config->retention_check_interval_ms * 1'000'000) {
    last_retention_ = now;
    apply_retention(*config);
  }
  warn_if_failed(store_.purge_deleted(clock_.wall_ms()), "cannot unlink deleted segments");
  if (hook_) hook_();
}

void Housekeeper::apply_retention(const BrokerConfig& config) {
  const TimestampMs now = clock_.wall_ms();
  const bool expire = clock_.mono_ns() - last_expiry_ >= expiry_interval;
  if (expire) last_expiry_ = clock_.mono_ns();
  for (const auto& partition : partitions_.all()) {
    auto removed = partition->log().apply_retention(now);
    if (!removed) {
      if (removed.error().code() == Errc::closed) continue;
      log::warn("housekeeper", "retention failed",
                {log::field("partition", partition->id().to_string()),
                 log::field("error", removed.error().message())});
      continue;
    }
    if (*removed > 0) {
      log::info(
          "housekeeper", "segments removed",
          {log::field("partition", partition->id().to_string()), log::field("segments", *removed),
           log::field("log_start", partition->log().log_start_offset())});
      partition->poke_waiters();
    }
    if (expire) partition->log().expire_producers(now, config.producer_id_expiration_ms);
  }
}

}  // namespace horolog::broker
