// Every zone of the tz database, at each of its changes from 1900 to 2100: a time lost in the gap
// and a time shown twice, under each policy, to the second.
#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

std::vector<std::string> zone_names() {
  std::vector<std::string> out;
  const char* given = std::getenv("TZDIR");
  const std::filesystem::path root = given != nullptr ? given : "/usr/share/zoneinfo";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::string name = std::filesystem::relative(entry.path(), root).string();
    if (name.starts_with("posix/") || name.starts_with("right/") || name == "localtime") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    char magic[4] = {};
    file.read(magic, sizeof magic);
    if (std::string_view(magic, sizeof magic) == "TZif") out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Change {
  UnixSecond at = 0;
  std::int64_t before = 0, after = 0;  // seconds east of UTC
};

std::int64_t offset_at(const cctz::time_zone& zone, UnixSecond at) {
  return zone.lookup(cctz::time_point<cctz::seconds>(cctz::seconds(at))).offset;
}

/// As cctz lists them; changes of the name only are left out.
std::vector<Change> changes(const cctz::time_zone& zone, UnixSecond from, UnixSecond until) {
  std::vector<Change> out;
  cctz::time_zone::civil_transition jump;
  for (UnixSecond at = from;
       zone.next_transition(cctz::time_point<cctz::seconds>(cctz::seconds(at)), &jump);) {
    const UnixSecond next = (jump.from - cctz::civil_second()) - offset_at(zone, at);
    if (next >= until) break;
    if (next <= at) break;
    out.push_back({next, offset_at(zone, next - 1), offset_at(zone, next)});
    at = next;
  }
  std::erase_if(out, [](const Change& c) { return c.before == c.after; });
  return out;
}

/// A cron for exactly that second of every such date.
std::string cron_of(WallSecond wall) {
  const auto date = date_of(day_of(wall));
  const std::int64_t second = wall - static_cast<WallSecond>(day_of(wall)) * day_seconds;
  return fmt::format("{} {} {} {} {} *", second % 60, second / 60 % 60, second / 3600,
                     static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()));
}

std::vector<UnixSecond> fires(const std::string& zone, WallSecond wall, const char* gap,
                              const char* fold, UnixSecond around) {
  const Rule rule = parsed({.cron = cron_of(wall), .timezone = zone, .dst_gap = gap,
                            .dst_fold = fold});
  std::vector<UnixSecond> out;
  const std::int64_t reach = 3 * day_seconds;
  for (const TimestampMs at : rule.between((around - reach) * 1'000, (around + reach) * 1'000)) {
    out.push_back(at / 1'000);
  }
  return out;
}

using Seconds = std::vector<UnixSecond>;

void check(const std::string& zone, const Change& c) {
  SCOPED_TRACE(fmt::format("{} at {} ({} -> {})", zone, c.at, c.before, c.after));
  const std::int64_t size = c.after > c.before ? c.after - c.before : c.before - c.after;
  const std::int64_t inside = size / 2;
  if (c.after > c.before) {
    const WallSecond lost = c.at + c.before + inside;
    EXPECT_EQ(fires(zone, lost, "next-valid", "first", c.at), (Seconds{c.at}));
    EXPECT_EQ(fires(zone, lost, "skip", "first", c.at), (Seconds{}));
    EXPECT_EQ(fires(zone, lost, "shift", "first", c.at), (Seconds{c.at + inside}));
    // The last wall second before and the first behind are there, once.
    EXPECT_EQ(fires(zone, c.at + c.before - 1, "next-valid", "first", c.at), (Seconds{c.at - 1}));
    EXPECT_EQ(fires(zone, c.at + c.after, "skip", "first", c.at), (Seconds{c.at}));
  } else {
    const WallSecond twice = c.at + c.after + inside;
    const UnixSecond first = twice - c.before, last = twice - c.after;
    EXPECT_EQ(fires(zone, twice, "skip", "first", c.at), (Seconds{first}));
    EXPECT_EQ(fires(zone, twice, "skip", "both", c.at), (Seconds{first, last}));
    EXPECT_EQ(fires(zone, twice, "skip", "last", c.at), (Seconds{last}));
    EXPECT_EQ(fires(zone, c.at + c.after - 1, "skip", "last", c.at), (Seconds{first - inside - 1}));
    EXPECT_EQ(fires(zone, c.at + c.before, "skip", "first", c.at), (Seconds{c.at + size}));
  }
}

TEST(Zones, EveryChangeFrom1900To2100) {
  const UnixSecond from = day_number(1900, 1, 1) * day_seconds;
  const UnixSecond until = day_number(2101, 1, 1) * day_seconds;
  std::size_t zones = 0, checked = 0, crowded = 0;
  for (const std::string& name : zone_names()) {
    cctz::time_zone zone;
    ASSERT_TRUE(cctz::load_time_zone(name, &zone)) << name;
    ++zones;
    if (sanitized && zones % 8 != 0) continue;
    const auto all = changes(zone, from, until);
    for (std::size_t i = 0; i < all.size(); ++i) {
      // Two changes within three days say two things about one wall time.
      const bool near = (i > 0 && all[i].at - all[i - 1].at < 4 * day_seconds) ||
                        (i + 1 < all.size() && all[i + 1].at - all[i].at < 4 * day_seconds);
      if (near) {
        ++crowded;
        continue;
      }
      check(name, all[i]);
      ++checked;
      if (::testing::Test::HasFailure()) return;
    }
  }
  fmt::print("{} zones, {} changes, {} left out\n", zones, checked, crowded);
  EXPECT_GT(zones, 300u);
  EXPECT_GT(checked, sanitized ? 3'000u : 30'000u);
  EXPECT_LT(crowded, 100u);
}

}  // namespace
}  // namespace horolog::timekeeping::testing
