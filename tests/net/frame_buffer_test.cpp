#include "net/frame_buffer.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/net/rig.hpp"

namespace horolog::net {
namespace {

std::shared_ptr<Frame> frame_for(std::size_t bytes) {
  return std::make_shared<Frame>(bytes, nullptr, ByteBudget::Charge{});
}

/// Feeds `wire` in reads of the sizes given (the last one repeats) and returns the frames cut.
std::vector<std::string> cut(const std::string& wire, const std::vector<std::size_t>& reads,
                             std::size_t scratch_bytes, std::size_t frames_per_round) {
  FrameBuffer buffer(1 << 20);
  ByteBuffer scratch(scratch_bytes);
  std::vector<std::string> frames;
  std::size_t at = 0;
  std::size_t read = 0;
  for (;;) {
    for (std::size_t taken = 0;;) {
      const auto step = buffer.next();
      if (step == FrameBuffer::Step::need_bytes) break;
      if (taken == frames_per_round) {
        buffer.park();
        std::fill(scratch.begin(), scratch.end(), std::byte{0xee});
        taken = 0;
      }
      if (step == FrameBuffer::Step::need_frame) buffer.start(frame_for(buffer.needed_bytes()));
      if (step == FrameBuffer::Step::frame) {
        frames.emplace_back(as_text(std::as_const(*buffer.take()).bytes()));
        ++taken;
      }
    }
    if (at == wire.size()) return frames;
    std::size_t want = std::min(reads[std::min(read++, reads.size() - 1)], wire.size() - at);
    std::size_t got = 0;
    for (const MutableBytes target : buffer.read_targets(scratch)) {
      const std::size_t n = std::min(target.size(), want);
      std::memcpy(target.data(), wire.data() + at, n);
      at += n;
      got += n;
      want -= n;
    }
    buffer.commit(got);
  }
}

TEST(FrameBuffer, cuts_the_same_frames_at_every_split) {
  const std::vector<std::string> frames{"a", "", "0123456789", std::string(40, 'x'), "end"};
  std::string wire;
  for (const auto& frame : frames) wire += frame_of(frame);
  for (std::size_t first = 1; first < wire.size(); ++first) {
    for (std::size_t second = 1; second < wire.size(); ++second) {
      EXPECT_EQ(cut(wire, {first, second}, 64, 100), frames) << first << ' ' << second;
    }
    EXPECT_EQ(cut(wire, {first}, 64, 1), frames) << first << " parked after every frame";
  }
}

TEST(FrameBuffer, cuts_large_and_small_frames_mixed) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> frames;
    std::string wire;
    for (int i = 0; i < 20; ++i) {
      const std::size_t size = random() % 3 == 0 ? random() % 100'000 : random() % 50;
      frames.emplace_back(size, static_cast<char>('a' + i));
      wire += frame_of(frames.back());
    }
    std::vector<std::size_t> reads;
    for (int i = 0; i < 100; ++i) reads.push_back(1 + random() % 70'000);
    EXPECT_EQ(cut(wire, reads, 64 * 1024, 1 + random() % 5), frames);
  }
}

TEST(FrameBuffer, reads_a_started_frame_into_its_own_memory) {
  FrameBuffer buffer(1 << 20);
  ByteBuffer scratch(64 * 1024);
  const std::string wire = frame_of(std::string(200'000, 'z'));
  auto targets = buffer.read_targets(scratch);
  ASSERT_EQ(targets.size(), 1U);
  std::memcpy(targets[0].data(), wire.data(), 1000);
  buffer.commit(1000);
  ASSERT_EQ(buffer.next(), FrameBuffer::Step::need_frame);
  const auto frame = frame_for(buffer.needed_bytes());
  buffer.start(frame);
  ASSERT_EQ(buffer.next(), FrameBuffer::Step::need_bytes);
  EXPECT_TRUE(buffer.mid_frame());
  EXPECT_EQ(buffer.frame_have(), 996U);
  targets = buffer.read_targets(scratch);
  EXPECT_EQ(targets[0].data(), frame->bytes().data() + 996);
  EXPECT_EQ(targets[0].size(), 200'000U - 996);
  EXPECT_LE(targets[1].size(), 4096U);  // what is read besides has to be copied
}

TEST(FrameBuffer, refuses_negative_and_oversized_lengths_and_shows_them) {
  for (const std::string& text : {std::string("\xff\xff\xff\xff", 4), std::string("GET / HTTP/1.1"),
                                  std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
    for (std::size_t first = 1; first <= text.size(); ++first) {
      FrameBuffer buffer(100 << 20);
      ByteBuffer scratch(64);
      std::size_t at = 0;
      auto step = FrameBuffer::Step::need_bytes;
      while (at < text.size() && step == FrameBuffer::Step::need_bytes) {
        const std::size_t n = std::min(first, text.size() - at);
        std::memcpy(buffer.read_targets(scratch)[0].data(), text.data() + at, n);
        buffer.commit(n);
        at += n;
        step = buffer.next();
      }
      EXPECT_EQ(step, FrameBuffer::Step::bad_length);
      EXPECT_EQ(buffer.next(), FrameBuffer::Step::bad_length);
      EXPECT_EQ(as_text(buffer.first_bytes()), text.substr(0, at));
    }
  }
}

TEST(FrameBuffer, takes_a_frame_of_exactly_the_limit) {
  for (const std::size_t size : {100U, 101U}) {
    FrameBuffer buffer(100);
    ByteBuffer scratch(64);
    const std::string wire = frame_of(std::string(size, 'x')).substr(0, 4);
    std::memcpy(buffer.read_targets(scratch)[0].data(), wire.data(), 4);
    buffer.commit(4);
    EXPECT_EQ(buffer.next(),
              size == 100 ? FrameBuffer::Step::need_frame : FrameBuffer::Step::bad_length);
  }
}

}  // namespace
}  // namespace horolog::net
