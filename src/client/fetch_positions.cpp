#include "client/fetch_positions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace horolog::client {
namespace {

constexpr TimestampMs latest = -1;
constexpr TimestampMs earliest = -2;

}  // namespace

FetchPositions::FetchPositions(Settings settings) : settings_(settings) {}

void FetchPositions::add(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& tp : partitions) {
    const auto [at, added] = partitions_.try_emplace(tp);
    if (!added) continue;
    at->second.name = std::make_shared<const TopicPartition>(tp);
    start(at->second);
  }
}

/// A partition that came: where it starts has to be looked up.
void FetchPositions::start(Partition& partition) {
  jump(partition);
  if (settings_.use_committed) {
    partition.stage = Stage::committed;
  } else {
    apply_policy(partition, "there is no group with a committed offset");
  }
}

void FetchPositions::remove(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& tp : partitions) {
    const auto at = partitions_.find(tp);
    if (at == partitions_.end()) continue;
    drop(at->second);
    partitions_.erase(at);
  }
}

void FetchPositions::set(const std::vector<TopicPartition>& partitions) {
  const std::set<TopicPartition> wanted(partitions.begin(), partitions.end());
  std::vector<TopicPartition> gone;
  for (const auto& [tp, partition] : partitions_) {
    if (!wanted.contains(tp)) gone.push_back(tp);
  }
  remove(gone);
  add(partitions);
}

std::set<TopicPartition> FetchPositions::assigned() const {
  std::set<TopicPartition> out;
  for (const auto& [tp, partition] : partitions_) out.insert(tp);
  return out;
}

FetchPositions::Partition* FetchPositions::find(const TopicPartition& tp) {
  const auto at = partitions_.find(tp);
  return at == partitions_.end() ? nullptr : &at->second;
}
const FetchPositions::Partition* FetchPositions::find(const TopicPartition& tp) const {
  const auto at = partitions_.find(tp);
  return at == partitions_.end() ? nullptr : &at->second;
}

/// Drops what is buffered of it.
void FetchPositions::drop(Partition& partition) {
  std::erase_if(ready_, [&](const Ready& ready) {
    if (*ready.cursor->partition() != *partition.name) return false;
    buffered_ -= ready.cursor->bytes();
    return true;
  });
  partition.buffered = 0;
}

void FetchPositions::jump(Partition& partition) {
  drop(partition);
  partition.ticket = ++last_ticket_;
  partition.position = partition.next_fetch = no_offset;
  partition.epoch = partition.validated = -1;
  partition.error.reset();
  partition.not_before = 0;
}

void FetchPositions::seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch) {
  Partition& partition = partitions_.at(tp);
  jump(partition);
  partition.position = partition.next_fetch = offset;
  partition.epoch = epoch;
  partition.stage = Stage::fetching;
}

void FetchPositions::reset(const TopicPartition& tp, TimestampMs time) {
  Partition& partition = partitions_.at(tp);
  jump(partition);
  partition.reset_time = time;
  partition.stage = Stage::reset;
}

void FetchPositions::pause(const TopicPartition& tp, bool paused) {
  partitions_.at(tp).paused = paused;
}

void FetchPositions::apply_policy(Partition& partition, const std::string& why) {
  if (settings_.reset == OffsetReset::none) {
    partition.stage = Stage::failed;
    partition.error = Error(Errc::out_of_range,
                            fmt::format("{}: {}, and offset_reset says not to choose one: seek it",
                                        partition.name->to_string(), why));
    return;
  }
  partition.stage = Stage::reset;
  partition.reset_time = settings_.reset == OffsetReset::earliest ? earliest : latest;
}

void FetchPositions::found_committed(const TopicPartition& tp, std::uint64_t ticket,
                                     const std::optional<CommittedOffset>& committed) {
  Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket) return;
  if (!committed) return apply_policy(*partition, "its group has not committed an offset");
  seek(tp, committed->offset, committed->leader_epoch);
}

void FetchPositions::found_reset(const TopicPartition& tp, std::uint64_t ticket, Offset offset,
                                 LeaderEpoch) {
  const Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket) return;
  seek(tp, offset, -1);
}

void FetchPositions::found_epoch_end(const TopicPartition& tp, std::uint64_t ticket, Offset end,
                                     LeaderEpoch leader_epoch) {
  Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket ||
      partition->stage != Stage::validation) {
    return;
  }
  if (end >= partition->position) {
    partition->stage = Stage::fetching;
    partition->validated = leader_epoch;
    return;
  }
  const std::string why =
      fmt::format("the log was cut at {}, before the position {}", end, partition->position);
  if (end < 0 || settings_.reset == OffsetReset::none) {
    jump(*partition);
    return apply_policy(*partition, why);
  }
  seek(tp, end, -1);
}

