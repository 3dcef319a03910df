#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "timekeeping/rule.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::timekeeping::testing {

/// A sanitizer makes the long walks five times longer: they take fewer steps there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// The rule, or a failed test that says why not.
inline Rule parsed(const RuleText& text, const RuleContext& context = {}) {
  auto rule = Rule::parse(text, context);
  EXPECT_TRUE(rule.ok()) << (rule ? "" : rule.error().message());
  return std::move(rule).value();
}

inline Rule cron(const std::string& spec, RuleText text, const RuleContext& context = {}) {
  text.cron = spec;
  return parsed(text, context);
}

/// The next times after `from` (RFC 3339), in the rule's zone.
inline std::vector<std::string> times(const Rule& rule, const std::string& from,
                                      std::size_t count) {
  std::vector<std::string> out;
  for (const TimestampMs at : rule.next(parse_instant(from, "test").value(), count)) {
    out.push_back(format_instant(at, rule.zone()));
  }
  return out;
}

}  // namespace horolog::timekeeping::testing
