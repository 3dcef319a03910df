#pragma once

#include <string>

#include "protocol/visitor.hpp"

namespace horolog::wire {

/// Writes down what a message consists of in one version, as JSON: the names, types, nullability,
/// defaults, tags and ignorable marks of its fields. Tests compare it with Kafka's own schemas.
class Shape final : public Visitor {
 public:
  Shape(const Api& api, std::int16_t version);

  std::string take() &&;

 private:
  void value(bool& field) override { scalar("bool", field ? "true" : "false", false); }
  void value(std::int8_t& field) override { scalar("int8", std::to_string(field), false); }
  void value(std::int16_t& field) override { scalar("int16", std::to_string(field), false); }
  void value(std::uint16_t& field) override { scalar("uint16", std::to_string(field), false); }
  void value(std::int32_t& field) override { scalar("int32", std::to_string(field), false); }
  void value(std::int64_t& field) override { scalar("int64", std::to_string(field), false); }
  void value(double& field) override;
  void value(ErrorCode& field) override;
  void value(Uuid& field) override;
  void value(std::string& field) override;
  void value(std::optional<std::string>& field) override;
  void value(ByteBuffer& field) override;
  void value(std::optional<ByteBuffer>& field) override;
  void value(Records& field) override;
  std::optional<std::size_t> begin_array(std::optional<std::size_t> size,
                                         std::size_t smallest) override;
  bool begin_optional(bool present) override;
  void begin_struct() override;
  void end_struct() override;
  void begin_field(std::string_view name, Field rule, const std::uint32_t* tag) override;

  /// Ends a field, or the array it is, with its type. `json` is the default value.
  void scalar(std::string_view type, std::string_view json, bool may_be_null);
  /// Type, nullability and default; of the array when the field is one.
  std::string description(std::string_view type, std::string_view json, bool may_be_null);
  void separate();

  std::string json_;
  int depth_ = 0;
  bool in_optional_ = false;
  bool in_array_ = false;
  bool array_may_be_null_ = false;
  bool array_is_null_ = false;
};

}  // namespace horolog::wire
