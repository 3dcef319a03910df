#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "timekeeping/rule.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::timekeeping::testing {

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
