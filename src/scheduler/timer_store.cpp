#include "scheduler/timer_store.hpp"

#include <utility>

namespace horolog::scheduler {

using timekeeping::BucketId;
using timekeeping::Timer;

Result<TimerStore> TimerStore::create(const std::string& directory, TimestampMs now) {
  HOROLOG_ASSIGN(LocalFile file, LocalFile::nameless(directory, "the mirror's timers"));
  return TimerStore(std::move(file), now);
}

Status TimerStore::add(const Timer& timer) {
  if (buckets_.is_near(timer.due)) {
    wheel_.add(timer);
    return {};
  }
  Bucket& bucket = contents_[buckets_.place_of(timer.due)];
  if (bucket.rest.size() == timers_per_block) HOROLOG_TRY(write_block(bucket));
  bucket.rest.push_back(timer);
  buckets_.add(timer.due);
  return {};
}

Status TimerStore::write_block(Bucket& bucket) {
  ByteBuffer bytes;
  bytes.reserve(block_bytes);
  for (const Timer& timer : bucket.rest) {
    append_be(bytes, timer.due);
    append_be(bytes, timer.key_hash);
    append_be(bytes, timer.generation);
  }
  const std::uint32_t block = free_blocks_.empty() ? blocks_ : free_blocks_.back();
  HOROLOG_TRY(file_.write_at(bytes, std::uint64_t{block} * block_bytes));
  if (free_blocks_.empty()) {
    ++blocks_;
  } else {
    free_blocks_.pop_back();
  }
  bucket.blocks.push_back(block);
  bucket.rest.clear();
  return {};
}

Status TimerStore::read_block(std::uint32_t block,
                              const std::function<Status(const Timer&)>& visit) const {
  ByteBuffer bytes(block_bytes);
  HOROLOG_TRY(file_.read_at(bytes, std::uint64_t{block} * block_bytes));
  for (std::size_t i = 0; i < timers_per_block; ++i) {
    const std::byte* at = bytes.data() + i * timer_bytes;
    HOROLOG_TRY(visit({.due = load_be<std::int64_t>(at),
                       .key_hash = load_be<std::uint64_t>(at + 8),
                       .generation = load_be<std::int64_t>(at + 16)}));
  }
  return {};
}

Status TimerStore::open_bucket(const BucketId& id, const IsLive& is_live) {
  auto found = contents_.extract(id);
  if (!found) return {};
  const Bucket& bucket = found.mapped();
  const auto pass_on = [&](const Timer& timer) { return is_live(timer) ? add(timer) : Status(); };
  for (const std::uint32_t block : bucket.blocks) {
    HOROLOG_TRY(read_block(block, pass_on));
    free_blocks_.push_back(block);
  }
  for (const Timer& timer : bucket.rest) HOROLOG_TRY(pass_on(timer));
  return {};
}

Status TimerStore::for_each(const std::function<Status(const Timer&)>& visit) const {
  Status failed;
  wheel_.for_each([&](const Timer& timer) {
    if (failed) failed = visit(timer);
  });
  HOROLOG_TRY(failed);
  for (const auto& [id, bucket] : contents_) {
    for (const std::uint32_t block : bucket.blocks) HOROLOG_TRY(read_block(block, visit));
    for (const Timer& timer : bucket.rest) HOROLOG_TRY(visit(timer));
  }
  return {};
}

Status TimerStore::take(TimestampMs now, TimestampMs until, std::size_t most,
                        const IsLive& is_live, std::vector<Timer>& out) {
  for (const BucketId& id : buckets_.advance(now)) HOROLOG_TRY(open_bucket(id, is_live));
  wheel_.take(until, most, out);
  return {};
}

std::uint64_t TimerStore::memory_bytes() const {
  std::uint64_t bytes = wheel_.size() * timer_bytes;
  for (const auto& [id, bucket] : contents_)
    bytes += bucket.blocks.capacity() * sizeof(std::uint32_t) +
             bucket.rest.capacity() * timer_bytes;
  return bytes;
}

}  // namespace horolog::scheduler
