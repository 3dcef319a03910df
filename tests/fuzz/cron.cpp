// Any bytes as a cron, in every dialect and zone, and as the other texts of a rule: refused with a
// message, or a rule whose times rise and that stops searching.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "timekeeping/explain.hpp"
#include "timekeeping/ical.hpp"
#include "timekeeping/rule.hpp"

namespace {

using namespace horolog::timekeeping;

void require(bool condition) {
  if (!condition) std::abort();
}

void use(const RuleText& text) {
  RuleContext context;
  context.key = "fuzz";
  context.created = 1'774'677'600'123;
  const auto rule = Rule::parse(text, context);
  if (!rule) {
    require(!rule.error().message().empty());
    return;
  }
  horolog::TimestampMs after = 1'774'677'600'000;
  for (int i = 0; i < 8; ++i) {
    const auto next = rule->next(after);
    if (!next) break;
    require(*next > after);
    require(rule->due(*next) >= *next);
    after = *next;
  }
  require(!explain(*rule, 1'774'677'600'000).sentence.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr std::array dialects = {"standard", "robfig", "quartz"};
  static constexpr std::array zones = {"UTC", "Europe/Berlin", "Pacific/Apia",
                                       "Australia/Lord_Howe"};
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string zone = zones[data[0] % zones.size()];
  switch (data[0] >> 4) {
    case 0: use({.at = text}); break;
    case 1: use({.delay = text}); break;
    case 2: use({.every = text, .jitter = "1s"}); break;
    case 3: use({.cron = "0 7 * * *", .timezone = text}); break;
    case 4: static_cast<void>(read_ical(text)); break;
    default:
      use({.cron = text, .timezone = zone, .jitter = "5m",
           .dialect = dialects[data[0] / 4 % dialects.size()]});
  }
  return 0;
}
