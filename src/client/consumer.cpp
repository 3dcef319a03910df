#include "horolog/consumer.hpp"

#include "client/consumer_core.hpp"

namespace horolog {
namespace {

using client::Cluster;
using client::ConsumerCore;

std::map<TopicPartition, TimestampMs> at_time(const std::vector<TopicPartition>& partitions,
                                              TimestampMs time) {
  std::map<TopicPartition, TimestampMs> out;
  for (const TopicPartition& tp : partitions) out.emplace(tp, time);
  return out;
}

Result<std::map<TopicPartition, Offset>> only_offsets(const Result<client::FoundOffsets>& found) {
  if (!found) return found.error();
  std::map<TopicPartition, Offset> out;
  for (const auto& [tp, at] : *found) out.emplace(tp, at.offset);
  return out;
}

}  // namespace

Consumer::Consumer(std::shared_ptr<ConsumerCore> core) : core_(std::move(core)) {}
Consumer::~Consumer() = default;
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;

Result<Consumer> Consumer::open(ConsumerOptions options) {
  HOROLOG_ASSIGN(auto cluster, Cluster::open(options.client));
  HOROLOG_ASSIGN(auto core, ConsumerCore::make(std::move(options), std::move(cluster), true));
  return Consumer(std::move(core));
}

Result<Consumer> Consumer::open(ConsumerOptions options, std::shared_ptr<Cluster> cluster) {
  HOROLOG_ASSIGN(auto core, ConsumerCore::make(std::move(options), std::move(cluster), false));
  return Consumer(std::move(core));
}

Status Consumer::subscribe(std::vector<std::string> topics, RebalanceListener listener) {
  return core_->subscribe({topics.begin(), topics.end()}, std::move(listener));
}
Status Consumer::subscribe_pattern(const std::string& pattern, RebalanceListener listener) {
  return core_->subscribe_pattern(pattern, std::move(listener));
}
Status Consumer::assign(std::vector<TopicPartition> partitions) {
  return core_->assign(partitions);
}
Status Consumer::unsubscribe() { return core_->unsubscribe(); }
std::set<TopicPartition> Consumer::assignment() const { return core_->assignment(); }
std::set<std::string> Consumer::subscription() const { return core_->subscription(); }

Result<RecordBatch> Consumer::poll(Timeout timeout) { return core_->poll(timeout); }
void Consumer::wakeup() { core_->wakeup(); }

Result<Offset> Consumer::position(const TopicPartition& tp, Timeout timeout) {
  return core_->position(tp, timeout);
}
Status Consumer::seek(const TopicPartition& tp, Offset offset) {
  return core_->seek(tp, offset, -1);
}
Status Consumer::seek(const TopicPartition& tp, const CommittedOffset& to) {
  return core_->seek(tp, to.offset, to.leader_epoch);
}
Status Consumer::seek_to_beginning(const std::vector<TopicPartition>& partitions) {
  return core_->reset(partitions, client::time_earliest);
}
Status Consumer::seek_to_end(const std::vector<TopicPartition>& partitions) {
  return core_->reset(partitions, client::time_latest);
}

Status Consumer::seek_to_time(const std::vector<TopicPartition>& partitions, TimestampMs time,
                              Timeout timeout) {
  HOROLOG_ASSIGN(const auto found, offsets_for_times(at_time(partitions, time), timeout));
  for (const TopicPartition& tp : partitions) {
    const auto at = found.find(tp);
    HOROLOG_TRY(at == found.end() ? seek_to_end({tp}) : seek(tp, at->second.offset));
  }
  return {};
}

Status Consumer::pause(const std::vector<TopicPartition>& partitions) {
  return core_->pause(partitions, true);
}
Status Consumer::resume(const std::vector<TopicPartition>& partitions) {
  return core_->pause(partitions, false);
}
std::set<TopicPartition> Consumer::paused() const { return core_->paused(); }

Status Consumer::commit(Timeout timeout) { return core_->commit(std::nullopt, timeout); }
Status Consumer::commit(const RecordBatch& batch, Timeout timeout) {
  return core_->commit(batch.offsets(), timeout);
}
Status Consumer::commit(Offsets offsets, Timeout timeout) {
  return core_->commit(std::move(offsets), timeout);
}
void Consumer::commit_async(Offsets offsets, CommitDone done) {
  core_->commit_async(std::move(offsets), std::move(done));
}
void Consumer::commit_async(CommitDone done) {
  core_->commit_async(std::nullopt, std::move(done));
}
Result<Offsets> Consumer::committed(const std::vector<TopicPartition>& partitions,
                                    Timeout timeout) {
  return core_->committed(partitions, timeout);
}
GroupMetadata Consumer::group_metadata() const { return core_->group_metadata(); }

Result<std::map<TopicPartition, Offset>> Consumer::beginning_offsets(
    const std::vector<TopicPartition>& partitions, Timeout timeout) {
  return only_offsets(core_->offsets_for(at_time(partitions, client::time_earliest), std::nullopt,
                                         timeout));
}
Result<std::map<TopicPartition, Offset>> Consumer::end_offsets(
    const std::vector<TopicPartition>& partitions, Timeout timeout,
    std::optional<Isolation> isolation) {
  return only_offsets(
      core_->offsets_for(at_time(partitions, client::time_latest), isolation, timeout));
}

Result<std::map<TopicPartition, OffsetAtTime>> Consumer::offsets_for_times(
    const std::map<TopicPartition, TimestampMs>& times, Timeout timeout) {
  for (const auto& [tp, time] : times) {
    if (time < 0) {
      return Error(Errc::invalid_argument, "offsets_for_times: the time of " + tp.to_string() +
                                               " is negative");
    }
  }
  HOROLOG_ASSIGN(auto found, core_->offsets_for(times, std::nullopt, timeout));
  std::erase_if(found, [](const auto& entry) { return entry.second.offset == no_offset; });
  return found;
}

Result<PartitionIndex> Consumer::partitions_for(const std::string& topic, Timeout timeout) {
  return core_->partitions_for(topic, timeout);
}
std::optional<std::int64_t> Consumer::lag(const TopicPartition& tp) const {
  return core_->lag(tp);
}

Status Consumer::close(Timeout timeout) { return core_->close(timeout); }

}  // namespace horolog
