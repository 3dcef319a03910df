#pragma once

#include <cstdint>

#include "protocol/codec.hpp"
#include "tests/protocol/any_codec.hpp"

namespace horolog::wire {

/// The first byte chooses the type (modulo their number), the second the version, the rest is the
/// body. What decodes must encode, and decode again to the same text.
inline void fuzz_decode(MessageTypes types, const std::uint8_t* data, std::size_t size) {
  if (size < 2) return;
  const ByteView body = as_bytes({reinterpret_cast<const char*>(data) + 2, size - 2});
  const MessageType& type = types[data[0] % types.size()];
  const VersionRange range = type.api->versions;
  const auto version = static_cast<std::int16_t>(range.min + data[1] % (range.max - range.min + 1));
  const auto message = decode_any(type, body, version);
  if (!message) return;
  const std::string text = dump_any(type, **message, version);
  const ByteBuffer bytes = encode_any(type, **message, version);
  const auto again = decode_any(type, bytes, version);
  HOROLOG_ASSERT(again.ok());
  HOROLOG_ASSERT(dump_any(type, **again, version) == text);
}

inline void fuzz_request_header(const std::uint8_t* data, std::size_t size) {
  const ByteView frame = as_bytes({reinterpret_cast<const char*>(data), size});
  const auto parsed = decode_request_frame(frame);
  HOROLOG_ASSERT(!parsed || parsed->body.size() <= size);
}

}  // namespace horolog::wire
