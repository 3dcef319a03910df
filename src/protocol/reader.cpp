#include "protocol/reader.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/varint.hpp"

namespace horolog::wire {
namespace {

/// Kafka's limit for every string, whatever its length prefix could say.
constexpr std::size_t max_text = 32'767;

}  // namespace

Reader::Reader(const Api& api, std::int16_t version, ByteView bytes)
    : Visitor(api, version, Mode::read),
      begin_(bytes.data()),
      at_(begin_),
      end_(begin_ + bytes.size()) {}

Status Reader::complete() {
  if (!failed_ && at_ != end_) {
    fail(Errc::corrupt, fmt::format("{} bytes follow the end of the message", left()));
  }
  return complete_prefix();
}

Status Reader::complete_prefix() {
  if (error_) return *error_;
  return {};
}

void Reader::fail(Errc code, const std::string& what) {
  if (failed_) return;
  failed_ = true;
  error_.emplace(code, fmt::format("{} version {}, field {}, at byte {}: {}", api().name, version(),
                                   field_name(), at_ - begin_, what));
  at_ = end_;
}

const std::byte* Reader::take(std::size_t size) {
  if (failed_) return nullptr;
  if (left() < size) {
    fail(Errc::corrupt, fmt::format("{} bytes are needed and {} are left", size, left()));
    return nullptr;
  }
  return std::exchange(at_, at_ + size);
}

std::uint32_t Reader::varint() {
  if (failed_) return 0;
  ByteView bytes = rest();
  const auto value = take_uvarint32(bytes);
  if (!value) {
    fail(Errc::corrupt, "a variable-length number is cut off or does not fit into 32 bits");
    return 0;
  }
  at_ = bytes.data();
  return *value;
}

std::optional<std::size_t> Reader::length(Prefix what) {
  std::int64_t size = -1;
  if (flexible()) {
    size = std::int64_t{varint()} - 1;
  } else if (what == Prefix::text) {
    std::int16_t prefix = -1;
    number(prefix);
    size = prefix;
  } else {
    std::int32_t prefix = -1;
    number(prefix);
    size = prefix;
  }
  if (failed_) return std::nullopt;
  if (size < -1) {
    fail(Errc::corrupt, fmt::format("the length is {}", size));
  } else if (size == -1 && !nullable()) {
    fail(Errc::corrupt, "null where this version allows none");
  } else if (size >= 0) {
    return static_cast<std::size_t>(size);
  }
  return std::nullopt;
}

std::optional<ByteView> Reader::text() {
  const auto size = length(Prefix::text);
  if (!size) return std::nullopt;
  if (*size > max_text) {
    fail(Errc::corrupt,
         fmt::format("a string of {} bytes; at most {} are allowed", *size, max_text));
    return std::nullopt;
  }
  const std::byte* from = take(*size);
  return from ? std::optional(ByteView(from, *size)) : std::nullopt;
}

std::optional<ByteView> Reader::blob() {
  const auto size = length(Prefix::bytes);
  if (!size) return std::nullopt;
  const std::byte* from = take(*size);
  return from ? std::optional(ByteView(from, *size)) : std::nullopt;
}

void Reader::value(bool& field) {
  if (const std::byte* from = take(1)) field = *from != std::byte{0};
}

void Reader::value(double& field) {
  std::int64_t bits = 0;
  number(bits);
  field = std::bit_cast<double>(bits);
}

void Reader::value(ErrorCode& field) {
  std::int16_t code = 0;
  number(code);
  field = static_cast<ErrorCode>(code);
}

void Reader::value(Uuid& field) {
  if (const std::byte* from = take(field.bytes.size())) {
    std::memcpy(field.bytes.data(), from, field.bytes.size());
  }
}

void Reader::value(std::string& field) {
  if (const auto bytes = text()) field.assign(as_text(*bytes));
}

void Reader::value(std::optional<std::string>& field) {
  const auto bytes = text();
  if (bytes) {
    field.emplace(as_text(*bytes));
  } else {
    field.reset();
  }
}

void Reader::value(ByteBuffer& field) {
  if (const auto bytes = blob()) field.assign(bytes->begin(), bytes->end());
}

void Reader::value(std::optional<ByteBuffer>& field) {
  const auto bytes = blob();
  if (bytes) {
    field.emplace(bytes->begin(), bytes->end());
  } else {
    field.reset();
  }
}

void Reader::value(Records& field) {
  const auto bytes = blob();
  field = bytes ? Records::inline_bytes(*bytes) : Records::none();
}

std::optional<std::size_t> Reader::begin_array(std::optional<std::size_t>, std::size_t smallest) {
  const auto count = length(Prefix::elements);
  if (!count) return nullable() ? std::nullopt : std::optional<std::size_t>(0);
  if (*count > left() / smallest) {
    fail(Errc::corrupt,
         fmt::format("{} elements do not fit into the {} bytes left", *count, left()));
    return 0;
  }
  // Structs and strings take more memory than bytes on the wire, so their total is bounded too.
  if (smallest == 1) elements_ += *count;
  if (*count > limits::array_elements || elements_ > limits::array_elements) {
    fail(Errc::too_large,
         fmt::format("more than {} array elements (limit array_elements)", limits::array_elements));
    return 0;
  }
  return count;
}

bool Reader::begin_optional(bool) {
  std::int8_t mark = -1;
  number(mark);
  if (!failed_ && mark < 0 && !nullable()) {
    fail(Errc::corrupt, "null where this version allows none");
  }
  return !failed_ && mark >= 0;
}

std::size_t Reader::tag_count(std::size_t) {
  const std::size_t count = varint();
  if (count > limits::tagged_fields) {
    fail(Errc::too_large,
         fmt::format("{} tagged fields; at most {} are allowed", count, limits::tagged_fields));
    return 0;
  }
  return count;
}

std::uint32_t Reader::begin_tag(std::uint32_t) {
  const std::uint32_t number = varint();
  const std::size_t size = varint();
  if (size > left()) {
    fail(Errc::corrupt,
         fmt::format("tagged field {} has {} bytes and {} are left", number, size, left()));
  }
  HOROLOG_ASSERT(tag_depth_ < max_tag_depth);
  outer_ends_[tag_depth_++] = end_;
  if (!failed_) end_ = at_ + size;
  return number;
}

void Reader::end_tag(bool known) {
  if (known && at_ != end_) {
    fail(Errc::corrupt, fmt::format("{} bytes are left over in a tagged field", left()));
  }
  at_ = end_;
  end_ = outer_ends_[--tag_depth_];
  if (failed_) at_ = end_;
}

}  // namespace horolog::wire
