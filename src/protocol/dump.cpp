#include "protocol/dump.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace horolog::wire {

void Dump::separate() {
  const char last = text_.empty() ? '{' : text_.back();
  if (last != '{' && last != '[' && last != '=') text_ += ", ";
}

void Dump::word(std::string_view text) {
  separate();
  text_ += text;
}

void Dump::quoted(std::string_view text) {
  separate();
  text_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      text_ += fmt::format("\\x{:02x}", byte);
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

void Dump::bytes(ByteView bytes) {
  separate();
  text_ += fmt::format("{} bytes <", bytes.size());
  const std::size_t shown = std::min(bytes.size(), options_.max_bytes);
  for (std::size_t i = 0; i < shown; ++i) {
    text_ += fmt::format("{:02x}", std::to_integer<unsigned>(bytes[i]));
  }
  text_ += shown < bytes.size() ? "…>" : ">";
}

void Dump::value(double& field) { word(fmt::format("{}", field)); }

void Dump::value(ErrorCode& field) {
  word(fmt::format("{}({})", to_string(field), static_cast<std::int16_t>(field)));
}

void Dump::value(std::optional<std::string>& field) { field ? quoted(*field) : word("null"); }

void Dump::value(std::optional<ByteBuffer>& field) { field ? bytes(*field) : word("null"); }

void Dump::value(Records& field) {
  if (field.is_null()) return word("null");
  if (field.is_spliced()) return word(fmt::format("{} bytes", *field.size));
  bytes(field.bytes);
}

std::optional<std::size_t> Dump::begin_array(std::optional<std::size_t> size, std::size_t) {
  word(size ? "[" : "null");
  null_array_ = !size;
  return size;
}

void Dump::end_array() {
  if (!std::exchange(null_array_, false)) text_ += ']';
}

bool Dump::begin_optional(bool present) {
  if (!present) word("null");
  return present;
}

void Dump::begin_struct() {
  separate();
  text_ += '{';
}

void Dump::begin_field(std::string_view name, Field, const std::uint32_t*) {
  separate();
  text_ += name;
  text_ += '=';
}

}  // namespace horolog::wire
