#include <sys/random.h>

#include "base/assert.hpp"
#include "horolog/types.hpp"

namespace horolog {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t text_chars = 22;

}  // namespace

bool Uuid::is_zero() const { return *this == Uuid{}; }

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(text_chars);
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    held += 8;
    while (held >= 6) {
      held -= 6;
      text += alphabet[bits >> held & 63];
    }
  }
  text += alphabet[bits << (6 - held) & 63];
  return text;
}

std::string Uuid::to_hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != text_chars) return std::nullopt;
  Uuid id;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8 && at < id.bytes.size()) {
      held -= 8;
      id.bytes[at++] = static_cast<std::uint8_t>(bits >> held);
    }
  }
  return id;
}

Uuid Uuid::random() {
  Uuid id;
  do {
    const auto got = getrandom(id.bytes.data(), id.bytes.size(), 0);
    HOROLOG_ASSERT(got == static_cast<ssize_t>(id.bytes.size()));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  } while (id.bytes[0] >> 2 == 62);  // '-' first would look like an option to a command line
  return id;
}

}  // namespace horolog
