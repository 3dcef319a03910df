#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace horolog::wire {

/// Bytes from text such as "00 03 'abc' ff": hexadecimal pairs and quoted text, for expectations
/// that were derived by hand.
inline ByteBuffer bytes_of(std::string_view text) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  ByteBuffer out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] == '\'') {
      for (++i; text[i] != '\''; ++i) out.push_back(static_cast<std::byte>(text[i]));
    } else {
      out.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
      ++i;
    }
  }
  return out;
}

/// Readable in gtest's failure messages.
inline std::string hex(ByteView bytes) {
  std::string out;
  for (const std::byte byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[std::to_integer<unsigned>(byte) >> 4];
    out += digits[std::to_integer<unsigned>(byte) & 15];
    out += ' ';
  }
  return out;
}

/// A generator with a fresh seed, which is printed so that a failure can be repeated with
/// HOROLOG_TEST_SEED.
inline std::mt19937_64 seeded_random() {
  const char* given = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = given ? std::stoull(given) : std::random_device{}();
  std::printf("HOROLOG_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

}  // namespace horolog::wire
