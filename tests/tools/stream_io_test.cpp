// The ends of produce and consume: what comes in with its line, what goes out, what was delivered.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tools/delivery_tally.hpp"
#include "tools/record_input.hpp"
#include "tools/stream_output.hpp"

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PipeTest : public testing::Test {
 protected:
  PipeTest() { EXPECT_EQ(pipe(ends_), 0); }
  ~PipeTest() override {
    close_end(0);
    close_end(1);
  }

  void write_all(std::string_view text) {
    ASSERT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_end(int which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

  int ends_[2] = {-1, -1};
};

TEST_F(PipeTest, RecordsHaveTheLineWhereTheyBegin) {
  auto pieces = parse_template("%V %v\\n", FormatUse::read);
  auto reader = make_template_reader(std::move(*pieces));
  ASSERT_TRUE(reader.ok());
  RecordInput input(ends_[0], "some file", **reader);
  write_all("3 a\nb\n1 c\nx d\n");
  close_end(1);
  InputRecord record;
  ASSERT_TRUE(input.next(record).value());
  EXPECT_EQ(record.value.text(), "a\nb");
  EXPECT_EQ(input.line(), 1u);
  ASSERT_TRUE(input.next(record).value());
  EXPECT_EQ(record.value.text(), "c");
  EXPECT_EQ(input.line(), 3u);
  const auto bad = input.next(record);
  ASSERT_FALSE(bad.ok());
  EXPECT_THAT(bad.error().message(), HasSubstr("some file:4: byte 1 of the record"));
}

TEST_F(PipeTest, ALineIsThereBeforeTheNextOneComes) {
  const auto reader = make_line_reader("");
  RecordInput input(ends_[0], "stdin", *reader);
  InputRecord record;
  for (const char* line : {"first\n", "second\n"}) {
    write_all(line);
    ASSERT_TRUE(input.next(record).value());
    EXPECT_EQ(std::string(record.value.text()) + "\n", line);
  }
  close_end(1);
  EXPECT_FALSE(input.next(record).value());
  EXPECT_FALSE(input.next(record).value());
}

TEST(RecordInputTest, ADirectoryCannotBeRead) {
  const int fd = open("/", O_RDONLY | O_CLOEXEC);
  const auto reader = make_line_reader("");
  RecordInput input(fd, "/", *reader);
  InputRecord record;
  const auto got = input.next(record);
  close(fd);
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message(), HasSubstr("cannot read /"));
}

TEST_F(PipeTest, AReaderThatHasGoneIsNoError) {
  signal(SIGPIPE, SIG_IGN);
  StreamOutput output(ends_[1]);
  output.buffer() = "text";
  ASSERT_TRUE(output.flush());
  EXPECT_FALSE(output.closed());
  EXPECT_FALSE(output.reader_gone());
  char got[8];
  ASSERT_EQ(read(ends_[0], got, sizeof got), 4);
  close_end(0);
  EXPECT_TRUE(output.reader_gone());
  output.buffer() = "more";
  EXPECT_TRUE(output.flush());
  EXPECT_TRUE(output.closed());
}

TEST(StreamOutputTest, AFullDiskIsAnError) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  StreamOutput output(fd);
  output.buffer() = "text";
  const Status status = output.flush();
  close(fd);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::disk_full);
}

TEST(DeliveryTallyTest, PartitionsAndTheFirstFailures) {
  DeliveryTally tally;
  tally.callback("t", 1)(Position{.partition = 1, .offset = 7});
  tally.callback("t", 2)(Position{.partition = 1, .offset = 5});
  tally.callback("u", 3)(Position{.partition = 0, .offset = no_offset});
  for (std::uint64_t line = 4; line < 14; ++line) {
    tally.callback("t", line)(Error(Errc::timed_out, "late"));
  }
  EXPECT_EQ(tally.count_delivered(), 3);
  EXPECT_EQ(tally.count_failed(), 10);
  const auto partitions = tally.partitions();
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions.at({"t", 1}).records, 2);
  EXPECT_EQ(partitions.at({"t", 1}).first, 5);
  EXPECT_EQ(partitions.at({"t", 1}).last, 7);
  EXPECT_EQ(partitions.at({"u", 0}).first, no_offset);
  std::vector<std::uint64_t> lines;
  for (const auto& each : tally.failures()) lines.push_back(each.line);
  EXPECT_THAT(lines, ElementsAre(4, 5, 6, 7, 8));
}

}  // namespace
}  // namespace horolog::command
