#include "tools/schedule_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest_name.hpp"
#include "tools/key_list.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_access.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Flag flags[] = {
    {.name = "--prefix", .type = ValueType::text, .placeholder = "TEXT",
     .summary = "keys that begin so"},
    {.name = "--label", .letter = 'l', .type = ValueType::key_value, .placeholder = "NAME=VALUE",
     .summary = "with that label; several: with all of them", .repeatable = true},
    {.name = "--target", .type = ValueType::topic, .placeholder = "TOPIC",
     .summary = "that fire into this topic"},
    {.name = "--from", .type = ValueType::text, .placeholder = "TIME",
     .summary = "that fire next at this time or later"},
    {.name = "--until", .type = ValueType::text, .placeholder = "TIME",
     .summary = "that fire next before this time"},
    {.name = "--paused", .summary = "that are paused"},
    {.name = "--all", .summary = "every schedule"},
};

/// What words and flags say, in two steps: by what a definition tells, and by what became of it.
class Selection {
 public:
  static Result<Selection> of(const Context& context) {
    constexpr TimestampMs never = std::numeric_limits<TimestampMs>::max();
    Selection out;
    out.in_words_ = key_filter(context);
    for (const std::string& word : context.args())
      if (!is_key_pattern(word)) out.named_[word] = false;
    out.prefix_ = context.text("--prefix").value_or("");
    out.target_ = context.text("--target");
    for (const std::string& word : context.all("--label")) {
      const std::size_t equals = word.find('=');
      out.labels_.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    out.paused_ = context.has("--paused");
    out.by_time_ = context.has("--from") || context.has("--until");
    HOROLOG_ASSIGN(out.from_, time_flag(context, "--from", 0));
    HOROLOG_ASSIGN(out.until_, time_flag(context, "--until", never));
    return out;
  }

  bool by_time() const { return by_time_; }
  /// By the definition. One that is named is kept in any case, to know that it is there.
  bool may_take(const ScheduleState& state) const {
    return in_words_(state.key) && (named_.contains(state.key) || described(state));
  }
  bool takes(const ScheduleState& state) {
    const auto word = named_.find(state.key);
    if (word != named_.end()) word->second = true;
    return (word == named_.end() || described(state)) && (!paused_ || state.paused_at);
  }
  bool in_time(const KnownSchedule& known) const {
    const auto next = known.next();
    return next && *next >= from_ && *next < until_;
  }
  /// A word that is the key of no schedule, when all have been seen.
  std::optional<std::string> missing() const {
    for (const auto& [word, found] : named_)
      if (!found) return word;
    return std::nullopt;
  }
  bool needs_headers(const ScheduleState& state) const { return named_.contains(state.key); }

 private:
  bool described(const ScheduleState& state) const {
    if (!state.key.starts_with(prefix_) || (target_ && state.topic() != *target_)) return false;
    if (labels_.empty()) return true;
    const auto has = state.labels();
    return std::all_of(labels_.begin(), labels_.end(), [&](const auto& wanted) {
      const auto at = has.find(wanted.first);
      return at != has.end() && at->second == wanted.second;
    });
  }

  KeyFilter in_words_;
  /// Keys among the words, each with whether it has been seen.
  std::map<std::string, bool> named_;
  std::string prefix_;
  std::optional<std::string> target_;
  std::vector<std::pair<std::string, std::string>> labels_;
  bool paused_ = false, by_time_ = false;
  TimestampMs from_ = 0, until_ = 0;
};

Error unknown_schedule(Schedules& schedules, const std::string& key) {
  KeyList keys;
  const auto keep = [](ScheduleState& state) {
    state.headers.clear();
    state.value.clear();
    return true;
  };
  const Status read = schedules.scan(keep, [&](const ScheduleState& each) { keys.add(each.key); });
  if (!read) return read.error();
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < keys.size(); ++i) names.push_back(keys[i]);
  const auto near = nearest_name(key, names);
  return {Errc::not_found, fmt::format("there is no schedule '{}'{}", key,
                                       near ? fmt::format(": did you mean '{}'?", *near) : "")};
}

}  // namespace

std::span<const Flag> selection_flags() { return flags; }

bool is_key_pattern(const std::string& word) {
  return word.find_first_of("*?") != std::string::npos;
}

KeyFilter key_filter(const Context& context) {
  return [words = context.args()](const std::string& key) {
    return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
             return is_key_pattern(word) ? matches_glob(word, key) : word == key;
           });
  };
}

bool selects(const Context& context) {
  return std::any_of(std::begin(flags), std::end(flags),
                     [&](const Flag& flag) { return context.has(flag.name); }) ||
         std::any_of(context.args().begin(), context.args().end(), is_key_pattern);
}

Status each_selected(const Context& context, Schedules& schedules, Detail detail,
                     const std::function<Status(ScheduleState)>& each) {
  HOROLOG_ASSIGN(Selection selection, Selection::of(context));
  ScheduleReader reader(schedules);
  const bool rules = detail != Detail::keys || selection.by_time();
  const auto keep = [&](ScheduleState& state) {
    if (!selection.may_take(state)) return false;
    if (detail != Detail::payloads) state.value.clear();
    if (!rules && !selection.needs_headers(state)) state.headers.clear();
    return true;
  };
  Status status;
  HOROLOG_TRY(schedules.scan(keep, [&](ScheduleState state) {
    if (!status || !selection.takes(state)) return;
    if (selection.by_time()) {
      const auto known = reader.read(state);
      if (!known) status = known.error();
      if (!known || !selection.in_time(*known)) return;
    }
    status = each(std::move(state));
  }));
  HOROLOG_TRY(std::move(status));
  if (const auto word = selection.missing()) return unknown_schedule(schedules, *word);
  return {};
}

}  // namespace horolog::command
