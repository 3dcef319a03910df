#include "scheduler/identity.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/bytes.hpp"
#include "base/murmur2.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::size_t block_bytes = 64;
using Digest = std::array<std::uint32_t, 5>;

void sha1_block(Digest& digest, const std::byte* block) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be<std::uint32_t>(block + 4 * i);
  for (std::size_t i = 16; i < w.size(); ++i)
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = digest;
  for (std::size_t i = 0; i < w.size(); ++i) {
    std::uint32_t f = 0, k = 0;
    if (i < 20) {
      f = (b & c) | (~b & d);
      k = 0x5a827999;
    } else if (i < 40) {
      f = b ^ c ^ d;
      k = 0x6ed9eba1;
    } else if (i < 60) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8f1bbcdc;
    } else {
      f = b ^ c ^ d;
      k = 0xca62c1d6;
    }
    const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  digest[0] += a;
  digest[1] += b;
  digest[2] += c;
  digest[3] += d;
  digest[4] += e;
}

/// SHA-1 (FIPS 180-4). An identity, not a secret: that is why it may be SHA-1.
Digest sha1(ByteView data) {
  Digest digest{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  ByteBuffer padded = to_buffer(data);
  padded.push_back(std::byte{0x80});
  while (padded.size() % block_bytes != block_bytes - 8) padded.push_back(std::byte{0});
  append_be<std::uint64_t>(padded, data.size() * 8);
  for (std::size_t at = 0; at < padded.size(); at += block_bytes)
    sha1_block(digest, padded.data() + at);
  return digest;
}

std::string name_of(std::string_view first, std::int64_t second, std::string_view third) {
  std::string name(first);
  name += '\0';
  name += std::to_string(second);
  name += '\0';
  name += third;
  return name;
}

}  // namespace

std::string uuid_text(const Uuid& id) {
  std::string text = id.to_hex();
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  ByteBuffer input(name_space.bytes.size());
  std::memcpy(input.data(), name_space.bytes.data(), input.size());
  const ByteView bytes = as_bytes(name);
  input.insert(input.end(), bytes.begin(), bytes.end());
  const Digest digest = sha1(input);
  std::array<std::byte, 20> all{};
  for (std::size_t i = 0; i < digest.size(); ++i) store_be(all.data() + 4 * i, digest[i]);
  Uuid id;
  std::memcpy(id.bytes.data(), all.data(), id.bytes.size());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x50);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

std::string fire_id(std::string_view key, Offset generation, TimestampMs nominal_ms) {
  return uuid_text(
      uuid_v5(fire_id_namespace, name_of(key, generation, std::to_string(nominal_ms))));
}

std::string produced_fire_id(std::string_view topic, PartitionIndex partition, Offset offset) {
  return uuid_text(uuid_v5(fire_id_namespace, name_of(topic, partition, std::to_string(offset))));
}

std::string condition_fire_id(std::string_view key, Offset generation, std::string_view cause) {
  return uuid_text(uuid_v5(fire_id_namespace, name_of(key, generation, cause)));
}

PartitionIndex canonical_partition(std::string_view key, std::int32_t partitions) {
  return murmur2_partition(as_bytes(key), partitions);
}

}  // namespace horolog::scheduler
