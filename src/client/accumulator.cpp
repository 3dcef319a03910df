#include "client/accumulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.hpp"

namespace horolog::client {

Accumulator::Accumulator(Settings settings, const Clock& clock, Hooks hooks)
    : settings_(settings),
      clock_(clock),
      hooks_(std::move(hooks)),
      random_(std::random_device{}()) {}

Status Accumulator::append(OutgoingRecord record, DeliveryCallback callback, bool may_wait) {
  if (record.timestamp == no_timestamp) record.timestamp = clock_.wall_ms();
  // Only a record that comes near the limit is measured: append() measures it again.
  std::size_t bytes = record.key.size() + record.value.size();
  if (bytes > std::min(settings_.batch_bytes, settings_.record_bytes_max) / 2 ||
      !record.headers.empty()) {
    bytes = ProducerBatch::size_alone(record);
    if (bytes > settings_.record_bytes_max) {
      return Error(Errc::too_large,
                   fmt::format("a record for {} takes {} bytes; max_request_bytes is {}",
                               record.topic, bytes, settings_.record_bytes_max));
    }
  }
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::unique_lock lock(mutex_);
  for (;;) {
    bool wake = false;
    auto needed = try_append(record, callback, wake);
    if (wake) {
      lock.unlock();
      hooks_.wake();
      lock.lock();
    }
    if (!needed) return std::move(needed).error();
    if (*needed == Need::nothing) return {};
    const bool topic = *needed == Need::topic;
    const std::string name(record.topic);
    if (topic) {
      lock.unlock();
      hooks_.need_topic(name);
      lock.lock();
    }
    if (!may_wait || hooks_.must_not_wait()) {
      return Error(Errc::busy, topic ? fmt::format("the partitions of {} are not known yet", name)
                                     : fmt::format("{} bytes of records wait to be sent "
                                                   "(buffer_memory)", used_));
    }
    if (!deadline) {
      deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(settings_.block_ns);
    }
    // The owner may have answered between the two locks.
    if (topic && (topic_of(name).partitions > 0 || topic_of(name).error)) continue;
    if (!topic) {
      // Batches that linger are sent at once now.
      ++waiting_for_memory_;
      lock.unlock();
      hooks_.wake();
      lock.lock();
      if (closed_ || memory_for(ProducerBatch::size_alone(record))) {
        --waiting_for_memory_;
        continue;
      }
    }
    const bool late = changed_.wait_until(lock, *deadline) == std::cv_status::timeout;
    if (!topic) --waiting_for_memory_;
    if (late) {
      return Error(Errc::timed_out,
                   topic ? fmt::format("the partitions of {} did not become known within {} ms "
                                       "(max_block); is the broker reachable?",
                                       name, settings_.block_ns / 1'000'000)
                         : fmt::format("no memory for a record of {} became free within {} ms "
                                       "(buffer_memory is {} bytes, max_block)",
                                       name, settings_.block_ns / 1'000'000,
                                       settings_.memory_bytes));
    }
  }
}

Result<Accumulator::Need> Accumulator::try_append(OutgoingRecord& record,
                                                  DeliveryCallback& callback, bool& wake) {
  if (closed_) return Error(Errc::closed, "the producer is closed");
  TopicQueues& topic = topic_of(record.topic);
  PartitionIndex partition = record.partition;
  if (partition == any_partition) {
    if (topic.error) return *std::exchange(topic.error, std::nullopt);
    if (topic.partitions == 0) return Need::topic;
    HOROLOG_ASSIGN(partition, choose(topic, record));
  } else if (partition < 0 || (topic.partitions > 0 && partition >= topic.partitions)) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} has no partition {}: it has {}", record.topic, partition,
                             topic.partitions));
  }
  PartitionQueue& queue = queue_of(topic, partition);
  ProducerBatch* batch = queue.open;
  std::size_t before = batch == nullptr ? 0 : batch->size();
  if (batch == nullptr || !batch->append(record, callback)) {
    if (batch != nullptr) {
      close_open(queue);
      wake = true;
    }
    batch = start_batch(queue, ProducerBatch::size_alone(record));
    if (batch == nullptr) return Need::memory;
    before = 0;
    const bool fits = batch->append(record, callback);
    HOROLOG_ASSERT(fits);
    if (!queue.announced) {
      queue.announced = true;
      announced_.push_back(&queue);
      wake = true;
    }
  }
  if (record.partition == any_partition && record.key.is_null()) {
    topic.sticky.appended(batch->size() - before, settings_.batch_bytes);
  }
  return Need::nothing;
}

TopicQueues& Accumulator::topic_of(std::string_view name) {
  if (last_topic_ != nullptr && last_topic_->name == name) return *last_topic_;
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    found = topics_.emplace(std::string(name), std::make_unique<TopicQueues>()).first;
    found->second->name = name;
  }
  last_topic_ = found->second.get();
  return *last_topic_;
}

Result<PartitionIndex> Accumulator::choose(TopicQueues& topic, const OutgoingRecord& record) {
  if (hooks_.partitioner) {
    const PartitionIndex chosen = hooks_.partitioner(record, topic.partitions);
    if (chosen >= 0 && chosen < topic.partitions) return chosen;
    return Error(Errc::invalid_argument,
                 fmt::format("the partitioner chose partition {} of {}, which has {}", chosen,
                             topic.name, topic.partitions));
  }
  if (!record.key.is_null()) return partition_of_key(record.key.view(), topic.partitions);
  const std::uint64_t random = topic.sticky.must_choose() ? random_() : 0;
  return topic.sticky.current(topic.partitions, random);
}

