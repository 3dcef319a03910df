#include "tests/timekeeping/robfig_cases.hpp"

#include <fmt/format.h>

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

struct From {
  TimestampMs at = 0;
  std::optional<std::string> zone;
};

/// "2012-11-04T00:00:00-04:00[America/New_York]": an instant, and the zone of the one who asks.
From read_time(std::string text, bool spec_names_zone) {
  From out;
  if (const auto bracket = text.find('['); bracket != std::string::npos) {
    out.zone = text.substr(bracket + 1, text.size() - bracket - 2);
    text.resize(bracket);
  } else if (text.size() == 25 && !spec_names_zone) {
    out.zone = text.substr(19);
  }
  if (text.size() == 19) text += 'Z';
  out.at = parse_instant(text, "table").value();
  return out;
}

TEST(Robfig, NextAsItsOwnTests) {
  int checked = 0;
  for (const RobfigCase& row : robfig_cases) {
    if (row.kind != "next") continue;
    SCOPED_TRACE(fmt::format("{} from {}", row.spec, row.from));
    const bool any = row.from == "(any)";
    const bool names_zone = row.spec.find("TZ=") != std::string_view::npos;
    const From from = read_time(any ? "2012-07-09T14:45:00" : std::string(row.from), names_zone);
    RuleText text{.cron = std::string(row.spec), .timezone = from.zone, .dialect = "robfig"};
    const Rule rule = parsed(text, {.created = from.at});
    const auto next = rule.next(from.at);
    ++checked;
    if (row.expected == "never") {
      EXPECT_FALSE(next.has_value());
      continue;
    }
    const bool is_not = row.expected.starts_with("!=");
    const auto expected =
        read_time(std::string(row.expected.substr(is_not ? 2 : 0)), names_zone).at;
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(*next == expected, !is_not) << format_instant(*next, rule.zone());
  }
  EXPECT_EQ(checked, 63);
}

TEST(Robfig, RefusesWhatItRefuses) {
  int checked = 0;
  for (const RobfigCase& row : robfig_cases) {
    if (row.kind != "error") continue;
    const auto cron = parse_cron(row.spec, {.dialect = Dialect::robfig, .key = {}});
    EXPECT_FALSE(cron.ok()) << row.spec;
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

std::string set_text(std::uint64_t set, int min, int max) {
  std::string out;
  bool all = true;
  for (int value = min; value <= max; ++value) {
    if (set >> value & 1) {
      out += (out.empty() ? "" : ",") + std::to_string(value);
    } else {
      all = false;
    }
  }
  return all ? "*" : out;
}

TEST(Robfig, ReadsTheSetsItReads) {
  int checked = 0;
  for (const RobfigCase& row : robfig_cases) {
    if (row.kind != "schedule") continue;
    auto cron = parse_cron(row.spec, {.dialect = Dialect::robfig, .key = {}});
    ASSERT_TRUE(cron.ok()) << cron.error().message();
    const CronFields& f = cron->fields;
    const std::string zone = cron->zone ? cron->zone->name() : "Local";
    const std::string got =
        cron->every ? fmt::format("every={}s", *cron->every / 1'000)
                    : fmt::format("sec={};min={};hour={};dom={};mon={};dow={};loc={}",
                                  set_text(f.seconds, 0, 59), set_text(f.minutes, 0, 59),
                                  set_text(f.hours, 0, 23), set_text(f.days, 1, 31),
                                  set_text(f.months, 1, 12), set_text(f.weekdays, 0, 6), zone);
    EXPECT_EQ(got, row.expected) << row.spec;
    ++checked;
  }
  EXPECT_EQ(checked, 6);
}

// Where robfig/cron panics, accepts nonsense or loses days: an error with the column instead.
TEST(Robfig, ItsFaultsAreNotCopied) {
  struct Row {
    const char* spec;
    const char* column;
  };
  for (const Row& row : {Row{"TZ=UTC", "column 7"}, Row{"CRON_TZ=Europe/Berlin", "column 22"},
                         Row{", * * * *", "column 1"}, Row{"*-5 * * * *", "column 2"},
                         Row{"* ?-junk * * *", "column 4"}}) {
    const auto cron = parse_cron(row.spec, {.dialect = Dialect::robfig, .key = {}});
    ASSERT_FALSE(cron.ok()) << row.spec;
    EXPECT_NE(cron.error().message().find(row.column), std::string::npos)
        << cron.error().message();
  }
  EXPECT_EQ(times(cron("0 0 29 2 *", {.dialect = "robfig"}), "2096-03-01T00:00:00Z", 1),
            (std::vector<std::string>{"2104-02-29T00:00:00Z"}));
  EXPECT_TRUE(parse_cron("1,,2 * * * *", {.dialect = Dialect::robfig, .key = {}}).ok());
  const auto wide = parse_cron("*/70 * * * *", {.dialect = Dialect::robfig, .key = {}});
  ASSERT_TRUE(wide.ok());
  EXPECT_EQ(wide->fields.minutes, 1u);
  EXPECT_FALSE(wide->surprises.empty());
}

}  // namespace
}  // namespace horolog::timekeeping::testing
