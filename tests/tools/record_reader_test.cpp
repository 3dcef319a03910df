// Records out of text: by line, by template, as JSON; also when the text comes in small pieces.

#include "tools/record_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "horolog/record.hpp"

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string shown(const InputRecord& record) {
  std::string text;
  if (record.topic) text += std::string(*record.topic) + "/";
  if (record.partition != any_partition) text += std::to_string(record.partition) + "/";
  if (record.timestamp != no_timestamp) text += "@" + std::to_string(record.timestamp) + "/";
  text += record.key.is_null() ? "null" : std::string(record.key.text());
  text += "=";
  text += record.value.is_null() ? "null" : std::string(record.value.text());
  for (const HeaderView& each : record.headers) {
    text += "," + std::string(each.key) + ":" + std::string(each.value.text());
  }
  return text;
}

std::unique_ptr<RecordReader> by_template(std::string_view text) {
  auto pieces = parse_template(text, FormatUse::read);
  EXPECT_TRUE(pieces.ok()) << pieces.error().message();
  auto reader = make_template_reader(std::move(*pieces));
  EXPECT_TRUE(reader.ok()) << reader.error().message();
  return std::move(*reader);
}

/// Gives the text `step` bytes at a time; an error ends the list.
std::vector<std::string> read_all(RecordReader& reader, std::string_view text, std::size_t step) {
  std::vector<std::string> records;
  std::size_t at = 0;
  std::size_t there = std::min(step, text.size());
  while (at < text.size()) {
    InputRecord record;
    const auto taken = reader.read(text.substr(at, there - at), there == text.size(), record);
    if (!taken) {
      records.push_back("! " + taken.error().message());
      return records;
    }
    if (*taken > 0) {
      records.push_back(shown(record));
      at += *taken;
    } else if (there == text.size()) {
      records.push_back("! stuck");
      return records;
    }
    there = std::min(there + (*taken == 0 || there == at ? step : 0), text.size());
  }
  return records;
}

std::vector<std::string> read_all(RecordReader& reader, std::string_view text) {
  auto whole = read_all(reader, text, text.size());
  for (const std::size_t step : {1, 2, 7}) EXPECT_EQ(read_all(reader, text, step), whole) << step;
  return whole;
}

TEST(LineReader, LinesAndKeys) {
  EXPECT_THAT(read_all(*make_line_reader(""), "a\n\nb"), ElementsAre("null=a", "null=", "null=b"));
  EXPECT_THAT(read_all(*make_line_reader("::"), "k::v::w\nplain\n::v\n"),
              ElementsAre("k=v::w", "null=plain", "=v"));
}

TEST(TemplateReader, ByDelimiters) {
  EXPECT_THAT(read_all(*by_template("%k %v\\n"), "k v w\na b"), ElementsAre("k=v w", "a=b"));
  EXPECT_THAT(read_all(*by_template("%t %p %d %v;"), "x 3 17 v;y -1 18 w;"),
              ElementsAre("x/3/@17/null=v", "y/@18/null=w"));
  EXPECT_THAT(read_all(*by_template("%d{rfc3339} %v\\n"), "1970-01-01T00:00:01Z x\n"),
              ElementsAre("@1000/null=x"));
  EXPECT_THAT(read_all(*by_template("%v"), "all\nof\nit\n"), ElementsAre("null=all\nof\nit\n"));
}

TEST(TemplateReader, ByLengths) {
  EXPECT_THAT(read_all(*by_template("%K{big16}%V{little32}%k%v"),
                       std::string_view("\0\1\2\0\0\0kv\n\0\0\1\0\0\0w", 16)),
              ElementsAre("k=v\n", "=w"));
  EXPECT_THAT(read_all(*by_template("%K{2}%V{3}%k%v"), "aabbbccddd"),
              ElementsAre("aa=bbb", "cc=ddd"));
  EXPECT_THAT(read_all(*by_template("%V %v\\n"), "3 a\nb\n1 x\n"),
              ElementsAre("null=a\nb", "null=x"));
  EXPECT_THAT(read_all(*by_template("%V{hex8}%v"), "02ab01c"), ElementsAre("null=ab", "null=c"));
}

TEST(TemplateReader, FormsOfText) {
  EXPECT_THAT(read_all(*by_template("%k{hex} %v{base64}\\n"), "6b dg==\n"), ElementsAre("k=v"));
  EXPECT_THAT(read_all(*by_template("%k{re[a+]}%v{json}\\n"), "aa{\"x\": \"}\\\"\"}\na[1,[2]]\n"),
              ElementsAre("aa={\"x\": \"}\\\"\"}", "a=[1,[2]]"));
  EXPECT_THAT(read_all(*by_template("%v{json} %k\\n"), "12 k\n\"a b\" l\n"),
              ElementsAre("k=12", "l=\"a b\""));
}

TEST(TemplateReader, Headers) {
  EXPECT_THAT(read_all(*by_template("%H %h{%k=%v,}%v\\n"), "2 a=1,b=2,x\n0 y\n"),
              ElementsAre("null=x,a:1,b:2", "null=y"));
  EXPECT_THAT(read_all(*by_template("%H{byte}%h{%K{byte}%k%V{byte}%v}%V{byte}%v"),
                       std::string_view("\1\1h\2ab\1x\0\1y", 11)),
              ElementsAre("null=x,h:ab", "null=y"));
}

