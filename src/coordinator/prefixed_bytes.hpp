#pragma once

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "protocol/codec.hpp"

namespace horolog::coordinator {

/// A message behind its int16 record type or version: the shape of every key and value in the
/// coordinator topics.
template <typename T>
ByteBuffer prefixed(std::int16_t prefix, const T& message, std::int16_t version) {
  ByteBuffer out;
  append_be(out, prefix);
  const ByteBuffer body = wire::encode(message, version);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

/// Takes the prefix off. `what` names the bytes in the error.
inline Result<std::int16_t> take_prefix(ByteView& bytes, std::string_view what) {
  if (bytes.size() < sizeof(std::int16_t)) {
    return Error(Errc::corrupt, fmt::format("a {} has {} bytes, too few for its type or version",
                                            what, bytes.size()));
  }
  const auto prefix = load_be<std::int16_t>(bytes.data());
  bytes = bytes.subspan(sizeof(std::int16_t));
  return prefix;
}

}  // namespace horolog::coordinator
