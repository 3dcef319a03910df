#include "net/shard.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/assert.hpp"

namespace horolog::net {
namespace {

/// Deadlines are seconds long: firing a little late saves wake-ups when several lie close together.
constexpr MonoNs timer_slack_ns = 20'000'000;
constexpr MonoNs trim_interval_ns = 10'000'000'000;

}  // namespace

Shard::Shard(std::size_t index, const Clock& clock, Counters& counters)
    : index_(index),
      clock_(clock),
      context_(1),
      work_(asio::make_work_guard(context_)),
      timer_(context_),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(scratch_bytes)),
      buffers_(std::make_shared<BufferPool>()),
      trim_(deadlines_, [this] { trim_buffers(); }),
      counters_(counters) {
  deadlines_.on_earlier([this] { arm_timer(); });
}

Shard::~Shard() { stop(); }

void Shard::start() {
  HOROLOG_ASSERT(!thread_.joinable());
  thread_ = std::thread([this] { context_.run(); });
  const std::string name = "shard-" + std::to_string(index_);
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void Shard::stop() {
  HOROLOG_ASSERT(!running_here());
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

std::size_t Shard::run_ready() {
  HOROLOG_ASSERT(!thread_.joinable());
  // Inside a task, as on a running shard: what is called must find running_here().
  post([this] { deadlines_.advance(clock_.mono_ns()); });
  return context_.poll() - 1;
}

void Shard::arm_timer() {
  const auto next = deadlines_.next();
  if (!next) return;
  const MonoNs wait = std::max<MonoNs>(*next - clock_.mono_ns(), 0) + timer_slack_ns;
  timer_.expires_after(std::chrono::nanoseconds(wait));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // set anew
    deadlines_.advance(clock_.mono_ns());
    arm_timer();
  });
}

std::shared_ptr<BufferPool> Shard::pool_for(std::size_t bytes) {
  if (bytes < BufferPool::smallest_kept_bytes) return nullptr;
  if (!trim_set_) {
    trim_set_ = true;
    trim_.set(clock_.mono_ns() + trim_interval_ns);
  }
  return buffers_;
}

void Shard::trim_buffers() {
  buffers_->trim();
  // An idle shard, with nothing left to free, is not woken again.
  trim_set_ = buffers_->kept() != 0;
  if (trim_set_) trim_.set(clock_.mono_ns() + trim_interval_ns);
}

ShardPool::ShardPool(std::size_t shards, const Clock& clock) {
  HOROLOG_ASSERT(shards > 0);
  for (std::size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, clock, counters_));
  }
}

ShardPool::~ShardPool() { stop(); }

void ShardPool::run_ready() {
  std::size_t done = 0;
  do {
    done = 0;
    for (const auto& shard : shards_) done += shard->run_ready();
  } while (done != 0);
}

void ShardPool::start() {
  running_ = true;
  for (const auto& shard : shards_) shard->start();
}

void ShardPool::stop() {
  running_ = false;
  for (const auto& shard : shards_) shard->stop();
}

Shard& ShardPool::least_loaded() {
  const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
  Shard* best = shards_[first].get();
  for (std::size_t i = 1; i < shards_.size(); ++i) {
    Shard* other = shards_[(first + i) % shards_.size()].get();
    if (other->load().load(std::memory_order_relaxed) <
        best->load().load(std::memory_order_relaxed)) {
      best = other;
    }
  }
  return *best;
}

}  // namespace horolog::net
