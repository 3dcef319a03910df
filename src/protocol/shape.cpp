#include "protocol/shape.hpp"

#include <fmt/format.h>

namespace horolog::wire {

Shape::Shape(const Api& api, std::int16_t version) : Visitor(api, version, Mode::sample) {
  json_ = fmt::format(
      R"({{"message":"{}","key":{},"record_type":{},"min":{},"max":{},"flexible_since":{},)"
      R"("version":{},"fields":[)",
      api.name, static_cast<std::int16_t>(api.key), api.record_type, api.versions.min,
      api.versions.max, api.flexible_since, version);
}

std::string Shape::take() && { return std::move(json_) + "]}"; }

void Shape::separate() {
  if (json_.back() != '[') json_ += ',';
}

void Shape::begin_field(std::string_view name, Field rule, const std::uint32_t* tag) {
  separate();
  json_ += fmt::format(R"({{"name":"{}","ignorable":{},"never_compact":{},"tag":{})", name,
                       rule.may_drop, rule.plain_length, tag ? std::to_string(*tag) : "null");
}

std::string Shape::description(std::string_view type, std::string_view json, bool may_be_null) {
  const bool array = std::exchange(in_array_, false);
  if (array) {
    may_be_null = array_may_be_null_;
    json = array_is_null_ ? "null" : "[]";
  }
  return fmt::format(R"(,"type":"{}{}","nullable":{},"default":{})", array ? "[]" : "", type,
                     may_be_null, json);
}

void Shape::scalar(std::string_view type, std::string_view json, bool may_be_null) {
  json_ += description(type, json, may_be_null) + "}";
}

void Shape::value(double& field) { scalar("float64", fmt::format("{}", field), false); }

void Shape::value(ErrorCode& field) {
  scalar("int16", std::to_string(static_cast<std::int16_t>(field)), false);
}

void Shape::value(Uuid& field) {
  HOROLOG_ASSERT(field.is_zero());
  scalar("uuid", "\"\"", false);
}

void Shape::value(std::string& field) {
  HOROLOG_ASSERT(field.empty());
  scalar("string", "\"\"", false);
}

void Shape::value(std::optional<std::string>& field) {
  HOROLOG_ASSERT(!field || field->empty());
  scalar("string", field ? "\"\"" : "null", nullable());
}

void Shape::value(ByteBuffer& field) {
  HOROLOG_ASSERT(field.empty());
  scalar("bytes", "\"\"", false);
}

void Shape::value(std::optional<ByteBuffer>& field) {
  HOROLOG_ASSERT(!field || field->empty());
  scalar("bytes", field ? "\"\"" : "null", nullable());
}

void Shape::value(Records& field) {
  HOROLOG_ASSERT(field.is_null());
  scalar("records", "null", nullable());
}

std::optional<std::size_t> Shape::begin_array(std::optional<std::size_t> size, std::size_t) {
  in_array_ = true;
  array_may_be_null_ = nullable();
  array_is_null_ = !size;
  return size;
}

bool Shape::begin_optional(bool present) {
  HOROLOG_ASSERT(!present);
  in_optional_ = true;
  return present;
}

void Shape::begin_struct() {
  if (depth_++ == 0) return;
  const bool may_be_null = std::exchange(in_optional_, false);
  json_ +=
      description("{}", may_be_null ? "null" : "{}", may_be_null && nullable()) + R"(,"fields":[)";
}

void Shape::end_struct() {
  if (--depth_ > 0) json_ += "]}";
}

}  // namespace horolog::wire