TEST(TemplateReader, WhatDoesNotFitIsSaid) {
  const auto error = [](std::string_view format, std::string_view text) {
    return read_all(*by_template(format), text).back();
  };
  EXPECT_THAT(error("%k %v\\n", "only\n"), HasSubstr("ends within a record"));
  EXPECT_THAT(error("%p %v\\n", "x y\n"), HasSubstr("byte 1 of the record: %p: no number"));
  EXPECT_THAT(error("%V{big32}%v", "\x7f"), HasSubstr("ends within a record"));
  EXPECT_THAT(error("a %v\\n", "b c\n"), HasSubstr("'a ' was expected"));
  EXPECT_THAT(error("%v{hex}\\n", "0g\n"), HasSubstr("'0g' is no hexadecimal"));
  EXPECT_THAT(error("%p %v\\n", "99999999999 y\n"), HasSubstr("%p cannot be 99999999999"));
}

TEST(TemplateReader, FormatsThatCannotBeRead) {
  const auto error = [](std::string_view text) {
    auto pieces = parse_template(text, FormatUse::read);
    const auto reader = make_template_reader(std::move(*pieces));
    return reader.ok() ? std::string() : reader.error().message();
  };
  EXPECT_THAT(error("%k%v\\n"), HasSubstr("%k has no end"));
  EXPECT_THAT(error("%e %v\\n"), HasSubstr("%e can be printed, not read"));
  EXPECT_THAT(error("%x %v\\n"), HasSubstr("%x can be printed, not read"));
  EXPECT_THAT(error("%h{%k=%v }%v\\n"), HasSubstr("%h needs the number"));
  EXPECT_THAT(error("%H %h{%k=%v}%v\\n"), HasSubstr("%v has no end"));
  EXPECT_THAT(error("%v{re[(]}\\n"), HasSubstr("no regular expression"));
  EXPECT_THAT(error(""), HasSubstr("empty"));
}

/// What is printed with lengths is read back, whatever the bytes are.
TEST(TemplateReader, RandomRecordsPrintedAndReadAgain) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto bytes = [&] {
    std::string text(random() % 20, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  for (const std::string_view format :
       {"%K{big32}%V{little16}%k%v%H{hex16}%h{%K{byte}%k%V{big64}%v}%d{big64}%p ",
        "%k{hex} %v{base64} %H %h{%k{hex}=%v{hex},}%d %p\n"}) {
    const auto pieces = parse_template(format, FormatUse::print);
    const auto reader = by_template(format);
    for (int i = 0; i < 300; ++i) {
      const std::string key = bytes(), value = bytes(), name = bytes(), content = bytes();
      const std::vector<HeaderView> headers(random() % 3, HeaderView{name, content});
      RecordView record;
      record.key = key;
      record.value = value;
      record.headers = headers;
      record.timestamp = static_cast<TimestampMs>(random());
      record.partition = static_cast<PartitionIndex>(random() % 9);
      std::string text;
      append_record(text, *pieces, record, {});
      InputRecord read;
      const auto taken = reader->read(text, true, read);
      ASSERT_TRUE(taken.ok()) << taken.error().message();
      ASSERT_EQ(*taken, text.size());
      InputRecord wanted{.topic = std::nullopt,
                         .partition = record.partition,
                         .timestamp = record.timestamp,
                         .key = record.key,
                         .value = record.value,
                         .headers = headers};
      ASSERT_EQ(shown(read), shown(wanted));
    }
  }
}

TEST(JsonReader, WhatDoesNotFitIsSaid) {
  const auto reader = make_json_reader();
  const auto one = [&](std::string_view line) { return read_all(*reader, line, 1000).back(); };
  EXPECT_EQ(one("{\"value\": {\"a\": 1}}\n"), "null={\"a\": 1}");
  EXPECT_EQ(one("{\"key\": \"\\u00e9\", \"value\": null, \"timestamp\": 5}"), "@5/é=null");
  EXPECT_THAT(one("{\"key\": 1\n"), HasSubstr("column"));
  EXPECT_THAT(one("{\"key\": \"a\"}\n"), HasSubstr("has no value"));
  EXPECT_THAT(one("{\"vlaue\": \"a\"}\n"), HasSubstr("did you mean 'value'?"));
  EXPECT_THAT(one("{\"value_base64\": \"!\"}\n"), HasSubstr("value_base64 is no base64"));
  EXPECT_THAT(one("{\"value\": \"a\", \"partition\": \"x\"}\n"), HasSubstr("partition is no"));
  EXPECT_THAT(one("{\"value\": \"a\", \"timestamp\": \"soon\"}\n"), HasSubstr("no time"));
  EXPECT_THAT(one("{\"value\": \"a\", \"headers\": [{\"value\": \"b\"}]}\n"),
              HasSubstr("headers: one has no key"));
}

}  // namespace
}  // namespace horolog::command
