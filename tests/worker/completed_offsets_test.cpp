#include "worker/completed_offsets.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "worker/base64.hpp"

namespace horolog::worker {
namespace {

constexpr std::size_t room = 4'096;

void run_all(CompletedOffsets& done, std::initializer_list<Offset> offsets) {
  for (const Offset offset : offsets) {
    ASSERT_TRUE(done.try_start(offset, room)) << offset;
    done.complete(offset);
  }
}

TEST(CompletedOffsets, ThePrefixMovesOverWhatEndedOutOfOrder) {
  CompletedOffsets done(10);
  run_all(done, {11, 12});
  EXPECT_EQ(done.next(), 10);
  EXPECT_NE(done.metadata(), "");
  run_all(done, {10});
  EXPECT_EQ(done.next(), 13);
  EXPECT_EQ(done.metadata(), "");
}

TEST(CompletedOffsets, GapsLetThePrefixPassAndAreNotWritten) {
  CompletedOffsets done(0);
  done.gap(0, 5);
  EXPECT_EQ(done.next(), 5);
  run_all(done, {7});
  done.gap(6, 7);
  EXPECT_EQ(done.next(), 5);
  run_all(done, {5});
  EXPECT_EQ(done.next(), 8);
}

TEST(CompletedOffsets, TheBytesAreThoseOfTheFormat) {
  CompletedOffsets done(100);
  run_all(done, {101, 103, 110});
  // Bits 0, 2 and 9: 0b00000101, 0b00000010.
  EXPECT_EQ(done.metadata(), "h1b:BQI");
}

TEST(CompletedOffsets, FewLongRunsAreWrittenAsRuns) {
  CompletedOffsets done(0);
  for (Offset at = 5; at < 205; ++at) run_all(done, {at});
  // 5 not over, 200 over: 05, c8 01.
  EXPECT_EQ(done.metadata(), "h1r:" + base64_text("\x05\xc8\x01"));
}

TEST(CompletedOffsets, ReadsWhatItWrote) {
  for (const Offset step : {1, 2, 3, 40}) {
    CompletedOffsets done(1'000);
    for (Offset at = 1'001; at < 1'400; at += step) run_all(done, {at});
    const auto read = CompletedOffsets::parse(1'000, done.metadata());
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->metadata(), done.metadata());
    for (Offset at = 999; at < 1'410; ++at)
      EXPECT_EQ(read->contains(at), done.contains(at)) << at << " step " << step;
  }
}

TEST(CompletedOffsets, MetadataOfOthersMeansNothing) {
  const auto read = CompletedOffsets::parse(7, "written by somebody");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, CompletedOffsets(7));
}

TEST(CompletedOffsets, ANulAtTheEndIsNoPartOfTheText) {
  using namespace std::string_view_literals;
  const auto bits = CompletedOffsets::parse(985, "h1b:Ag\0"sv);
  ASSERT_TRUE(bits.ok()) << bits.error().message();
  EXPECT_TRUE(bits->contains(987));
  EXPECT_FALSE(bits->contains(986));
  EXPECT_TRUE(CompletedOffsets::parse(985, "\0"sv).ok());
}

TEST(CompletedOffsets, WhatIsBrokenIsAnErrorNotAGuess) {
  for (const char* bad : {"h1", "h1x:AA", "h1b:?", "h1b:A", "h1r:BQ", "h1r:AAE", "h1r:_w"}) {
    const auto read = CompletedOffsets::parse(7, bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code(), Errc::corrupt) << bad;
  }
}

TEST(CompletedOffsets, AFarTaskWaitsUntilThePrefixMoves) {
  CompletedOffsets done(0);
  constexpr std::size_t small = 40;
  Offset far = 0;
  while (done.try_start(far, small)) ++far;
  ASSERT_GT(far, 8);
  EXPECT_FALSE(done.try_start(far, small));
  for (Offset at = 0; at < 8; ++at) done.complete(at);
  EXPECT_TRUE(done.try_start(far, small));
}

TEST(CompletedOffsets, TheFirstOneMayAlwaysStart) {
  CompletedOffsets done(0);
  EXPECT_TRUE(done.try_start(0, 0));
}

/// Whatever ends in whatever order, the text fits and says exactly what is over.
TEST(CompletedOffsets, RandomOrdersKeepToTheBound) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    const std::size_t bytes = 30 + random() % 200;
    const std::uint64_t jumps = 10 + random() % 500;
    CompletedOffsets done(0);
    std::set<Offset> over, running;
    Offset to_come = 0;
    for (int step = 0; step < 3'000; ++step) {
      // Now and then far ahead, as behind a slow key.
      if (random() % jumps == 0) to_come += static_cast<Offset>(random() % 3'000);
      if (random() % 4 == 0) done.gap(to_come, to_come + 1), ++to_come;
      if (random() % 2 == 0 && done.try_start(to_come, bytes)) running.insert(to_come++);
      if (!running.empty() && random() % 2 == 0) {
        auto at = running.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random() % running.size()));
        done.complete(*at);
        over.insert(*at);
        running.erase(at);
      }
      ASSERT_LE(done.metadata().size(), bytes);
    }
    const auto read = CompletedOffsets::parse(done.next(), done.metadata());
    ASSERT_TRUE(read) << read.error().message();
    for (const Offset offset : over) EXPECT_TRUE(read->contains(offset)) << offset;
    for (const Offset offset : running) EXPECT_FALSE(read->contains(offset)) << offset;
  }
}

