#include "protocol/writer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/varint.hpp"

namespace horolog::wire {
namespace {

constexpr std::size_t first_capacity = 256;
constexpr std::size_t max_text = 32'767;
constexpr std::size_t max_blob = std::numeric_limits<std::int32_t>::max() - 1;

void put_varint(std::byte* at, std::uint32_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *at = static_cast<std::byte>(value);
}

/// At most as much of `text` as the wire takes, cut between characters (UTF-8). Names come from
/// strings that fitted, so only text composed for people can be longer; stopping the process over
/// it would let a peer stop us with a long name that an error message repeats.
std::string_view fitting(std::string_view text) {
  if (text.size() <= max_text) return text;
  std::size_t end = max_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

Writer::Writer(const Api& api, std::int16_t version, Spliced out)
    : Visitor(api, version, Mode::write), out_(std::move(out)), size_(out_.bytes.size()) {
  HOROLOG_ASSERT(api.versions.contains(version));
}

Spliced Writer::take() && {
  out_.bytes.resize(size_);
  return std::move(out_);
}

std::byte* Writer::grow(std::size_t size) {
  const std::size_t at = std::exchange(size_, size_ + size);
  if (size_ > out_.bytes.size()) {
    out_.bytes.resize(std::max({size_, 2 * out_.bytes.size(), first_capacity}));
  }
  return out_.bytes.data() + at;
}

void Writer::varint(std::uint32_t value) { put_varint(grow(uvarint_size(value)), value); }

void Writer::length(std::size_t size, bool text) {
  HOROLOG_ASSERT(size <= (text ? max_text : max_blob));
  if (flexible()) {
    varint(static_cast<std::uint32_t>(size + 1));
  } else if (text) {
    number(static_cast<std::int16_t>(size));
  } else {
    number(static_cast<std::int32_t>(size));
  }
}

void Writer::null(bool text) {
  if (!nullable()) cannot_carry(field_name());
  if (flexible()) {
    varint(0);
  } else if (text) {
    number(std::int16_t{-1});
  } else {
    number(std::int32_t{-1});
  }
}

void Writer::text(std::string_view whole) {
  const std::string_view value = fitting(whole);
  length(value.size(), true);
  if (!value.empty()) std::memcpy(grow(value.size()), value.data(), value.size());
}

void Writer::blob(ByteView bytes) {
  length(bytes.size(), false);
  if (!bytes.empty()) std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
}

void Writer::value(Uuid& field) {
  std::memcpy(grow(field.bytes.size()), field.bytes.data(), field.bytes.size());
}

void Writer::value(std::string& field) { text(field); }

void Writer::value(std::optional<std::string>& field) { field ? text(*field) : null(true); }

void Writer::value(ByteBuffer& field) { blob(field); }

void Writer::value(std::optional<ByteBuffer>& field) { field ? blob(*field) : null(false); }

void Writer::value(Records& field) {
  if (field.is_null()) return null(false);
  if (!field.is_spliced()) {
    HOROLOG_ASSERT(*field.size == field.bytes.size());
    return blob(field.bytes);
  }
  // Inside a tagged field the length of the tag would have to count the spliced bytes too.
  HOROLOG_ASSERT(tag_depth_ == 0);
  length(*field.size, false);
  out_.splices.push_back({.at = size_, .size = *field.size});
}

std::optional<std::size_t> Writer::begin_array(std::optional<std::size_t> size, std::size_t) {
  if (size) {
    length(*size, false);
  } else {
    null(false);
  }
  return size;
}

bool Writer::begin_optional(bool present) {
  if (!present && !nullable()) cannot_carry(field_name());
  number(present ? std::int8_t{1} : std::int8_t{-1});
  return present;
}

std::size_t Writer::tag_count(std::size_t count) {
  varint(static_cast<std::uint32_t>(count));
  return count;
}

std::uint32_t Writer::begin_tag(std::uint32_t number) {
  varint(number);
  HOROLOG_ASSERT(tag_depth_ < max_tag_depth);
  tag_starts_[tag_depth_++] = size_;
  return number;
}

void Writer::end_tag(bool) {
  // The size comes before the content but is known only after it.
  const std::size_t start = tag_starts_[--tag_depth_];
  const std::size_t content = size_ - start;
  const std::size_t prefix = uvarint_size(static_cast<std::uint32_t>(content));
  grow(prefix);
  std::byte* at = out_.bytes.data() + start;
  std::memmove(at + prefix, at, content);
  put_varint(at, static_cast<std::uint32_t>(content));
}

}  // namespace horolog::wire
