#include "tools/record_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/go_time.hpp"
#include "tools/record_json.hpp"
#include "tools/unpack.hpp"

namespace horolog::command {
namespace {

using testing::HasSubstr;

class RecordFormatTest : public testing::Test {
 protected:
  RecordFormatTest() {
    record_.topic = "orders";
    record_.partition = 3;
    record_.offset = 258;
    record_.timestamp = 1'769'850'000'123;
    record_.key = "k1";
    record_.value = std::string_view("v\xff", 2);
    record_.headers = headers_;
    record_.producer_id = 791;
    record_.producer_epoch = 1;
    record_.transactional = true;
    record_.compression = Compression::lz4;
  }

  std::string format(std::string_view text) const {
    const auto pieces = parse_template(text, FormatUse::print);
    EXPECT_TRUE(pieces.ok()) << pieces.error().message();
    std::string out;
    append_record(out, *pieces, record_, {.counter = 7, .log_start = 1, .stable = 2, .end = 3});
    return out;
  }

  const std::vector<HeaderView> headers_{{"a", "1"}, {"b", std::nullopt}};
  RecordView record_;
};

TEST_F(RecordFormatTest, EveryVerb) {
  EXPECT_EQ(format("%t %p %o %k\n"), "orders 3 258 k1\n");
  EXPECT_EQ(format("%T %K %V %H %i"), "6 2 2 2 7");
  EXPECT_EQ(format("%[ %| %]"), "1 2 3");
  EXPECT_EQ(format("%d"), "1769850000123");
  EXPECT_EQ(format("%e"), "-1");
  EXPECT_EQ(format("%h{%k=%v;}"), "a=1;b=;");
  EXPECT_EQ(format("%h{%K{big8}%k%V{hex8}%v}"), "\1a011\1b00");
  EXPECT_EQ(format("%% %{%}"), "% {}");
  EXPECT_EQ(format("\\t\\n\\x41\\\\"), "\t\nA\\");
}

TEST_F(RecordFormatTest, WhoWroteItAndHow) {
  EXPECT_EQ(format("%x %y"), "791 1");
  EXPECT_EQ(format("%a{compression} %a{compression;number} %a{compression;hex8}"), "lz4 3 03");
  EXPECT_EQ(format("%a{timestamp-type} %a{transactional-bit} %a{control-bit;bool}"), "0 1 false");
  for (const char* text : {"%a", "%a{}", "%a{size}", "%a{compression;word}"}) {
    EXPECT_FALSE(parse_template(text, FormatUse::print).ok()) << text;
  }
}

TEST_F(RecordFormatTest, FormsOfTextAndNumbers) {
  EXPECT_EQ(format("%v{hex}"), "76ff");
  EXPECT_EQ(format("%v{base64}"), "dv8=");
  EXPECT_EQ(format("%v{base64raw}"), "dv8");
  EXPECT_EQ(format("%v{unpack[>H$]}"), "30463");
  EXPECT_EQ(format("%o{hex}"), "102");
  EXPECT_EQ(format("%o{hex32}"), "00000102");
  EXPECT_EQ(format("%o{hex8}"), "02");
  EXPECT_EQ(format("%o{big16}"), "\1\2");
  EXPECT_EQ(format("%o{little32}"), std::string("\2\1\0\0", 4));
  EXPECT_EQ(format("%o{byte}"), "\2");
  EXPECT_EQ(format("%p{bool}"), "true");
  EXPECT_EQ(format("%d{rfc3339}"), "2026-01-31T09:00:00.123Z");
  EXPECT_EQ(format("%d{strftime[%Y/%m/%d %H]}"), "2026/01/31 09");
  EXPECT_EQ(format("%d{go[2006-01-02T15:04:05.000Z07:00]}"), "2026-01-31T09:00:00.123Z");
  EXPECT_EQ(format("%d{go##Jan 2##}"), "Jan 31");
}

TEST_F(RecordFormatTest, ANullIsEmptyInTextAndNullInJson) {
  record_.value = std::nullopt;
  EXPECT_EQ(format("<%v>"), "<>");
  std::string json;
  append_record_json(json, record_);
  EXPECT_THAT(json, HasSubstr("\"value\": null"));
}

TEST_F(RecordFormatTest, Json) {
  record_.key = "a\"\n\x01";
  std::string json;
  append_record_json(json, record_);
  EXPECT_EQ(json,
            "{\"topic\": \"orders\", \"partition\": 3, \"offset\": 258, \"timestamp\": "
            "\"2026-01-31T09:00:00.123Z\", \"timestamp_ms\": 1769850000123, \"key\": "
            "\"a\\\"\\n\\u0001\", \"value_base64\": \"dv8=\", \"headers\": [{\"key\": \"a\", "
            "\"value\": \"1\"}, {\"key\": \"b\", \"value\": null}]}\n");
}

TEST_F(RecordFormatTest, JsonIsReadAsItWasWritten) {
  std::string json;
  append_record_json(json, record_);
  Scratch scratch;
  InputRecord read;
  ASSERT_TRUE(parse_record_json(json.substr(0, json.size() - 1), scratch, read));
  EXPECT_EQ(read.topic, "orders");
  EXPECT_EQ(read.partition, 3);
  EXPECT_EQ(read.timestamp, record_.timestamp);
  EXPECT_EQ(read.key.text(), "k1");
  EXPECT_EQ(read.value.text(), record_.value.text());
  ASSERT_EQ(read.headers.size(), 2u);
  EXPECT_EQ(read.headers[0].value.text(), "1");
  EXPECT_TRUE(read.headers[1].value.is_null());
}

TEST_F(RecordFormatTest, JsonOfAHeaderWhoseKeyIsNoText) {
  const std::vector<HeaderView> odd{{"\xfe", ""}};
  record_.headers = odd;
  std::string json;
  append_record_json(json, record_);
  EXPECT_THAT(json, HasSubstr("[{\"key_base64\": \"/g==\", \"value\": \"\"}]"));
  Scratch scratch;
  InputRecord read;
  ASSERT_TRUE(parse_record_json(json, scratch, read));
  ASSERT_EQ(read.headers.size(), 1u);
  EXPECT_EQ(read.headers[0].key, "\xfe");
}

TEST(RecordTemplate, MistakesSayWhereTheyAre) {
  const auto error = [](std::string_view text, FormatUse use = FormatUse::print) {
    const auto pieces = parse_template(text, use);
    return pieces.ok() ? std::string() : pieces.error().message();
  };
  EXPECT_THAT(error("%k %"), HasSubstr("character 4"));
  EXPECT_THAT(error("%z"), HasSubstr("%z means nothing"));
  EXPECT_THAT(error("%k %v{hexx}"), HasSubstr("character 4: 'hexx' is none of hex"));
  EXPECT_THAT(error("%o{base64}"), HasSubstr("'base64' is none of ascii"));
  EXPECT_THAT(error("%v{hex"), HasSubstr("not closed"));
  EXPECT_THAT(error("%h"), HasSubstr("%h needs"));
  EXPECT_THAT(error("%h{%p}"), HasSubstr("a header has"));
  EXPECT_THAT(error("\\q"), HasSubstr("escape"));
  EXPECT_THAT(error("\\x4"), HasSubstr("two hexadecimal"));
  EXPECT_THAT(error("%v{unpack[z]}"), HasSubstr("unpack: 'z'"));
  EXPECT_THAT(error("%v{json}"), HasSubstr("'json' is none of"));
  EXPECT_THAT(error("%V{3}"), HasSubstr("'3' is none of"));
  EXPECT_EQ(error("%V{3}%v", FormatUse::read), "");
  EXPECT_THAT(error("%d{go[2006]}", FormatUse::read), HasSubstr("prints times only"));
}

TEST(GoTime, LayoutsOfTheReferenceTime) {
  const auto at = [](std::string_view layout, TimestampMs time) {
    std::string out;
    append_go_time(out, layout, time);
    return out;
  };
  constexpr TimestampMs time = 1'772'545'509'040;  // Tue Mar 3 2026, 13:45:09.04
  EXPECT_EQ(at("Mon Jan _2 15:04:05 2006", time), "Tue Mar  3 13:45:09 2026");
  EXPECT_EQ(at("Monday, 02-Jan-06 15:04:05 MST", time), "Tuesday, 03-Mar-26 13:45:09 UTC");
  EXPECT_EQ(at("2006-01-02T15:04:05.999-07:00", time), "2026-03-03T13:45:09.04+00:00");
  EXPECT_EQ(at("3:04PM 1/2 002 .000000", time), "1:45PM 3/3 062 .040000");
  EXPECT_EQ(at("15:04:05.999", 1'772'545'509'000), "13:45:09");
  EXPECT_EQ(at("2006-01-02T15:04:05Z07:00", -1000), "1969-12-31T23:59:59Z");
}

TEST(Unpack, FieldsOfEachSize) {
  const auto text = [](std::string_view letters, std::string_view bytes) {
    std::string out;
    EXPECT_TRUE(check_unpack(letters)) << letters;
    append_unpacked(out, letters, bytes);
    return out;
  };
  EXPECT_EQ(text("b B", "\xff\xff"), "-1 255");
  EXPECT_EQ(text(">h <h", std::string_view("\0\1\0\1", 4)), "1 256");
  EXPECT_EQ(text("i", "\xff\xff\xff\xfe"), "-2");
  EXPECT_EQ(text("Q", std::string_view("\0\0\0\1\0\0\0\0", 8)), "4294967296");
  EXPECT_EQ(text("xcs", "abcd"), "bcd");
  EXPECT_EQ(text("B$", "ab"), "97(1 bytes are left)");
  EXPECT_EQ(text("Bi", "ab"), "97(ends before 'i')");
  EXPECT_FALSE(check_unpack("sB").ok());
}

}  // namespace
}  // namespace horolog::command
