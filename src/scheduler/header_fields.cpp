#include "scheduler/header_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "scheduler/names.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

using timekeeping::quoted;

constexpr std::array accepted{
    header::topic,        header::at,          header::delay,         header::every,
    header::phase,        header::cron,        header::timezone,      header::start,
    header::end,          header::limit,       header::jitter,        header::calendar,
    header::shift,        header::dst_gap,     header::dst_fold,      header::dialect,
    header::key,          header::partition,   header::catch_up,      header::catch_up_window,
    header::catch_up_on_resume, header::overlap, header::max_attempts, header::backoff,
    header::timeout,      header::priority,    header::expires,       header::lane,
    header::labels,       header::if_generation, header::action,      header::from,
    header::to,           header::origin,      header::when,          header::when_mode};

constexpr std::array of_retries{header::attempt,      header::schedule,   header::fire_id,
                                header::nominal_time, header::fired_time, header::trigger,
                                header::missed,       header::generation, header::cause};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Status check_name(std::string_view name, bool retry) {
  if (contains(accepted, name) || (retry && contains(of_retries, name))) return {};
  if (contains(of_retries, name))
    return invalid(fmt::format("{} is written by the scheduler: leave it out", name));
  return invalid(fmt::format("unknown header {}: check its spelling, or give it a name that does "
                             "not start with {}", quoted(name), header_prefix));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Epoch seconds, as the other dialects have them, in our spelling.
Result<std::string> from_epoch_seconds(std::string_view name, std::string_view text) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max() / 1'000;
  const auto seconds = whole_number(text);
  if (!seconds || *seconds < 0 || *seconds > largest)
    return invalid(fmt::format("{} column 1: {} is no time: write seconds since 1970", name,
                               quoted(text)));
  return std::to_string(*seconds * 1'000);
}

}  // namespace

Result<HeaderFields> HeaderFields::read(const Headers& headers, bool retry) {
  HeaderFields fields;
  for (const Header& header : headers) {
    std::string_view name = header.name;
    const auto known = std::find_if(foreign::meaning.begin(), foreign::meaning.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    const bool other_dialect = known != foreign::meaning.end();
    if (!other_dialect && !name.starts_with(header_prefix)) continue;
    if (!other_dialect) HOROLOG_TRY(check_name(name, retry));
    if (!header.value) return invalid(fmt::format("{} has no value", name));
    if (name == header::when) {
      fields.conditions_.push_back(*header.value);
      continue;
    }
    std::string value = *header.value;
    if (name == foreign::etf1_epoch || name == foreign::karafka_epoch) {
      HOROLOG_ASSIGN(value, from_epoch_seconds(name, *header.value));
    }
    if (other_dialect) name = known->second;
    const auto [at, added] = fields.values_.emplace(name, std::move(value));
    if (!added)
      return invalid(fmt::format("{} is given twice{}: keep one", header.name,
                                 other_dialect ? fmt::format(" (it means {})", name) : ""));
  }
  return fields;
}

std::optional<std::string> HeaderFields::text(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::nullopt : std::optional(at->second);
}

Result<std::optional<std::int64_t>> HeaderFields::integer(std::string_view name,
                                                          std::int64_t least,
                                                          std::int64_t most) const {
  const auto at = values_.find(name);
  if (at == values_.end()) return std::optional<std::int64_t>();
  const auto value = whole_number(at->second);
  if (!value || *value < least || *value > most)
    return invalid(fmt::format("{} column 1: {} is not a whole number from {} to {}", name,
                               quoted(at->second), least, most));
  return value;
}

Result<std::optional<std::int64_t>> HeaderFields::duration(std::string_view name) const {
  const auto at = values_.find(name);
  if (at == values_.end()) return std::optional<std::int64_t>();
  HOROLOG_ASSIGN(const auto value, timekeeping::parse_duration(
                                       at->second, timekeeping::DurationStyle::any, name));
  return std::optional<std::int64_t>(value);
}

Result<std::optional<bool>> HeaderFields::boolean(std::string_view name) const {
  const auto at = values_.find(name);
  if (at == values_.end()) return std::optional<bool>();
  if (at->second == "true") return std::optional<bool>(true);
  if (at->second == "false") return std::optional<bool>(false);
  return invalid(fmt::format("{} column 1: {} is neither true nor false", name,
                             quoted(at->second)));
}

}  // namespace horolog::scheduler
