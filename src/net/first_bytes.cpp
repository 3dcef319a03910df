#include "net/first_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace horolog::net {
namespace {

constexpr std::array<std::string_view, 9> http_words{"GET ", "POST", "PUT ", "HEAD", "DELE",
                                                     "OPTI", "PATC", "CONN", "PRI "};

bool starts_with(ByteView bytes, std::string_view text) { return as_text(bytes).starts_with(text); }

}  // namespace

std::string describe_first_bytes(ByteView bytes) {
  constexpr std::byte tls_handshake{0x16};
  constexpr std::byte tls_major{0x03};
  if (bytes.size() >= 2 && bytes[0] == tls_handshake && bytes[1] == tls_major) {
    return "a TLS handshake; this listener speaks plain text: set security.protocol=PLAINTEXT "
           "(or SASL_PLAINTEXT) in the client";
  }
  if (std::ranges::any_of(http_words, [&](auto word) { return starts_with(bytes, word); })) {
    return "an HTTP request; this port speaks the Kafka protocol, health and metrics are on the "
           "admin listener";
  }
  if (starts_with(bytes, "SSH-")) return "an SSH client; this port speaks the Kafka protocol";
  std::string hex;
  for (const std::byte b : bytes) hex += fmt::format("{:02x}", std::to_integer<int>(b));
  return fmt::format("not the Kafka protocol (the first bytes are {})", hex);
}

}  // namespace horolog::net