void FetchPositions::failed(const TopicPartition& tp, std::uint64_t ticket, Error error) {
  Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket) return;
  partition->stage = Stage::failed;
  partition->error = std::move(error);
}

bool FetchPositions::is_full(const Partition& partition) const {
  return partition.buffered >= settings_.partition_bytes ||
         (partition.buffered > 0 && room() == 0);
}

bool FetchPositions::may_fetch(const Partition& partition, MonoNs now) const {
  return partition.stage == Stage::fetching && !partition.paused &&
         partition.next_fetch != no_offset && now >= partition.not_before;
}

std::size_t FetchPositions::room() const {
  return settings_.buffered_bytes > buffered_ ? settings_.buffered_bytes - buffered_ : 0;
}

void FetchPositions::fetched(const TopicPartition& tp, std::uint64_t ticket, Offset offset,
                             FetchedPart part, const std::shared_ptr<BatchPool>& pool) {
  Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket || partition->next_fetch != offset ||
      part.records.empty()) {
    return;
  }
  part.partition = partition->name;
  // Damaged bytes are found by the cursor; until poll() has reported them nothing more is asked.
  const auto after = offset_after(part.records);
  partition->next_fetch = after && *after > offset ? *after : no_offset;
  partition->buffered += part.records.size();
  buffered_ += part.records.size();
  ready_.push_back({ticket, std::make_unique<FetchCursor>(std::move(part), offset,
                                                          partition->epoch, settings_.cursor,
                                                          pool)});
}

void FetchPositions::out_of_range(const TopicPartition& tp, std::uint64_t ticket, Offset offset) {
  Partition* partition = find(tp);
  if (partition == nullptr || partition->ticket != ticket || partition->next_fetch != offset) {
    return;
  }
  if (partition->buffered > 0) {
    // What is buffered is good; the position is asked about again when it has been handed out.
    return;
  }
  jump(*partition);
  apply_policy(*partition, fmt::format("the offset {} is out of range", offset));
}

bool FetchPositions::current(const Ready& ready) const {
  const Partition* partition = find(*ready.cursor->partition());
  return partition != nullptr && partition->ticket == ready.ticket && !partition->paused;
}

const FetchPositions::Ready* FetchPositions::next_ready() const {
  const auto at =
      std::ranges::find_if(ready_, [this](const Ready& ready) { return current(ready); });
  return at == ready_.end() ? nullptr : &*at;
}

bool FetchPositions::ready() const {
  if (next_ready() != nullptr) return true;
  return std::ranges::any_of(partitions_, [](const auto& entry) {
    return entry.second.error.has_value() && !entry.second.paused;
  });
}

void FetchPositions::read_from(Ready& ready, std::size_t max, BatchStorage& out) {
  Partition& partition = partitions_.at(*ready.cursor->partition());
  const Status status = ready.cursor->read(max, out);
  partition.position = ready.cursor->position();
  partition.epoch = ready.cursor->epoch();
  const auto part = std::ranges::find(out.parts, partition.name, &BatchStorage::Part::partition);
  if (part == out.parts.end()) {
    out.parts.push_back({partition.name, partition.position, partition.epoch});
  } else {
    part->next = partition.position;
    part->epoch = partition.epoch;
  }
  if (!status) {
    drop(partition);
    partition.stage = Stage::failed;
    partition.error = status.error();
    return;
  }
  if (!ready.cursor->done()) return;
  made_room_ = true;
  partition.buffered -= ready.cursor->bytes();
  buffered_ -= ready.cursor->bytes();
  if (partition.next_fetch == no_offset) partition.next_fetch = partition.position;
  const auto at = std::ranges::find(ready_, &ready, [](const Ready& r) { return &r; });
  ready_.erase(at);
}

Status FetchPositions::hand_out(std::size_t max, BatchStorage& out) {
  while (out.records.size() < max) {
    const Ready* next = next_ready();
    if (next == nullptr) break;
    read_from(const_cast<Ready&>(*next), max, out);
  }
  if (!out.records.empty()) return {};
  for (const auto& [tp, partition] : partitions_) {
    if (partition.error && !partition.paused) return *partition.error;
  }
  return {};
}

}  // namespace horolog::client
