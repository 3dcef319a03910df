#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "timekeeping/calendar.hpp"
#include "timekeeping/cron.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/zone.hpp"

namespace horolog::timekeeping {

/// What happens to a wall time that does not exist, because the clock was put forward over it.
enum class Gap {
  next_valid,  ///< it fires right after the gap
  skip,        ///< it does not fire
  shift,       ///< it fires as much later as the clock was moved: 02:30 becomes 03:30
  robfig,      ///< skip, but a day whose midnight is missing is not lost: it fires after the gap
};

/// What happens to a wall time that is shown twice, because the clock was put back over it.
enum class Fold { first, both, last };

enum class RuleKind {
  at,
  every,
  cron,
  none,  ///< no time of its own: something else says when; start, end and limit bound that
};

/// A rule as it is written in headers and flags; the names are those of the headers.
struct RuleText {
  std::optional<std::string> at{};     ///< RFC 3339 or milliseconds since the epoch
  std::optional<std::string> delay{};  ///< a length of time from RuleContext::created
  std::optional<std::string> every{};
  std::optional<std::string> phase{};  ///< of every
  std::optional<std::string> cron{};
  std::optional<std::string> timezone{};
  std::optional<std::string> start{};  ///< as `at`
  std::optional<std::string> end{};
  std::optional<std::string> limit{};       ///< how often it fires at most
  std::optional<std::string> jitter{};
  std::optional<std::string> shift{};     ///< next or previous, with a calendar
  std::optional<std::string> dst_gap{};   ///< next-valid, skip or shift
  std::optional<std::string> dst_fold{};  ///< first, both or last
  std::optional<std::string> dialect{};
  /// Something else says when: there need not be a time.
  bool may_be_timeless = false;
};

/// What a rule needs to know beside its text.
struct RuleContext {
  /// The schedule's key: `H` and the jitter are derived from it.
  std::optional<std::string> key{};
  /// When the command was appended: `delay` counts from it, and robfig's `@every`.
  TimestampMs created = 0;
  std::shared_ptr<const Calendar> calendar{};
};

/// When something fires. Immutable and pure: the same rule gives the same times everywhere, so
/// that a new owner goes on exactly where the old one stopped. Safe to use from any thread.
///
/// Nominal times are whole seconds for a cron, whole milliseconds otherwise. A search ends with the
/// year 2399, more than forty years ahead, so "none" is a proof.
class Rule {
 public:
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  /// One of at, delay, every and cron must be there, or none if it may be timeless. Errors name the
  /// field, the column in it where that helps, and the fix.
  static Result<Rule> parse(const RuleText& text, const RuleContext& context);

  /// The first nominal time after `after` and not before start(), unless that is past end().
  /// Does not know how often the rule has fired: limit() is for the caller to count.
  std::optional<TimestampMs> next(TimestampMs after) const;
  /// The next `count` of them, fewer when the rule ends; `fired` fires count towards limit().
  std::vector<TimestampMs> next(TimestampMs after, std::size_t count,
                                std::int64_t fired = 0) const;
  /// All nominal times in [from, until), oldest first, at most `most`.
  std::vector<TimestampMs> between(TimestampMs from, TimestampMs until,
                                   std::size_t most = no_limit) const;
  /// Whether next() would ever return `at`.
  bool fires_at(TimestampMs at) const { return next(at - 1) == at; }
  /// When the fire of that nominal time is due: nominal plus jitter, always before the next
  /// nominal time. The same for the same key and nominal time.
  TimestampMs due(TimestampMs nominal) const;

  RuleKind kind() const { return kind_; }
  const Zone& zone() const { return zone_; }
  Dialect dialect() const { return dialect_; }
  Gap gap() const { return gap_; }
  Fold fold() const { return fold_; }
  Shift shift() const { return shift_; }
  const std::shared_ptr<const Calendar>& calendar() const { return calendar_; }
  std::optional<TimestampMs> start() const { return start_; }
  /// The last time at which it may fire.
  std::optional<TimestampMs> end() const { return end_; }
  std::optional<std::int64_t> limit() const { return limit_; }
  DurationMs jitter() const { return jitter_; }
  /// Of RuleKind::at: its time.
  TimestampMs at() const { return at_; }
  /// Of RuleKind::every: times are anchor() + n * every().
  DurationMs every() const { return every_; }
  TimestampMs anchor() const { return anchor_; }
  /// Of RuleKind::cron.
  const CronFields& fields() const { return fields_; }
  /// What the parser found odd; explain() says more.
  const std::vector<std::string>& surprises() const { return surprises_; }

 private:
  friend class RuleParser;
  Rule() = default;

  std::optional<TimestampMs> next_unbounded(TimestampMs after) const;
  std::optional<TimestampMs> next_every(TimestampMs after) const;
  std::optional<UnixSecond> next_cron(UnixSecond after) const;
  std::optional<TimestampMs> moved_at() const;

  RuleKind kind_ = RuleKind::at;
  Zone zone_;
  Dialect dialect_ = Dialect::standard;
  Gap gap_ = Gap::next_valid;
  Fold fold_ = Fold::first;
  Shift shift_ = Shift::none;
  std::shared_ptr<const Calendar> calendar_;
  std::optional<TimestampMs> start_, end_;
  std::optional<std::int64_t> limit_;
  DurationMs jitter_ = 0;
  std::uint64_t jitter_seed_ = 0;
  TimestampMs at_ = 0;
  DurationMs every_ = 0;
  TimestampMs anchor_ = 0;
  /// An interval anchored at its creation has no fire before it, nor at it.
  std::optional<TimestampMs> fires_after_;
  CronFields fields_;
  std::vector<std::string> surprises_;
};

std::string_view to_string(Gap gap);
std::string_view to_string(Fold fold);

}  // namespace horolog::timekeeping