PartitionQueue& Accumulator::queue_of(TopicQueues& topic, PartitionIndex partition) {
  const auto at = static_cast<std::size_t>(partition);
  if (at >= topic.queues.size()) topic.queues.resize(at + 1);
  if (!topic.queues[at]) {
    topic.queues[at] = std::make_unique<PartitionQueue>();
    topic.queues[at]->topic = &topic;
    topic.queues[at]->partition = partition;
  }
  return *topic.queues[at];
}

bool Accumulator::memory_for(std::size_t bytes) const {
  // A batch that is larger than the whole bound may go alone.
  return used_ == 0 || used_ + std::max(settings_.batch_bytes, bytes) <= settings_.memory_bytes;
}

ProducerBatch* Accumulator::start_batch(PartitionQueue& queue, std::size_t bytes) {
  const std::size_t capacity = std::max(settings_.batch_bytes, bytes);
  if (!memory_for(capacity)) return nullptr;
  queue.open = fresh(queue, capacity);
  ++next_number_;
  link(queue.open, youngest_);
  return queue.open;
}

ProducerBatch* Accumulator::fresh(PartitionQueue& queue, std::size_t capacity) {
  ProducerBatch* batch = nullptr;
  if (capacity == settings_.batch_bytes && !spare_.empty()) {
    batch = spare_.back();
    spare_.pop_back();
  } else {
    batches_.push_back(std::make_unique<ProducerBatch>());
    batch = batches_.back().get();
    spare_.reserve(batches_.size());
  }
  batch->start(queue, capacity, next_number_, clock_.mono_ns());
  used_ += batch->charged();
  return batch;
}

void Accumulator::close_open(PartitionQueue& queue) {
  queue.closed.push_back(std::exchange(queue.open, nullptr));
  queue.topic->sticky.batch_ended(queue.partition);
}

void Accumulator::set_partitions(std::string_view name, std::int32_t partitions) {
  const std::lock_guard lock(mutex_);
  TopicQueues& topic = topic_of(name);
  topic.partitions = partitions;
  topic.error.reset();
  changed_.notify_all();
}

void Accumulator::set_topic_error(std::string_view name, const Error& error) {
  const std::lock_guard lock(mutex_);
  TopicQueues& topic = topic_of(name);
  if (topic.partitions == 0) topic.error = error;
  changed_.notify_all();
}

void Accumulator::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void Accumulator::take_announced(std::vector<PartitionQueue*>& out) {
  const std::lock_guard lock(mutex_);
  out.insert(out.end(), announced_.begin(), announced_.end());
  announced_.clear();
}

Accumulator::Taken Accumulator::take(PartitionQueue& queue, MonoNs now) {
  const std::lock_guard lock(mutex_);
  if (queue.closed.empty() && queue.open != nullptr) {
    // Somebody who waits for memory waits for this too.
    const bool ready = closed_ || waiting_for_memory_ > 0 || queue.open->number < flush_before_ ||
                       now - queue.open->created_ns >= settings_.linger_ns;
    if (!ready) return {.batch = nullptr, .ready_ns = queue.open->created_ns + settings_.linger_ns};
  }
  ProducerBatch* batch = pop(queue);
  return {.batch = batch, .empty = batch == nullptr};
}

ProducerBatch* Accumulator::take_older(PartitionQueue& queue, MonoNs ns) {
  const std::lock_guard lock(mutex_);
  const ProducerBatch* first = queue.closed.empty() ? queue.open : queue.closed.front();
  return first != nullptr && first->created_ns <= ns ? pop(queue) : nullptr;
}

ProducerBatch* Accumulator::take_any(PartitionQueue& queue) {
  const std::lock_guard lock(mutex_);
  return pop(queue);
}

ProducerBatch* Accumulator::pop(PartitionQueue& queue) {
  if (queue.closed.empty() && queue.open != nullptr) close_open(queue);
  ProducerBatch* batch = queue.closed.pop_front();
  if (batch == nullptr) queue.announced = false;
  return batch;
}

ProducerBatch* Accumulator::extra(ProducerBatch& like) {
  const std::lock_guard lock(mutex_);
  ProducerBatch* batch = fresh(*like.queue, std::max(settings_.batch_bytes, like.size()));
  // It stands for records that were taken when the other batch was.
  batch->number = like.number;
  link(batch, &like);
  return batch;
}

void Accumulator::release(ProducerBatch* batch) {
  const std::lock_guard lock(mutex_);
  used_ -= batch->charged();
  unlink(batch);
  if (batch->charged() == settings_.batch_bytes) {
    spare_.push_back(batch);
  } else {
    std::erase_if(batches_, [&](const auto& owned) { return owned.get() == batch; });
  }
  if (waiting_for_memory_ > 0) changed_.notify_all();
}

void Accumulator::link(ProducerBatch* batch, ProducerBatch* after) {
  batch->older = after;
  batch->younger = after == nullptr ? nullptr : after->younger;
  (batch->older == nullptr ? oldest_ : batch->older->younger) = batch;
  (batch->younger == nullptr ? youngest_ : batch->younger->older) = batch;
}

void Accumulator::unlink(ProducerBatch* batch) {
  (batch->older == nullptr ? oldest_ : batch->older->younger) = batch->younger;
  (batch->younger == nullptr ? youngest_ : batch->younger->older) = batch->older;
}

std::uint64_t Accumulator::flush() {
  const std::lock_guard lock(mutex_);
  flush_before_ = next_number_;
  return next_number_;
}

bool Accumulator::done(std::uint64_t mark) const {
  const std::lock_guard lock(mutex_);
  return oldest_ == nullptr || oldest_->number >= mark;
}

bool Accumulator::empty() const {
  const std::lock_guard lock(mutex_);
  return oldest_ == nullptr;
}

std::size_t Accumulator::memory_used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace horolog::client
