#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"

namespace horolog::wire {

/// Record batches inside a message: opaque bytes, or null.
///
/// After decoding, `bytes` borrows from the frame that was decoded and is valid as long as that
/// frame. For encoding, the bytes are either given here and copied into the message, or only their
/// size is given: then the length prefix is written and the caller sends the bytes themselves at
/// the splice point (encode_spliced), so that record data is never copied.
struct Records {
  std::optional<std::size_t> size;  ///< nullopt = null
  ByteView bytes;

  static Records none() { return {}; }
  /// Bytes to copy into the message; they must outlive the encoding.
  static Records inline_bytes(ByteView bytes) { return {bytes.size(), bytes}; }
  /// `size` bytes that the caller will send at the splice point.
  static Records spliced(std::size_t size) { return {size, {}}; }

  bool is_null() const { return !size.has_value(); }
  /// True when the size is known here and the bytes come from elsewhere.
  bool is_spliced() const { return size.value_or(0) > 0 && bytes.empty(); }
};

}  // namespace horolog::wire
