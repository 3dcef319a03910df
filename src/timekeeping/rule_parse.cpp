#include <fmt/format.h>

#include <array>
#include <charconv>

#include "timekeeping/rule.hpp"
#include "timekeeping/spec_error.hpp"
#include "timekeeping/stable_hash.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::timekeeping {
namespace {

constexpr DurationMs shortest_every = 100;

Error wrong(std::string_view field, std::string_view problem, std::string_view fix) {
  return Error(Errc::invalid_argument, fmt::format("{}: {}: {}", field, problem, fix));
}

template <typename T>
struct Choice {
  std::string_view name;
  T value;
};

template <typename T, std::size_t N>
Result<T> choose(std::string_view field, std::string_view text,
                 const std::array<Choice<T>, N>& choices) {
  std::string names;
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return wrong(field, "unknown value " + quoted(text), "write one of " + names);
}

Result<std::optional<TimestampMs>> optional_instant(const std::optional<std::string>& text,
                                                    std::string_view field) {
  if (!text) return std::optional<TimestampMs>();
  HOROLOG_ASSIGN(const TimestampMs at, parse_instant(*text, field));
  return std::optional<TimestampMs>(at);
}

}  // namespace

/// Fills one Rule from its text, a group of fields per function.
class RuleParser {
 public:
  RuleParser(const RuleText& text, const RuleContext& context) : text_(text), context_(context) {}

  Result<Rule> parse() {
    HOROLOG_TRY(check_presence());
    if (text_.dialect) {
      HOROLOG_ASSIGN(rule_.dialect_, parse_dialect(*text_.dialect));
    }
    if (text_.timezone) {
      HOROLOG_ASSIGN(rule_.zone_, Zone::load(*text_.timezone));
    }
    HOROLOG_TRY(read_times());
    HOROLOG_TRY(read_policies());
    HOROLOG_TRY(read_bounds());
    HOROLOG_TRY(read_calendar());
    return std::move(rule_);
  }

 private:
  Status check_presence() const {
    std::string given;
    int count = 0;
    const auto look = [&](const std::optional<std::string>& field, std::string_view name) {
      if (!field) return;
      given += (count++ > 0 ? " and " : "") + std::string(name);
    };
    look(text_.at, "at");
    look(text_.delay, "delay");
    look(text_.every, "every");
    look(text_.cron, "cron");
    if (count == 0 && !text_.may_be_timeless)
      return wrong("rule", "no time is given", "write at, delay, every or cron");
    if (count > 1) return wrong("rule", given + " contradict each other", "keep one of them");
    if (text_.phase && !text_.every) {
      return wrong("phase", "there is no every that it could move", "drop it");
    }
    if (text_.dialect && !text_.cron) {
      return wrong("dialect", "there is no cron that it could be the dialect of", "drop it");
    }
    if (count == 0 && (text_.jitter || text_.shift || context_.calendar))
      return wrong(text_.jitter ? "jitter" : text_.shift ? "shift" : "calendar",
                   "there is no time that it could move", "drop it, or give a time as well");
    return {};
  }

  Status read_times() {
    if (text_.at) {
      HOROLOG_ASSIGN(rule_.at_, parse_instant(*text_.at, "at"));
    } else if (text_.delay) {
      HOROLOG_ASSIGN(const DurationMs delay,
                     parse_duration(*text_.delay, DurationStyle::any, "delay"));
      rule_.at_ = context_.created + delay;
    } else if (text_.every) {
      HOROLOG_TRY(read_every());
    } else if (text_.cron) {
      HOROLOG_TRY(read_cron());
    } else {
      rule_.kind_ = RuleKind::none;
    }
    return {};
  }

  Status read_every() {
    HOROLOG_ASSIGN(const DurationMs every,
                   parse_duration(*text_.every, DurationStyle::any, "every"));
    HOROLOG_TRY(set_every("every", every));
    if (!text_.phase) return {};
    HOROLOG_ASSIGN(rule_.anchor_, parse_duration(*text_.phase, DurationStyle::any, "phase"));
    if (rule_.anchor_ < every) return {};
    return wrong("phase", fmt::format("{} is not shorter than every", *text_.phase),
                 "write less than " + format_duration(every));
  }

