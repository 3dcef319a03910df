#include "scheduler/target_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "scheduler/names.hpp"
#include "scheduler/topic_lookup.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs remembered_ns = 60'000'000'000;
constexpr MonoNs just_asked_ns = 500'000'000;
constexpr std::size_t most_remembered = 100'000;

/// The headers and keys that a definition and a fire add to a command, its name apart.
constexpr std::size_t added_bytes = 600;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

/// Without compression, because nobody knows what it would save.
Status check_room(const OutRecord& record, const std::string& topic, const TopicRoom& room) {
  const std::size_t name = record.key ? record.key->size() : 0;
  const std::size_t needed = batch_bytes_of(record) + name + added_bytes;
  if (needed <= room.batch_bytes) return {};
  return invalid(fmt::format("payload and headers of {} bytes are too large: {} takes {} at once "
                             "(max.message.bytes), {} of them for what is added",
                             batch_bytes_of(record), timekeeping::quoted(topic), room.batch_bytes,
                             name + added_bytes));
}

Status check_target(const Definition& definition, const TopicRoom& room) {
  const std::string& topic = definition.target;
  if (definition.out_partition && *definition.out_partition >= room.partitions)
    return invalid(fmt::format("target {} has {} partitions: there is no partition {}",
                               timekeeping::quoted(topic), room.partitions,
                               *definition.out_partition));
  if (room.needs_keys && !definition.out_key)
    return invalid(fmt::format("target {} is compacted, so its records need a key (horolog-key)",
                               timekeeping::quoted(topic)));
  return check_room(definition.record, topic, room);
}

}  // namespace

bool is_target(std::string_view topic) {
  return topic != topic::state && topic != topic::runs && topic != topic::commands;
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Status TargetTable::check(const Definition& definition) {
  const std::string& topic = definition.target;
  if (topic.starts_with("__"))
    return invalid(fmt::format("target {}: internal topics are not written to by schedules",
                               timekeeping::quoted(topic)));
  if (topic.starts_with("horolog.") && definition.retry_of.empty())
    return invalid(fmt::format("target {}: the scheduler's own topics are not written to by "
                               "schedules", timekeeping::quoted(topic)));
  const bool allowed = std::any_of(allowed_.begin(), allowed_.end(), [&](const auto& pattern) {
    return matches_pattern(pattern, topic);
  });
  if (!allowed)
    return invalid(fmt::format("target {} is not allowed by scheduler.targets.allow",
                               timekeeping::quoted(topic)));
  HOROLOG_ASSIGN(const TopicRoom remembered, room(topic));
  if (check_target(definition, remembered)) return {};
  // A limit that was raised counts at once.
  HOROLOG_ASSIGN(const TopicRoom now, ask_room(topic));
  return check_target(definition, now);
}

Status TargetTable::check_size(const OutRecord& record) {
  for (const auto own : {topic::commands, topic::state}) {
    const std::string name(own);
    HOROLOG_ASSIGN(const TopicRoom found, room(name));
    const Status fits = check_room(record, name, found);
    if (!fits) return forget(name), fits;
  }
  return {};
}

std::optional<TargetTable::Known> TargetTable::known(const std::string& topic) {
  const std::scoped_lock lock(mutex_);
  const auto at = known_.find(topic);
  if (at == known_.end()) return std::nullopt;
  return at->second;
}

Result<TopicRoom> TargetTable::room(const std::string& topic) {
  const auto before = known(topic);
  if (before && before->room && clock_.mono_ns() - before->asked < remembered_ns)
    return *before->room;
  return ask_room(topic);
}

std::optional<std::string> TargetTable::refusal(const Fire& fire) {
  const auto before = known(fire.topic);
  const MonoNs age = before ? clock_.mono_ns() - before->asked : remembered_ns;
  if (before && before->room && age < remembered_ns) {
    auto why = why_refused(fire, *before->room);
    if (!why || age < just_asked_ns) return why;
  } else if (age < just_asked_ns) {
    return std::nullopt;
  }
  const auto now = ask_room(fire.topic);
  return now ? why_refused(fire, *now) : std::nullopt;
}

/// That there is no answer is remembered too: for a moment it is not asked again for every fire.
Result<TopicRoom> TargetTable::ask_room(const std::string& topic) {
  const MonoNs now = clock_.mono_ns();
  const auto remember = [&](std::optional<TopicRoom> found) {
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= most_remembered) known_.clear();
    known_[topic] = {found, now};
  };
  const auto shape = ask_topic(*cluster_, topic, "target " + timekeeping::quoted(topic));
  const auto limits = shape ? ask_limits(*cluster_, topic) : shape.error();
  if (!limits) {
    remember(std::nullopt);
    return limits.error();
  }
  const TopicRoom found{shape->partitions, limits->batch_bytes, limits->compacted};
  remember(found);
  return found;
}

void TargetTable::forget(const std::string& topic) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = known_.find(topic); at != known_.end()) at->second.room.reset();
}

}  // namespace horolog::scheduler