TEST(CompletedOffsets, StartsAreWrittenBeforeTheEnds) {
  CompletedOffsets done(100);
  done.start_below(132);
  EXPECT_EQ(done.metadata(), "h1s:32");
  EXPECT_EQ(done.deaths(100), 0U);  // not yet
  run_all(done, {101});
  EXPECT_EQ(done.metadata(), "h1s:32;b:AQ");
  auto heir = CompletedOffsets::parse(100, "h1s:32;b:AQ");
  ASSERT_TRUE(heir);
  EXPECT_TRUE(heir->contains(101));
  EXPECT_EQ(heir->deaths(131), 1U);
  EXPECT_EQ(heir->deaths(132), 0U);
  heir->start_below(101);
  EXPECT_EQ(heir->metadata(), "h1s:32,1;b:AQ");
  heir->leave();
  EXPECT_EQ(heir->metadata(), "h1s:32;b:AQ");
  auto third = CompletedOffsets::parse(100, "h1s:32,1;r:BcgB");
  ASSERT_TRUE(third);
  EXPECT_EQ(third->deaths(100), 2U);
  run_all(*third, {100});
  EXPECT_EQ(third->metadata(), "h1s:31;r:BMgB");
}

TEST(CompletedOffsets, StartsKeepToTheirRoom) {
  CompletedOffsets done(0);
  ASSERT_TRUE(done.try_start(1, room));
  done.complete(1);
  const std::size_t without = done.metadata().size();
  std::string text = "h1s:17179869184";
  for (int i = 0; i < 6; ++i) text += ",17179869184";
  auto many = CompletedOffsets::parse(0, text + done.metadata().replace(0, 2, ";"));
  ASSERT_TRUE(many);
  many->start_below(50);
  EXPECT_LE(many->metadata().size(), without + CompletedOffsets::longest_starts);
  EXPECT_TRUE(many->metadata().starts_with("h1s:17179869184,")) << many->metadata();
  EXPECT_NE(many->metadata().find(",50;b:"), std::string::npos) << many->metadata();
}

TEST(CompletedOffsets, StartsThatMakeNoSenseAreNamed) {
  for (const char* bad : {"h1s:", "h1s:0", "h1s:-1", "h1s:1,2", "h1s:5,", "h1s:5;", "h1s:5;x:AA",
                          "h1s:x", "h1s:5;b:A", "h1s:99999999999"})
    EXPECT_FALSE(CompletedOffsets::parse(0, bad)) << bad;
}

TEST(Base64, VectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"},
      {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_text(bytes), text);
    EXPECT_EQ(base64_bytes(text), bytes);
  }
  for (const char* bad : {"A", "Zh", "Zm8=", "Z g"}) EXPECT_FALSE(base64_bytes(bad)) << bad;
}

}  // namespace
}  // namespace horolog::worker
