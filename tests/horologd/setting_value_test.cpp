#include "horologd/setting_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

using testing::HasSubstr;

std::string read(std::string_view setting, std::string_view text) {
  const SettingSpec* spec = find_setting(setting);
  if (spec == nullptr) return "no such setting";
  const auto value = parse_setting_value(*spec, text);
  return value ? plain_text(*value) : "error: " + value.error().message();
}

TEST(SettingValue, SizesTakeUnits) {
  EXPECT_EQ(read("log.segment.bytes", "1073741824"), "1073741824");
  EXPECT_EQ(read("log.segment.bytes", "1GiB"), "1073741824");
  EXPECT_EQ(read("log.segment.bytes", "64 MiB"), "67108864");
  EXPECT_EQ(read("log.segment.bytes", "2MB"), "2000000");
  EXPECT_EQ(read("log.retention.bytes", "-1"), "-1");
}

TEST(SettingValue, TimesTakeUnitsAndCountInKafkasUnit) {
  EXPECT_EQ(read("log.retention.ms", "250ms"), "250");
  EXPECT_EQ(read("log.retention.ms", "7d"), "604800000");
  EXPECT_EQ(read("log.retention.ms", "1w"), "604800000");
  EXPECT_EQ(read("log.retention.hours", "7d"), "168");
  EXPECT_EQ(read("log.retention.hours", "168"), "168");
  EXPECT_EQ(read("offsets.retention.minutes", "2h"), "120");
  EXPECT_THAT(read("log.retention.hours", "90min"), HasSubstr("not a whole number of hours"));
}

TEST(SettingValue, BadNumbersSayHowToWriteThem) {
  EXPECT_THAT(read("log.segment.bytes", "1G"),
              AllOf(HasSubstr("'G' is not a unit"), HasSubstr("GiB")));
  EXPECT_THAT(read("log.retention.ms", "7days"), HasSubstr("ms, s, min, h, d, w"));
  EXPECT_THAT(read("log.retention.ms", "1MiB"), HasSubstr("'MiB' is not a unit"));
  EXPECT_THAT(read("num.partitions", "3s"), HasSubstr("none: a plain number"));
  EXPECT_THAT(read("num.partitions", "010"), HasSubstr("octal: write 10"));
  EXPECT_THAT(read("num.partitions", "0x10"), HasSubstr("error"));
  EXPECT_THAT(read("num.partitions", "1_000"), HasSubstr("error"));
  EXPECT_THAT(read("num.partitions", "1e3"), HasSubstr("error"));
  EXPECT_THAT(read("num.partitions", "1.5"), HasSubstr("error"));
  EXPECT_THAT(read("num.partitions", ""), HasSubstr("not a number"));
  EXPECT_THAT(read("num.partitions", "many"), HasSubstr("'many' is not a number"));
  EXPECT_THAT(read("log.retention.ms", "99999999999999999999"), HasSubstr("too large"));
  EXPECT_THAT(read("log.retention.ms", "9223372036854775807d"), HasSubstr("too large"));
}

TEST(SettingValue, RangesAreChecked) {
  EXPECT_THAT(read("log.segment.bytes", "100"), HasSubstr("below the least value, 1048576 bytes"));
  EXPECT_THAT(read("log.segment.bytes", "2GiB"), HasSubstr("above the greatest value"));
  EXPECT_THAT(read("log.retention.ms", "-2"), HasSubstr("below the least value, -1 ms"));
}

TEST(SettingValue, BooleansAreTrueOrFalse) {
  EXPECT_EQ(read("auto.create.topics.enable", "true"), "true");
  EXPECT_EQ(read("auto.create.topics.enable", "False"), "false");
  for (const char* text : {"yes", "no", "on", "1", ""}) {
    EXPECT_THAT(read("auto.create.topics.enable", text), HasSubstr("write true or false")) << text;
  }
}

TEST(SettingValue, ChoicesSuggestTheNearest) {
  EXPECT_EQ(read("horolog.durability", "os"), "os");
  EXPECT_THAT(read("horolog.durability", "comit"), HasSubstr("did you mean 'commit'?"));
  EXPECT_EQ(read("log.cleanup.policy", "compact, delete"), "compact,delete");
  EXPECT_THAT(read("log.cleanup.policy", "delete,purge"), HasSubstr("'purge' is not one of"));
  EXPECT_THAT(read("compression.type", "zstandard"), HasSubstr("error"));
}

TEST(SettingValue, FriendlyTextReadsBack) {
  for (const SettingSpec& spec : setting_table()) {
    if (!spec.alias_of.empty() || spec.fallback.empty()) continue;
    const auto value = parse_setting_value(spec, spec.fallback);
    ASSERT_TRUE(value.ok()) << spec.name << ": " << value.error().message();
    const auto again = parse_setting_value(spec, friendly_text(spec, *value));
    ASSERT_TRUE(again.ok()) << spec.name;
    EXPECT_EQ(plain_text(*again), plain_text(*value)) << spec.name;
  }
  const SettingSpec& hours = *find_setting("log.retention.hours");
  EXPECT_EQ(friendly_text(hours, SettingValue(std::int64_t{36})), "36h");
  EXPECT_EQ(friendly_text(hours, SettingValue(std::int64_t{48})), "2d");
}

TEST(NearestName, CountsTypingErrors) {
  EXPECT_EQ(nearest_setting("log.segement.bytes"), "log.segment.bytes");
  EXPECT_EQ(nearest_setting("lgo.segment.bytes"), "log.segment.bytes") << "neighbours swapped";
  EXPECT_EQ(nearest_setting("listenrs"), "listeners");
  EXPECT_EQ(nearest_setting("ssl.keystor.location"), "ssl.keystore.location");
  EXPECT_EQ(nearest_setting("completely.different"), std::nullopt);
}

}  // namespace
}  // namespace horolog
