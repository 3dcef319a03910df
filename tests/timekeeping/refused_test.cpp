#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

struct Refused {
  const char* spec;
  const char* dialect;
  const char* column;   // "cron column N:"
  const char* fix;      // part of what to write instead
};

TEST(Refused, EveryCronErrorNamesTheColumnAndTheFix) {
  for (const Refused& row : {
           Refused{"", "standard", "column 1:", "write"},
           Refused{"   ", "standard", "column 4:", "write"},
           Refused{"60 * * * *", "standard", "column 1:", "write 0 to 59"},
           Refused{"0 24 * * *", "standard", "column 3:", "write 0 to 23"},
           Refused{"0 0 32 * *", "standard", "column 5:", "write 1 to 31"},
           Refused{"0 0 0 * *", "standard", "column 5:", "write 1 to 31"},
           Refused{"0 0 1 13 *", "standard", "column 7:", "JAN to DEC"},
           Refused{"0 0 * * 8", "standard", "column 9:", "0 to 7 or SUN to SAT"},
           Refused{"0 0 * * 7", "robfig", "column 9:", "0 to 6"},
           Refused{"0 0 0 ? * 0", "quartz", "column 11:", "1 to 7"},
           Refused{"0 0 * * Sunday", "robfig", "column 9:", "SUN to SAT"},
           Refused{"0 22-2 * * *", "robfig", "column 3:", "dialect standard"},
           Refused{"0 0 L * *", "robfig", "column 5:", "1 to 31"},
           Refused{"0 0 * * L", "standard", "column 9:", "FRIL"},
           Refused{"0 0 * * 5#6", "standard", "column 11:", "1 to 5"},
           Refused{"0 0 L-31 * *", "standard", "column 7:", "L-1 to L-30"},
           Refused{"0 0 LX * *", "standard", "column 6:", "LW"},
           Refused{"*/0 * * * *", "standard", "column 3:", "1 or more"},
           Refused{"*/61 * * * *", "standard", "column 3:", "interval"},
           Refused{"*//2 * * * *", "standard", "column 3:", "one step"},
           Refused{"1/2/3 * * * *", "standard", "column 4:", "one step"},
           Refused{"1--2 * * * *", "standard", "column 3:", "one range"},
           Refused{"1,,2 * * * *", "standard", "column 3:", "drop the comma"},
           Refused{"1, * * * *", "standard", "column 3:", "drop the comma"},
           Refused{"0 ? * * *", "standard", "column 3:", "write *"},
           Refused{"*5 * * * *", "standard", "column 2:", "a star is followed"},
           Refused{"H * * * *", "standard", "column 1:", "give the key"},
           Refused{"0 0 * *", "standard", "column 8:", "minute hour day month weekday"},
           Refused{"0 0 0 * * * 2026 x", "standard", "column 18:", "minute hour"},
           Refused{"0 0 * * *", "quartz", "column 10:", "second minute hour"},
           Refused{"0 0 0 1 * MON", "quartz", "column 7:", "exactly one"},
           Refused{"0 0 0 ? * ?", "quartz", "column 7:", "exactly one"},
           Refused{"0 0 0 1 1 * 1969", "standard", "column 13:", "1970 to 2199"},
           Refused{"0 0 0 1 1 * 2030-2026", "standard", "column 13:", "earlier year first"},
           Refused{"@fortnightly", "standard", "column 1:", "@weekly"},
           Refused{"@reboot", "standard", "column 1:", "reboot"},
           Refused{"@Daily", "robfig", "column 1:", "@daily"},
           Refused{"@daily 5", "standard", "column 8:", "alone"},
           Refused{"@every", "standard", "column 7:", "@every 1h30m"},
           Refused{"@every 5", "standard", "column 9:", "units are"},
           Refused{"@every 1d", "robfig", "column 9:", "ns, us, ms, s, m, h"},
           Refused{"@every Xm", "robfig", "column 8:", "1h30m"},
           Refused{"TZ=Nowhere/City 0 0 * * *", "standard", "column 4:", "Europe/Berlin"},
           Refused{"TZ=../../etc/passwd 0 0 * * *", "standard", "column 4:", "tz database"},
           Refused{"TZ=localtime 0 0 * * *", "standard", "column 4:", "tz database"},
       }) {
    const RuleText text{.cron = row.spec, .dialect = row.dialect};
    const auto rule = Rule::parse(text, {});
    ASSERT_FALSE(rule.ok()) << row.spec;
    const std::string& said = rule.error().message();
    EXPECT_NE(said.find(std::string("cron ") + row.column), std::string::npos)
        << row.spec << " -> " << said;
    EXPECT_NE(said.find(row.fix), std::string::npos) << row.spec << " -> " << said;
    EXPECT_EQ(rule.error().code(), Errc::invalid_argument);
  }
}

void refused(const RuleText& text, const std::string& part) {
  const auto rule = Rule::parse(text, {});
  ASSERT_FALSE(rule.ok()) << part;
  EXPECT_NE(rule.error().message().find(part), std::string::npos) << rule.error().message();
}

TEST(Refused, FieldsThatAreWrongOrContradict) {
  refused({}, "no time is given");
  refused({.at = "0", .cron = "* * * * *"}, "at and cron contradict");
  refused({.every = "1h", .timezone = "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'");
  refused({.at = "2026-02-29T00:00:00Z"}, "at column 9: the day 29 is not between 1 and 28");
  refused({.at = "2026-02-28T00:00:00"}, "at column 20: the zone is missing");
  refused({.at = "tomorrow"}, "at column 1: the year has 4 digits");
  refused({.at = "99999999999999999999"}, "years 1 to 2399");
  refused({.delay = "15"}, "delay column 3: the unit is missing");
  refused({.delay = "P1M"}, "delay column 3: no unit with a fixed length");
  refused({.delay = "-5m"}, "delay column 1: no number");
  refused({.every = "10ms"}, "every: 10ms is too short");
  refused({.every = "1h", .phase = "1h"}, "phase: 1h is not shorter");
  refused({.phase = "1m", .cron = "* * * * *"}, "phase: there is no every");
  refused({.every = "1h", .dialect = "quartz"}, "dialect: there is no cron");
  refused({.cron = "* * * * *", .dialect = "vixie"}, "standard, robfig or quartz");
  refused({.cron = "* * * * *", .dst_gap = "never"}, "next-valid, skip, shift");
  refused({.cron = "* * * * *", .dst_fold = "none"}, "first, both, last");
  refused({.cron = "TZ=UTC * * * * *", .timezone = "Europe/Berlin"}, "contradicts the cron's");
  refused({.cron = "* * * * *", .shift = "next"}, "there is no calendar");
  refused({.cron = "* * * * *", .limit = "0"}, "limit: '0' is not a count");
  refused({.cron = "* * * * *", .start = "2026-02-01T00:00:00Z", .end = "2026-01-01T00:00:00Z"},
          "end: it is before the start");
}

TEST(Refused, TheSameZoneTwiceIsNoContradiction) {
  EXPECT_TRUE(Rule::parse({.cron = "TZ=Europe/Berlin 0 0 * * *", .timezone = "Europe/Berlin"}, {})
                  .ok());
}

TEST(Refused, ControlBytesAreMadeVisible) {
  const auto cron = parse_cron("0 \x01 * * *", {});
  ASSERT_FALSE(cron.ok());
  EXPECT_NE(cron.error().message().find("\\x01"), std::string::npos) << cron.error().message();
}

}  // namespace
}  // namespace horolog::timekeeping::testing
