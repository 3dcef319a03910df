#include "client/strange_bytes.hpp"

#include <fmt/format.h>

#include <string_view>

namespace horolog::client {

std::string describe_answer(ByteView bytes, bool first, std::size_t limit_bytes) {
  constexpr std::byte tls_alert{0x15};
  constexpr std::byte tls_handshake{0x16};
  constexpr std::byte tls_major{0x03};
  if (first && bytes.size() >= 2) {
    const std::string_view text = as_text(bytes);
    if ((bytes[0] == tls_alert || bytes[0] == tls_handshake) && bytes[1] == tls_major) {
      return "answered in TLS: this is an encrypted listener and this client speaks plain text; "
             "use the port of a PLAINTEXT listener";
    }
    if (text.starts_with("HTTP")) {
      return "answered in HTTP: this is not a Kafka port (a console, metrics or REST port?); use "
             "the port of the broker's Kafka listener, 9092 as a rule";
    }
    if (text.starts_with("SSH-")) return "answered as an SSH server: this is not a Kafka port";
  }
  std::string hex;
  for (const std::byte b : bytes) hex += fmt::format("{:02x}", std::to_integer<int>(b));
  const std::int32_t length = bytes.size() >= 4 ? load_be<std::int32_t>(bytes.data()) : -1;
  return fmt::format("announced an answer of {} bytes (between 0 and {} are allowed; the first "
                     "bytes are {}){}",
                     length, limit_bytes, hex, first ? ": this is not a Kafka port" : "");
}

}  // namespace horolog::client
