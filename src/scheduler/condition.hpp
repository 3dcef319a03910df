#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/records.hpp"
#include "timekeeping/duration.hpp"

namespace horolog::scheduler {

enum class ConditionKind : std::uint8_t { after, record, silence, count, lag };

/// How the run that `after` waits for has to end.
enum class RunEnd : std::uint8_t {
  succeeded,
  failed,  ///< over, and not succeeded
  done,    ///< over
};

/// One `horolog-when`, understood. Immutable once parsed. Its text is its name: a schedule that is
/// replaced keeps what was seen of conditions whose text is the same.
struct Condition {
  ConditionKind kind = ConditionKind::record;
  std::string text;

  std::string topic;  ///< of all but `after`
  std::size_t topic_column = 1;  ///< of its name in the text
  /// What a record must have to count.
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;

  std::string schedule;  ///< of `after`
  RunEnd end = RunEnd::succeeded;

  /// Of `record`: an occurrence is that long after its record; with `restart` only if no other
  /// record came meanwhile.
  timekeeping::DurationMs delay = 0;
  bool restart = false;

  /// Of `count`: how many. Of `lag`: the bound.
  std::int64_t number = 0;
  bool above = true;  ///< of `lag`; else below
  std::string group;  ///< of `lag`
  /// Of `silence` and `lag`: for that long. Of `count`: or that long after the first.
  std::optional<timekeeping::DurationMs> length;

  /// What holds for a while, rather than happens at a moment.
  bool is_level() const {
    return kind == ConditionKind::silence || kind == ConditionKind::lag;
  }
  /// It looks at the records of its topic.
  bool reads_topic() const {
    return kind != ConditionKind::after && kind != ConditionKind::lag;
  }
  bool takes(const OutRecord& record) const;
  bool takes_end(std::string_view event) const;
};

/// Reads one condition. `what` names the header in errors, which say the column and the fix.
Result<Condition> parse_condition(std::string_view text, std::string_view what);

/// "a record with the key eu is committed to orders".
std::string describe_condition(const Condition& condition);
/// Several, with what else says when: `times` is the rule in words, only its bounds if it has no
/// time (`timed`).
std::string describe_conditions(const std::vector<Condition>& conditions, bool timed, bool either,
                                const std::string& times);
/// What may not be as it is meant; each a sentence.
std::vector<std::string> condition_surprises(const Condition& condition);

}  // namespace horolog::scheduler