  Status set_every(std::string_view field, DurationMs every) {
    if (every < shortest_every) {
      return wrong(field, format_duration(every) + " is too short",
                   "write " + format_duration(shortest_every) + " or more");
    }
    rule_.kind_ = RuleKind::every;
    rule_.every_ = every;
    return {};
  }

  Status read_cron() {
    std::optional<std::string_view> key;
    if (context_.key) key = *context_.key;
    HOROLOG_ASSIGN(Cron cron, parse_cron(*text_.cron, {rule_.dialect_, key}));
    if (cron.zone) {
      if (text_.timezone && *text_.timezone != cron.zone->name()) {
        return wrong("timezone", fmt::format("{} contradicts the cron's prefix, {}",
                                             quoted(*text_.timezone), quoted(cron.zone->name())),
                     "keep one of them");
      }
      rule_.zone_ = *cron.zone;
    }
    rule_.surprises_ = std::move(cron.surprises);
    if (cron.every) {
      HOROLOG_TRY(set_every("cron", *cron.every));
      if (rule_.dialect_ == Dialect::robfig) {
        rule_.anchor_ = floor_div(context_.created, 1'000) * 1'000;
        rule_.fires_after_ = rule_.anchor_;
      }
      return {};
    }
    rule_.kind_ = RuleKind::cron;
    rule_.fields_ = cron.fields;
    return {};
  }

  Status read_policies() {
    static constexpr std::array<Choice<Gap>, 3> gaps = {
        {{"next-valid", Gap::next_valid}, {"skip", Gap::skip}, {"shift", Gap::shift}}};
    static constexpr std::array<Choice<Fold>, 3> folds = {
        {{"first", Fold::first}, {"both", Fold::both}, {"last", Fold::last}}};
    if (rule_.dialect_ == Dialect::robfig) {
      rule_.gap_ = Gap::robfig;
      rule_.fold_ = Fold::both;
    }
    if (text_.dst_gap) {
      HOROLOG_ASSIGN(rule_.gap_, choose("dst-gap", *text_.dst_gap, gaps));
    }
    if (text_.dst_fold) {
      HOROLOG_ASSIGN(rule_.fold_, choose("dst-fold", *text_.dst_fold, folds));
    }
    if (text_.jitter) {
      HOROLOG_ASSIGN(rule_.jitter_,
                     parse_duration(*text_.jitter, DurationStyle::any, "jitter"));
      rule_.jitter_seed_ = stable_hash(context_.key.value_or(""));
    }
    return {};
  }

  Status read_bounds() {
    HOROLOG_ASSIGN(rule_.start_, optional_instant(text_.start, "start"));
    HOROLOG_ASSIGN(rule_.end_, optional_instant(text_.end, "end"));
    if (rule_.start_ && rule_.end_ && *rule_.end_ < *rule_.start_) {
      return wrong("end", "it is before the start", "write a later end, or drop one");
    }
    if (!text_.limit) return {};
    const std::string& digits = *text_.limit;
    std::int64_t limit = 0;
    const char* last = digits.data() + digits.size();
    const auto [end, failed] = std::from_chars(digits.data(), last, limit);
    if (failed != std::errc() || end != last || limit < 1) {
      return wrong("limit", quoted(digits) + " is not a count", "write a number from 1");
    }
    rule_.limit_ = limit;
    return {};
  }

  Status read_calendar() {
    static constexpr std::array<Choice<Shift>, 3> shifts = {
        {{"none", Shift::none}, {"next", Shift::next}, {"previous", Shift::previous}}};
    if (text_.shift) {
      HOROLOG_ASSIGN(rule_.shift_, choose("shift", *text_.shift, shifts));
    }
    rule_.calendar_ = context_.calendar;
    if (rule_.shift_ == Shift::none) return {};
    if (!rule_.calendar_) {
      return wrong("shift", "there is no calendar that says what a working day is",
                   "give a calendar, or drop it");
    }
    if (rule_.kind_ == RuleKind::every) {
      return wrong("shift", "an interval has no day that it belongs to",
                   "use a cron, or drop it: days off are skipped");
    }
    return {};
  }

  const RuleText& text_;
  const RuleContext& context_;
  Rule rule_;
};

Result<Rule> Rule::parse(const RuleText& text, const RuleContext& context) {
  return RuleParser(text, context).parse();
}

}  // namespace horolog::timekeeping
