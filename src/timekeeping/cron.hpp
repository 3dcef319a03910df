#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/zone.hpp"

namespace horolog::timekeeping {

/// Whose cron it is: what may be written, and what two day fields together mean.
enum class Dialect {
  standard,  ///< crontab's five fields and everything that is added to them here
  robfig,    ///< what robfig/cron v3 (Go, Kubernetes) reads, with its results
  quartz,    ///< seconds first, 1 = Sunday, one of the day fields is `?`
};

/// The sets of a cron. Bit n of a set stands for the value n.
struct CronFields {
  static constexpr int first_set_year = 1970, last_set_year = 2199;

  std::uint64_t seconds = 1;
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t days = 0;              ///< of the month, bits 1–31
  std::uint32_t before_last = 0;       ///< bit n: `L-n`, the day n before the month's last
  std::uint32_t nearest_weekday = 0;   ///< bit n: `nW`
  bool last_weekday = false;           ///< `LW`
  std::uint16_t months = 0;            ///< bits 1–12
  std::uint8_t weekdays = 0;           ///< bits 0 = Sunday … 6
  std::uint8_t last_weekdays = 0;      ///< `nL`: the last such day of the month
  std::array<std::uint8_t, 6> nth_weekdays{};  ///< [k], k from 1: `n#k`
  std::bitset<last_set_year - first_set_year + 1> years;
  bool any_year = true;
  /// Either day field will do; otherwise both must hold.
  bool either_day = false;
  /// The day fields as far as words need them: "every day" is not worth a word.
  bool any_day_of_month = true, any_weekday = true;
  /// The minute or hour begins with `*`: it follows real time through gaps and folds.
  bool follows_real_time = false;

  /// Bit n: the rule holds on the n-th of that month.
  std::uint32_t days_of(int year, unsigned month) const;
  bool holds_year(int year) const;
};

/// A cron as it was read.
struct Cron {
  CronFields fields;
  /// `@every d` instead of fields.
  std::optional<DurationMs> every;
  /// From a `TZ=` or `CRON_TZ=` prefix.
  std::optional<Zone> zone;
  /// What is allowed but probably not meant, in words.
  std::vector<std::string> surprises;
};

struct CronOptions {
  Dialect dialect = Dialect::standard;
  /// The schedule's key, which `H` is derived from; without one `H` is an error.
  std::optional<std::string_view> key;
};

/// Reads a cron. Every error carries the column and the fix.
Result<Cron> parse_cron(std::string_view text, const CronOptions& options);

Result<Dialect> parse_dialect(std::string_view text);
std::string_view to_string(Dialect dialect);

}  // namespace horolog::timekeeping
