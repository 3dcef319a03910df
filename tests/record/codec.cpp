#include "record/codec.hpp"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

namespace horolog::record {
namespace {

constexpr Codec codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

ByteBuffer compressed(Codec codec, ByteView in, int level = default_level) {
  ByteBuffer out;
  const Status status = compress(codec, level, in, out);
  EXPECT_TRUE(status.ok()) << status.error().message();
  return out;
}

ByteBuffer text_of(std::size_t size) {
  ByteBuffer bytes(size);
  std::mt19937 random(3);
  for (std::byte& b : bytes) b = static_cast<std::byte>('a' + random() % 6);
  return bytes;
}

void expect_reads(Codec codec, ByteView form, ByteView content) {
  ByteBuffer out;
  const Status status = decompress(codec, form, out);
  ASSERT_TRUE(status.ok()) << to_string(codec) << ": " << status.error().message();
  EXPECT_TRUE(std::equal(out.begin(), out.end(), content.begin(), content.end()))
      << to_string(codec);
}

TEST(Codec, Names) {
  for (const Codec codec : codecs) EXPECT_EQ(parse_codec(to_string(codec)), codec);
  EXPECT_EQ(parse_codec("brotli"), std::nullopt);
}

TEST(Codec, RoundTripsOfManySizes) {
  for (const Codec codec : codecs) {
    for (const std::size_t size : {1UL, 100UL, 32'768UL, 32'769UL, 65'536UL, 3'000'000UL}) {
      const ByteBuffer content = text_of(size);
      expect_reads(codec, compressed(codec, content), content);
    }
  }
}

TEST(Codec, CompressAppends) {
  for (const Codec codec : codecs) {
    ByteBuffer out = to_buffer(as_bytes("head"));
    ASSERT_TRUE(compress(codec, default_level, as_bytes("content"), out).ok());
    EXPECT_EQ(as_text(ByteView(out).first(4)), "head");
    expect_reads(codec, ByteView(out).subspan(4), as_bytes("content"));
  }
}

TEST(Codec, LevelsChangeTheSizeAndAreChecked) {
  const ByteBuffer content = text_of(200'000);
  EXPECT_GT(compressed(Codec::gzip, content, 1).size(), compressed(Codec::gzip, content, 9).size());
  EXPECT_GT(compressed(Codec::zstd, content, -50).size(),
            compressed(Codec::zstd, content, 19).size());
  EXPECT_GT(compressed(Codec::lz4, content, 1).size(), compressed(Codec::lz4, content, 12).size());
  ByteBuffer out;
  EXPECT_EQ(compress(Codec::gzip, 10, content, out).error().code(), Errc::invalid_argument);
  EXPECT_EQ(compress(Codec::lz4, 18, content, out).error().code(), Errc::invalid_argument);
  EXPECT_EQ(compress(Codec::zstd, 23, content, out).error().code(), Errc::invalid_argument);
  EXPECT_TRUE(out.empty());
}

TEST(Codec, SnappyRawFormIsRead) {
  const ByteBuffer content = text_of(100'000);
  std::size_t size = snappy_max_compressed_length(content.size());
  ByteBuffer raw(size);
  ASSERT_EQ(snappy_compress(reinterpret_cast<const char*>(content.data()), content.size(),
                            reinterpret_cast<char*>(raw.data()), &size),
            SNAPPY_OK);
  raw.resize(size);
  expect_reads(Codec::snappy, raw, content);
}

TEST(Codec, SnappyIsWrittenInXerialFramingAndStreamsMayFollowEachOther) {
  const ByteBuffer one = compressed(Codec::snappy, as_bytes("one"));
  EXPECT_EQ(as_text(ByteView(one).first(8)), std::string_view("\x82SNAPPY\0", 8));
  EXPECT_EQ(load_be<std::int32_t>(one.data() + 8), 1);
  EXPECT_EQ(load_be<std::int32_t>(one.data() + 12), 1);
  // Raw snappy of "one" by hand: length 3, a literal of 3 bytes.
  EXPECT_EQ(as_text(ByteView(one).subspan(16)), std::string_view("\0\0\0\x05\x03\x08one", 9));
  ByteBuffer two = one;
  const ByteBuffer second = compressed(Codec::snappy, as_bytes("two"));
  two.insert(two.end(), second.begin(), second.end());
  expect_reads(Codec::snappy, two, as_bytes("onetwo"));
}

TEST(Codec, Lz4FramesOfEveryShapeAreRead) {
  const ByteBuffer content = text_of(300'000);
  for (const auto mode : {LZ4F_blockLinked, LZ4F_blockIndependent}) {
    for (const auto checksum : {LZ4F_noContentChecksum, LZ4F_contentChecksumEnabled}) {
      LZ4F_preferences_t preferences{};
      preferences.frameInfo.blockMode = mode;
      preferences.frameInfo.contentChecksumFlag = checksum;
      preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
      preferences.frameInfo.contentSize = content.size();
      ByteBuffer frame(LZ4F_compressFrameBound(content.size(), &preferences));
      const std::size_t size = LZ4F_compressFrame(frame.data(), frame.size(), content.data(),
                                                  content.size(), &preferences);
      ASSERT_EQ(LZ4F_isError(size), 0U);
      frame.resize(size);
      expect_reads(Codec::lz4, frame, content);
    }
  }
}

TEST(Codec, ZstdWithoutContentSizeIsRead) {
  const ByteBuffer content = text_of(300'000);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ByteBuffer frame(ZSTD_compressBound(content.size()));
  const std::size_t size =
      ZSTD_compress2(context, frame.data(), frame.size(), content.data(), content.size());
  ZSTD_freeCCtx(context);
  ASSERT_EQ(ZSTD_isError(size), 0U);
  frame.resize(size);
  ASSERT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), ZSTD_CONTENTSIZE_UNKNOWN);
  expect_reads(Codec::zstd, frame, content);
}

TEST(Codec, MembersAndFramesMayFollowEachOther) {
  for (const Codec codec : {Codec::gzip, Codec::lz4, Codec::zstd}) {
    ByteBuffer two = compressed(codec, as_bytes("one"));
    const ByteBuffer second = compressed(codec, as_bytes("two"));
    two.insert(two.end(), second.begin(), second.end());
    expect_reads(codec, two, as_bytes("onetwo"));
  }
}

TEST(Codec, EveryTruncationIsCorrupt) {
  const ByteBuffer content = text_of(500);
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const ByteBuffer whole = compressed(codec, content);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ByteBuffer out;
      const Status status = decompress(codec, ByteView(whole).first(size), out);
      // The xerial header alone is a complete, empty stream.
      if (codec == Codec::snappy && size == 16) continue;
      ASSERT_FALSE(status.ok()) << to_string(codec) << " " << size;
      EXPECT_EQ(status.error().code(), Errc::corrupt) << status.error().message();
    }
  }
}

TEST(Codec, RandomBytesNeverCrash) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  ByteBuffer out;
  for (int round = 0; round < 4000; ++round) {
    const Codec codec = codecs[1 + random() % 4];
    ByteBuffer form = compressed(codec, text_of(random() % 400));
    for (std::size_t n = 1 + random() % 6; n > 0; --n) {
      form[random() % form.size()] = static_cast<std::byte>(random());
    }
    static_cast<void>(decompress(codec, form, out));
  }
}

class Bombs : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(All, Bombs,
                         testing::Values(Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd));

TEST_P(Bombs, OutputStopsAtTheCap) {
  const ByteBuffer zeros(8 << 20);
  const ByteBuffer bomb = compressed(GetParam(), zeros);
  ASSERT_LT(bomb.size(), zeros.size() / 15);
  ByteBuffer out;
  const Status status = decompress(GetParam(), bomb, out, {.output_bytes = 1 << 20});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::too_large) << status.error().message();
  EXPECT_LE(out.size(), std::size_t{1} << 20);
  EXPECT_LE(out.capacity(), std::size_t{4} << 20);
  ASSERT_TRUE(decompress(GetParam(), bomb, out).ok()) << "honest within the default limits";
}

TEST_P(Bombs, OutputStopsAtTheRatio) {
  const ByteBuffer zeros(24 << 20);
  const ByteBuffer bomb = compressed(GetParam(), zeros);
  ByteBuffer out;
  const Status status = decompress(GetParam(), bomb, out, {.ratio = 2});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::too_large) << status.error().message();
  EXPECT_LE(out.size(), limits::decompressed_bytes_any_ratio + 2 * bomb.size());
}

TEST(Codec, ZstdFrameThatLiesAboutItsSizeIsRefusedBeforeAnythingIsAllocated) {
  ByteBuffer frame = compressed(Codec::zstd, ByteBuffer(1000));
  // The frame header of so small a content: magic, descriptor 0x60 (single segment, 2-byte size).
  ASSERT_EQ(static_cast<int>(frame[4]) & 0xc0, 0x40);
  ByteBuffer lie(frame.begin(), frame.begin() + 4);
  lie.push_back(std::byte{0xe0});  // single segment, 8-byte size
  for (int n = 0; n < 8; ++n) lie.push_back(std::byte{0x7f});
  lie.insert(lie.end(), frame.begin() + 7, frame.end());
  ByteBuffer out;
  EXPECT_EQ(decompress(Codec::zstd, lie, out).error().code(), Errc::too_large);
  EXPECT_LE(out.capacity(), limits::MiB);
}

}  // namespace
}  // namespace horolog::record
