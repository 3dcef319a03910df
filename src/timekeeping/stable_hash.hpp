#pragma once

#include <cstdint>
#include <string_view>

namespace horolog::timekeeping {

/// Spreads every bit of the input over the output (the finaliser of MurmurHash3, public domain).
constexpr std::uint64_t mix_bits(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  return value ^ (value >> 33);
}

/// The same number for the same text in every release, process and machine: `H` in a cron and the
/// jitter depend on it, and a schedule must not move because the program was updated. FNV-1a,
/// mixed.
constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t salt = 0) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ mix_bits(salt);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix_bits(hash);
}

}  // namespace horolog::timekeeping
