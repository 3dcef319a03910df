#pragma once

#include <cstdint>

#include "protocol/codec.hpp"
#include "protocol/dump.hpp"
#include "tests/protocol/all_messages.hpp"

namespace horolog::wire {

template <typename T>
void fuzz_one(ByteView body, std::int16_t version) {
  const auto message = decode<T>(body, version);
  if (!message) return;
  const std::string text = dump(*message, version, DumpOptions::everything());
  const ByteBuffer bytes = encode(*message, version);
  const auto again = decode<T>(bytes, version);
  HOROLOG_ASSERT(again.ok());
  HOROLOG_ASSERT(dump(*again, version, DumpOptions::everything()) == text);
}

/// The first byte chooses the type (modulo their number), the second the version.
template <typename... T>
void fuzz_decode(TypeList<T...>, const std::uint8_t* data, std::size_t size) {
  if (size < 2) return;
  const ByteView body = as_bytes({reinterpret_cast<const char*>(data) + 2, size - 2});
  const std::size_t chosen = data[0] % sizeof...(T);
  std::size_t index = 0;
  const auto run = [&]<typename U>() {
    if (index++ != chosen) return;
    const int versions = U::api.versions.max - U::api.versions.min + 1;
    fuzz_one<U>(body, static_cast<std::int16_t>(U::api.versions.min + data[1] % versions));
  };
  (run.template operator()<T>(), ...);
}

inline void fuzz_request_header(const std::uint8_t* data, std::size_t size) {
  const ByteView frame = as_bytes({reinterpret_cast<const char*>(data), size});
  const auto parsed = decode_request_frame(frame);
  if (parsed) HOROLOG_ASSERT(parsed->body.size() <= size);
}

}  // namespace horolog::wire
