#include "timekeeping/cron_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "timekeeping/spec_error.hpp"
#include "timekeeping/stable_hash.hpp"

namespace horolog::timekeeping {
namespace {

constexpr std::array<std::string_view, 12> month_names = {
    "JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
    "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
constexpr std::array<std::string_view, 7> day_names = {
    "SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

FieldReader::FieldReader(FieldKind kind, const CronOptions& options, CronFields& out,
                         std::vector<std::string>& surprises)
    : kind_(kind), options_(options), out_(out), surprises_(surprises) {
  struct Limits {
    std::string_view name;
    int min, max;
  };
  static constexpr std::array<Limits, 7> table = {
      Limits{"second", 0, 59}, Limits{"minute", 0, 59}, Limits{"hour", 0, 23},
      Limits{"day of month", 1, 31}, Limits{"month", 1, 12}, Limits{"day of week", 0, 6},
      Limits{"year", CronFields::first_set_year, CronFields::last_set_year}};
  const Limits& limits = table[static_cast<std::size_t>(kind)];
  name_ = limits.name;
  min_ = limits.min;
  max_ = limits.max;
  if (kind == FieldKind::weekday && options.dialect == Dialect::quartz) min_ = 1, max_ = 7;
  size_ = max_ - min_ + 1;
}

Error FieldReader::wrong(const Word& where, std::string_view problem, std::string_view fix) const {
  return spec_error("cron", where.column, fmt::format("{}: {}", name_, problem), fix);
}

Error FieldReader::wrong(const Word& where, std::string_view problem) const {
  std::string_view names;
  if (kind_ == FieldKind::month) names = " or JAN to DEC";
  if (kind_ == FieldKind::weekday) names = " or SUN to SAT";
  const bool seven = kind_ == FieldKind::weekday && options_.dialect == Dialect::standard;
  return wrong(where, problem,
               fmt::format("write {} to {}{}", min_, seven ? 7 : max_, names));
}

Status FieldReader::read(Word field) {
  begins_with_star_ = field.text.starts_with('*') || field.text.starts_with('?');
  is_question_ = field.text == "?";
  bool any = false;
  for (std::size_t from = 0; from <= field.text.size();) {
    const std::size_t comma = std::min(field.text.find(',', from), field.text.size());
    const Word item = field.part(from, comma - from);
    if (!item.text.empty()) {
      HOROLOG_TRY(read_item(item));
      any = true;
    } else if (options_.dialect != Dialect::robfig) {
      return wrong(item, "an empty place in the list", "drop the comma, or write a value");
    }
    from = comma + 1;
  }
  // robfig drops empty places; a list of nothing else would never fire.
  if (!any) return wrong(field, "an empty list", "write a value or *");
  return {};
}

Status FieldReader::read_item(Word item) {
  if (kind_ == FieldKind::day && options_.dialect != Dialect::robfig) {
    HOROLOG_ASSIGN(const bool done, read_day_item(item));
    if (done) return {};
  }
  if (kind_ == FieldKind::weekday && options_.dialect != Dialect::robfig) {
    HOROLOG_ASSIGN(const bool done, read_weekday_item(item));
    if (done) return {};
  }
  const std::size_t slash = item.text.find('/');
  std::optional<int> step;
  if (slash != std::string_view::npos) {
    const Word rest = item.part(slash + 1);
    if (rest.text.find('/') != std::string_view::npos) {
      return wrong(rest.part(rest.text.find('/')), "a second /", "write one step, such as */5");
    }
    HOROLOG_ASSIGN(step, read_step(rest));
  }
  const Word base = item.part(0, slash);
  Range range;
  if ((base.text.starts_with('H') || base.text.starts_with('h')) &&
      options_.dialect == Dialect::standard) {
    HOROLOG_ASSIGN(range, read_hash(base, step));
  } else {
    HOROLOG_ASSIGN(range, read_range(base));
    if (range.open && step) range.last = std::max(range.first, max_);
    if (range.star && step.value_or(1) == 1) has_star_ = true;
  }
  if (step) note_uneven_step(range, *step);
  return add(range, step.value_or(1));
}

Result<FieldReader::Range> FieldReader::read_range(Word base) {
  if (base.text.empty()) return wrong(base, "nothing before the /", "write */n for every n-th");
  if (base.text[0] == '*' || base.text[0] == '?') {
    const bool day_field = kind_ == FieldKind::day || kind_ == FieldKind::weekday;
    if (base.text[0] == '?' && !day_field && options_.dialect != Dialect::robfig) {
      return wrong(base, "? stands in the day fields only", "write * here");
    }
    if (base.text.size() > 1) {
      return wrong(base.part(1), fmt::format("{} behind {}", quoted(base.text.substr(1)),
                                             base.text.substr(0, 1)),
                   "a star is followed by /step, a comma or nothing");
    }
    return Range{.first = min_, .last = max_, .open = false, .star = true};
  }
  const std::size_t hyphen = base.text.find('-', 1);
  if (hyphen == std::string_view::npos) {
    HOROLOG_ASSIGN(const int value, read_value(base));
    return Range{.first = value, .last = value, .open = true, .star = false};
  }
  const Word high = base.part(hyphen + 1);
  if (high.text.find('-') != std::string_view::npos) {
    return wrong(high.part(high.text.find('-')), "too many hyphens", "write one range, a-b");
  }
  HOROLOG_ASSIGN(const int first, read_value(base.part(0, hyphen)));
  HOROLOG_ASSIGN(int last, read_value(high));
  if (first > last) {
    if (kind_ == FieldKind::year || options_.dialect == Dialect::robfig) {
      return wrong(base, fmt::format("the range {} ends before it begins", quoted(base.text)),
                   kind_ == FieldKind::year ? "write the earlier year first"
                                            : "dialect robfig has no ranges that wrap; "
                                              "write two, or use dialect standard");
    }
    last += size_;
  }
  return Range{.first = first, .last = last, .open = false, .star = false};
}

Result<FieldReader::Range> FieldReader::read_hash(Word base, std::optional<int> step) {
  if (!options_.key) {
    return wrong(base, "H is derived from the schedule's key, and there is none",
                 "give the key, or write a value");
  }
  // Every month has a 28th: a hashed day must not leave a month out.
  Range range{.first = min_, .last = kind_ == FieldKind::day ? 28 : max_, .open = false,
              .star = false};
  if (base.text.size() > 1) {
    if (base.text[1] != '(' || base.text.back() != ')' || base.text.size() < 4) {
      return wrong(base.part(1), quoted(base.text.substr(1)) + " behind H",
                   "write H, H/n or H(a-b)");
    }
    HOROLOG_ASSIGN(range, read_range(base.part(2, base.text.size() - 3)));
  }
  const std::uint64_t hash = stable_hash(*options_.key, static_cast<std::uint64_t>(kind_) + 1);
  const int width = range.last - range.first + 1;
  const int choice = static_cast<int>(hash % static_cast<std::uint64_t>(
                                                 step ? std::min(*step, width) : width));
  range.first += choice;
  if (!step) range.last = range.first;
  return range;
}

Result<int> FieldReader::read_step(Word step) {
  if (!all_digits(step.text)) {
    return wrong(step, fmt::format("the step {} is not a number", quoted(step.text)),
                 "write a number behind the /");
  }
  const int value = step.text.size() > 6 ? 1'000'000 : std::stoi(std::string(step.text));
  if (value == 0) return wrong(step, "the step is 0", "write 1 or more");
  if (value > size_ && kind_ != FieldKind::year) {
    if (options_.dialect != Dialect::robfig) {
      return wrong(step, fmt::format("the step {} is longer than the field", step.text),
                   fmt::format("write 1 to {}, or use an interval (every)", size_));
    }
    surprises_.push_back(fmt::format("{}: the step {} is longer than the field: only the first "
                                     "value is left", name_, step.text));
  }
  return value;
}

std::optional<int> FieldReader::named_value(std::string_view word) const {
  const bool months = kind_ == FieldKind::month;
  if (!months && kind_ != FieldKind::weekday) return std::nullopt;
  const std::string name = upper(word);
  const auto* names = months ? month_names.data() : day_names.data();
  for (int i = 0; i < (months ? 12 : 7); ++i) {
    const bool full = name == names[i] && options_.dialect != Dialect::robfig;
    if (full || name == names[i].substr(0, 3)) return min_ + i;
  }
  return std::nullopt;
}

Result<int> FieldReader::read_value(Word word) {
  if (const auto named = named_value(word.text)) return *named;
  if (!all_digits(word.text)) {
    return wrong(word, word.text.empty() ? std::string("a value is missing")
                                         : quoted(word.text) + " is not a value");
  }
  const int value = word.text.size() > 6 ? 1'000'000 : std::stoi(std::string(word.text));
  if (value < min_) return wrong(word, fmt::format("{} is below {}", word.text, min_));
  const bool seven = kind_ == FieldKind::weekday && options_.dialect == Dialect::standard;
  if (value > (seven ? 7 : max_)) {
    return wrong(word, fmt::format("{} is above {}", word.text, seven ? 7 : max_));
  }
  return value;
}

Status FieldReader::add(const Range& range, int step) {
  for (int value = range.first; value <= range.last; value += step) add_value(value);
  return {};
}

void FieldReader::add_value(int value) {
  const auto index = static_cast<unsigned>(min_ + (value - min_) % size_);
  switch (kind_) {
    case FieldKind::second: out_.seconds |= 1ULL << index; break;
    case FieldKind::minute: out_.minutes |= 1ULL << index; break;
    case FieldKind::hour: out_.hours |= 1U << index; break;
    case FieldKind::day: out_.days |= 1U << index; break;
    case FieldKind::month:
      out_.months = static_cast<std::uint16_t>(out_.months | 1U << index);
      break;
    case FieldKind::weekday:
      out_.weekdays = static_cast<std::uint8_t>(out_.weekdays | 1U << (index - min_));
      break;
    case FieldKind::year: out_.years.set(index - CronFields::first_set_year); break;
  }
}

void FieldReader::note_uneven_step(const Range& range, int step) {
  const bool whole = range.first == min_ && range.last == max_;
  if (!whole || step == 1 || step > size_ || kind_ == FieldKind::year) return;
  if (kind_ == FieldKind::day) {
    surprises_.push_back(fmt::format(
        "*/{} in the day of month starts again on the 1st of every month", step));
  } else if (size_ % step != 0) {
    surprises_.push_back(fmt::format(
        "*/{} in the {} field starts again at {}: the last wait is {} {}s, not {}", step, name_,
        min_, size_ - (size_ - 1) / step * step, kind_ == FieldKind::weekday ? "day" : name_,
        step));
  }
}

}  // namespace horolog::timekeeping
