#pragma once

#include <string>
#include <vector>

#include "timekeeping/rule.hpp"

namespace horolog::timekeeping {

/// A rule in plain words.
struct Explanation {
  /// "at 07:00, from Monday to Friday, in Europe/Berlin", no full stop. Of a rule without a time
  /// only its bounds, each behind a comma.
  std::string sentence;
  /// Each a sentence: what is allowed but may not be what was meant. Dates that a change of the
  /// clock affects are named, for two years from `from`.
  std::vector<std::string> surprises;
};

Explanation explain(const Rule& rule, TimestampMs from);

/// The sets of a cron in words, without its zone.
std::string describe_cron(const CronFields& fields);

}  // namespace horolog::timekeeping
