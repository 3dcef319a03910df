#include "scheduler/condition_headers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::size_t most_conditions = 16;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Status read_mode(const HeaderFields& fields, ConditionHeaders& out) {
  const auto mode = fields.text(header::when_mode);
  if (!mode) return {};
  if (*mode != "and" && *mode != "or")
    return invalid(fmt::format("{} column 1: {} is neither and nor or", header::when_mode,
                               timekeeping::quoted(*mode)));
  if (out.conditions.empty())
    return invalid(fmt::format("{} needs a condition: give {}", header::when_mode, header::when));
  const bool timed = fields.has(header::at) || fields.has(header::every) ||
                     fields.has(header::cron) || (fields.has(header::delay) && !out.takes_delay);
  if (!timed)
    return invalid(fmt::format("{} says how conditions and a time go together, but there is no "
                               "time rule: drop it; several conditions must all hold",
                               header::when_mode));
  out.either = *mode == "or";
  return {};
}

}  // namespace

Result<ConditionHeaders> read_conditions(const HeaderFields& fields) {
  ConditionHeaders out;
  const auto& texts = fields.conditions();
  if (texts.size() > most_conditions)
    return invalid(fmt::format("{} is given {} times: {} are the most", header::when, texts.size(),
                               most_conditions));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string what = texts.size() == 1 ? std::string(header::when)
                                               : fmt::format("{} ({} of {})", header::when, i + 1,
                                                             texts.size());
    const auto here = texts.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(texts.begin(), here, texts[i]) != here)
      return invalid(fmt::format("{}: {} is given twice: keep one", what,
                                 timekeeping::quoted(texts[i])));
    HOROLOG_ASSIGN(Condition condition, parse_condition(texts[i], what));
    out.takes_delay = out.takes_delay || condition.kind == ConditionKind::record;
    out.conditions.push_back(std::move(condition));
  }
  HOROLOG_ASSIGN(const auto delay, fields.duration(header::delay));
  for (Condition& condition : out.conditions) {
    if (condition.kind != ConditionKind::record) continue;
    condition.delay = delay.value_or(0);
    if (condition.restart && condition.delay == 0)
      return timekeeping::spec_error(header::when, condition.text.rfind("restart") + 1,
                                     "there is no delay that it could restart",
                                     fmt::format("give {}, or drop it", header::delay));
  }
  HOROLOG_TRY(read_mode(fields, out));
  return out;
}

}  // namespace horolog::scheduler
