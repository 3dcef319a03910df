#include "tools/text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace horolog::command {
namespace {

constexpr TimestampMs now = 1'769'850'000'000;  // 2026-01-31T09:00:00Z

TEST(Durations, AreReadAndWritten) {
  EXPECT_EQ(parse_duration("250ms"), 250);
  EXPECT_EQ(parse_duration("5"), 5000);
  EXPECT_EQ(parse_duration("1.5s"), 1500);
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000);
  EXPECT_EQ(parse_duration("7d"), 604'800'000);
  for (const char* bad : {"", "x", "5y", "-5s", "1h-30m", "h", "1e400s"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(format_duration(11'520'000), "3h12m");
  EXPECT_EQ(format_duration(120), "120ms");
  EXPECT_EQ(format_duration(45'200), "45.2s");
  EXPECT_EQ(format_duration(-61'000), "-1m01s");
  EXPECT_EQ(format_duration(356'400'000), "4d03h");
}

TEST(Times, AreReadInEveryForm) {
  const auto at = [](std::string_view text) { return parse_time(text, now)->time; };
  EXPECT_EQ(at("2026-01-31T10:00:00+01:00"), now);
  EXPECT_EQ(at("2026-01-31T09:00Z"), now);
  EXPECT_EQ(at("2026-01-31T09:00:00.123Z"), now + 123);
  EXPECT_EQ(at("2026-01-31 04:00-0500"), now);
  EXPECT_EQ(at("2026-01-31"), now - 9 * 3'600'000);
  EXPECT_EQ(at("now"), now);
  EXPECT_EQ(at("-2h"), now - 7'200'000);
  EXPECT_EQ(at("2h"), now - 7'200'000);
  EXPECT_EQ(at("1769850000000"), now);
  EXPECT_EQ(at("1769850000"), now);
  EXPECT_EQ(at("1969-12-31T23:59:59Z"), -1000);
}

TEST(Times, SayWhenAZoneWasAssumed) {
  EXPECT_TRUE(parse_time("2026-01-31T10:00", now)->zone_assumed);
  EXPECT_FALSE(parse_time("2026-01-31T10:00Z", now)->zone_assumed);
  EXPECT_FALSE(parse_time("-2h", now)->zone_assumed);
}

TEST(Times, ThatAreNone) {
  for (const char* bad : {"", "2026-02-30", "2026-1-1", "2026-01-31T25:00", "2026-01-31T10:00+99",
                          "2026-01-31T10:00Zx", "yesterday", "123", "2026-01-31T10:00:00."}) {
    EXPECT_EQ(parse_time(bad, now).has_value(), false) << bad;
  }
}

TEST(Times, WrittenAndReadAgain) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<TimestampMs> any(-2'000'000'000'000, 4'000'000'000'000);
  for (int i = 0; i < 10'000; ++i) {
    const TimestampMs time = any(random);
    ASSERT_EQ(parse_time(format_time(time), now)->time, time) << format_time(time);
  }
}

TEST(Bytes, Base64AndHex) {
  const auto text = [](const std::optional<ByteBuffer>& bytes) {
    return std::string(as_text(bytes.value()));
  };
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(text(from_base64("Zm9vYg==")), "foob");
  EXPECT_EQ(from_base64("Zm9v!"), std::nullopt);
  EXPECT_EQ(from_base64("Z"), std::nullopt);
  EXPECT_EQ(to_hex(as_bytes("\xff\x01")), "ff01");
  EXPECT_EQ(text(from_hex("0x4142")), "AB");
  EXPECT_EQ(from_hex("414"), std::nullopt);
}

TEST(Bytes, Utf8) {
  EXPECT_TRUE(is_utf8(as_bytes("aé€😀")));
  for (const char* bad : {"\xff", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(is_utf8(as_bytes(bad)));
  }
}

TEST(Globs, Match) {
  EXPECT_TRUE(matches_glob("orders*", "orders-eu"));
  EXPECT_TRUE(matches_glob("*eu", "orders-eu"));
  EXPECT_TRUE(matches_glob("o?d*e*", "orders"));
  EXPECT_FALSE(matches_glob("orders", "orders-eu"));
  EXPECT_FALSE(matches_glob("*x", "orders"));
}

}  // namespace
}  // namespace horolog::command
