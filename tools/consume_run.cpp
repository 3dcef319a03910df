#include "tools/consume_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/record_json.hpp"

namespace horolog::command {
namespace {

using std::chrono::milliseconds;

/// How soon a signal, a reader that has gone and markers at the end of a log are noticed.
constexpr milliseconds poll_time{100};
constexpr TimestampMs commit_interval_ms = 1000;
constexpr milliseconds commit_time{10'000};

}  // namespace

Status ConsumeRun::assign(const std::vector<ConsumeRange>& ranges) {
  std::vector<TopicPartition> ids;
  for (const ConsumeRange& range : ranges) {
    Partition& partition = partitions_[range.id];
    partition = {.until = range.until, .next = range.from, .bounds = range.bounds};
    partition.done = range.until != no_offset && range.from >= range.until;
    if (!partition.done) ids.push_back(range.id);
  }
  assigned_ = true;
  if (ids.empty()) return {};
  HOROLOG_TRY(consumer_.assign(ids));
  for (const TopicPartition& id : ids) HOROLOG_TRY(consumer_.seek(id, partitions_.at(id).next));
  return {};
}

Status ConsumeRun::subscribe(std::vector<std::string> topics) {
  RebalanceListener listener;
  listener.assigned = [this](const std::vector<TopicPartition>& ids) { took_partitions(ids); };
  const auto gone = [this](const std::vector<TopicPartition>& ids) {
    for (const TopicPartition& id : ids) {
      partitions_.erase(id);
      handled_.erase(id);
    }
    last_ = nullptr;
  };
  listener.revoked = [this, gone](const std::vector<TopicPartition>& ids) {
    // A failure means that the next owner prints some records again; it does not stop this one.
    if (const Status status = commit(); !status) context_.warn(status.error().message());
    gone(ids);
  };
  listener.lost = gone;
  return consumer_.subscribe(std::move(topics), std::move(listener));
}

void ConsumeRun::took_partitions(const std::vector<TopicPartition>& ids) {
  assigned_ = true;
  std::map<TopicPartition, Offset> ends;
  if (request_.exit_at_end && !ids.empty()) {
    const milliseconds patience(context_.settings().integer("request.timeout.ms"));
    auto found = consumer_.end_offsets(ids, patience);
    if (!found) {
      lookup_error_ = found.error();
      return;
    }
    ends = std::move(*found);
  }
  for (const TopicPartition& id : ids) {
    const auto end = ends.find(id);
    partitions_[id] = {.until = end == ends.end() ? no_offset : end->second, .bounds = {}};
  }
}

ConsumeRun::Partition& ConsumeRun::partition_of(const RecordView& record) {
  if (last_ == nullptr || record.topic.data() != last_topic_ || record.partition != last_index_) {
    last_topic_ = record.topic.data();
    last_index_ = record.partition;
    last_ = &partitions_[{std::string(record.topic), record.partition}];
  }
  return *last_;
}

bool ConsumeRun::wanted(const RecordView& record) const {
  if (request_.filter_key && !request_.filter_key->found_in(record.key.text())) return false;
  return !request_.grep || request_.grep->found_in(record.value.text());
}

Result<bool> ConsumeRun::print(const RecordBatch& batch) {
  // A batch's topic name may lie where that of an earlier one lay.
  last_ = nullptr;
  std::string& out = output_.buffer();
  for (const RecordView& record : batch) {
    Partition& partition = partition_of(record);
    if (partition.until != no_offset && record.offset >= partition.until) continue;
    partition.next = record.offset + 1;
    if (!wanted(record)) continue;
    partition.bounds.counter = ++printed_;
    if (request_.json) {
      append_record_json(out, record);
    } else {
      append_record(out, request_.pieces, record, partition.bounds);
    }
    if (output_.full()) HOROLOG_TRY(output_.flush());
    if (printed_ == request_.max || output_.closed()) break;
  }
  HOROLOG_TRY(output_.flush());
  if (output_.closed()) return false;
  if (!request_.group.empty()) {
    for (const auto& [id, offset] : batch.offsets()) {
      CommittedOffset upto = offset;
      const Partition& partition = partitions_[id];
      // Not all of it may have been printed.
      if (printed_ == request_.max) upto.offset = std::min(upto.offset, partition.next);
      if (partition.until != no_offset) upto.offset = std::min(upto.offset, partition.until);
      if (upto.offset > 0) handled_[id] = upto;
    }
  }
  return printed_ != request_.max;
}

/// What is not a record (the end of a transaction) moves a position without being given out.
void ConsumeRun::look_at_positions() {
  for (auto& [id, partition] : partitions_) {
    if (partition.done || partition.until == no_offset) continue;
    const auto position = consumer_.position(id, milliseconds(0));
    if (position && *position > partition.next) {
      partition.next = *position;
      last_progress_ = context_.now();
    }
  }
}

bool ConsumeRun::all_done() {
  bool done = assigned_;
  for (auto& [id, partition] : partitions_) {
    if (partition.done) continue;
    partition.done = partition.until != no_offset && partition.next >= partition.until;
    done = done && partition.done;
    // Best effort: a partition that has just been revoked is not read any more either.
    if (partition.done) static_cast<void>(consumer_.pause({id}));
  }
  return done && (request_.exit_at_end || request_.range.to);
}

/// A broker that has gone must not keep a script waiting for an end that cannot come.
Status ConsumeRun::check_patience() {
  const TimestampMs patience = context_.settings().integer("request.timeout.ms");
  if (!request_.exit_at_end || !request_.group.empty()) return {};
  if (context_.now() - last_progress_ <= patience) return {};
  for (const auto& [id, partition] : partitions_) {
    if (partition.done) continue;
    return Error(Errc::timed_out,
                 fmt::format("nothing of {}:{} came for {} ms (request.timeout.ms): at {}, its end "
                             "is {}",
                             id.topic, id.partition, patience, partition.next,
                             partition.until));
  }
  return {};
}

Status ConsumeRun::commit() {
  committed_at_ = context_.now();
  if (handled_.empty()) return {};
  return consumer_.commit(std::exchange(handled_, {}), commit_time);
}

/// One poll; false when there is nothing more to do.
Result<bool> ConsumeRun::round() {
  if (all_done()) return false;
  HOROLOG_ASSIGN(const RecordBatch batch, consumer_.poll(poll_time));
  if (lookup_error_) return *lookup_error_;
  const TimestampMs now = context_.now();
  if (!batch.empty()) {
    last_record_ = last_progress_ = now;
    HOROLOG_ASSIGN(const bool more, print(batch));
    if (!more) return false;
  } else {
    look_at_positions();
    if (output_.reader_gone()) return false;
    if (request_.timeout_ms >= 0 && now - last_record_ >= request_.timeout_ms) return false;
    HOROLOG_TRY(check_patience());
  }
  if (!handled_.empty() && now - committed_at_ >= commit_interval_ms) {
    consumer_.commit_async(std::exchange(handled_, {}));
    committed_at_ = now;
  }
  return true;
}

Status ConsumeRun::run() {
  last_record_ = last_progress_ = committed_at_ = context_.now();
  if (request_.max == 0) return {};
  while (!stop_requested()) {
    HOROLOG_ASSIGN(const bool more, round());
    if (!more) break;
  }
  if (request_.group.empty()) return {};
  HOROLOG_TRY(commit());
  return consumer_.close(commit_time);
}

}  // namespace horolog::command
