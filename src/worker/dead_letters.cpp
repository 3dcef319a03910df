#include "worker/dead_letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"
#include "worker/names.hpp"
#include "worker/task_fields.hpp"

namespace horolog::worker {
namespace {

/// Headers of ours that a new task keeps. Its expiry was meant for the first time.
bool travels(std::string_view name) {
  namespace known = scheduler::header;
  constexpr std::array kept{known::max_attempts, known::backoff, known::timeout, known::priority,
                            known::lane};
  return !name.starts_with(scheduler::header_prefix) ||
         std::find(kept.begin(), kept.end(), name) != kept.end();
}

std::int64_t number_of(std::string_view text) {
  std::int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string letters_topic(const std::string& topic) {
  return topic.ends_with(dead_letter_suffix) ? topic : fmt::format("{}{}", topic,
                                                                   dead_letter_suffix);
}

void DeadLetters::settled_before(const TopicPartition& place, CompletedOffsets settled) {
  const Offset next = settled.next();
  partitions_[place] = {std::move(settled), next, false};
}

Status DeadLetters::add(const RecordView& record) {
  DeadLetter letter{.place = {std::string(record.topic), record.partition},
                    .offset = record.offset,
                    .timestamp = record.timestamp};
  letter.key = record.key.to_owned();
  letter.value = record.value.to_owned();
  for (const HeaderView& each : record.headers) {
    const std::string_view text = each.value.text();
    if (each.key == header::dead_topic) letter.topic = std::string(text);
    if (each.key == header::dead_partition)
      letter.partition = static_cast<PartitionIndex>(number_of(text));
    if (each.key == header::dead_offset) letter.origin = number_of(text);
    if (each.key == header::dead_cause) letter.cause = std::string(text);
    if (each.key == header::dead_at) letter.dead_at = number_of(text);
    if (each.key == header::dead_worker) letter.worker = std::string(text);
    if (travels(each.key)) letter.headers.push_back({std::string(each.key), each.value.to_owned()});
  }
  if (letter.topic.empty())
    return Error(Errc::corrupt, fmt::format("{}:{}:{} has no {}: it is no dead letter",
                                            record.topic, record.partition, record.offset,
                                            header::dead_topic));
  TaskFields fields = read_task_fields(record);
  letter.fire_id = std::move(fields.fire_id);
  letter.attempt = fields.attempt;
  letter.schedule = std::move(fields.schedule);
  Partition& its = partitions_[letter.place];
  its.settled.gap(its.seen, record.offset);
  its.seen = std::max(its.seen, record.offset + 1);
  letter.settled = its.settled.contains(record.offset);
  all_.push_back(std::move(letter));
  return {};
}

std::vector<DeadLetter> DeadLetters::open() const {
  std::vector<DeadLetter> out;
  for (const DeadLetter& each : all_)
    if (!each.settled) out.push_back(each);
  return out;
}

const DeadLetter* DeadLetters::find_open(const std::string& fire_id) const {
  const DeadLetter* found = nullptr;
  for (const DeadLetter& each : all_)
    if (!each.settled && each.fire_id == fire_id &&
        (found == nullptr || each.attempt >= found->attempt))
      found = &each;
  return found;
}

Status DeadLetters::settle(const DeadLetter& letter, std::size_t metadata_bytes) {
  Partition& its = partitions_.at(letter.place);
  if (!its.settled.try_start(letter.offset, metadata_bytes))
    return Error(Errc::too_large,
                 fmt::format("{}:{}:{} is too far behind the first letter that is not settled "
                             "(offset {}): 'horolog task dlq retry {}' settles all in their order",
                             letter.place.topic, letter.place.partition, letter.offset,
                             its.settled.next(), letter.topic));
  its.settled.complete(letter.offset);
  its.changed = true;
  return {};
}

std::map<TopicPartition, CompletedOffsets> DeadLetters::changed() const {
  std::map<TopicPartition, CompletedOffsets> out;
  for (const auto& [place, its] : partitions_)
    if (its.changed) out.emplace(place, its.settled);
  return out;
}

scheduler::OutRecord settled_record(const DeadLetter& letter, std::string_view event,
                                    std::string reason, TimestampMs now) {
  scheduler::RunRecord run;
  run.event = std::string(event);
  run.schedule = letter.schedule;
  run.fire_id = letter.fire_id;
  run.attempt = letter.attempt;
  run.target = letter.topic;
  run.at_ms = now;
  if (!reason.empty()) run.reason = std::move(reason);
  return run.to_record();
}

}  // namespace horolog::worker
