#pragma once

#include <limits>
#include <string>

#include "protocol/visitor.hpp"

namespace horolog::wire {

/// How dump() writes byte fields.
struct DumpOptions {
  /// Bytes of a byte field that are written out before it is cut short.
  std::size_t max_bytes = 32;

  static constexpr DumpOptions everything() {
    return {.max_bytes = std::numeric_limits<std::size_t>::max()};
  }
};

/// Prints one message on one line, in wire order with the tagged fields last:
/// `{acks=-1, topic_data=[{name="t", …}]}`. Only fields that stand in the version are printed.
class Dump final : public Visitor {
 public:
  Dump(const Api& api, std::int16_t version, DumpOptions options)
      : Visitor(api, version, Mode::list), options_(options) {}

  std::string take() && { return std::move(text_); }

 private:
  void value(bool& field) override { word(field ? "true" : "false"); }
  void value(std::int8_t& field) override { word(std::to_string(field)); }
  void value(std::int16_t& field) override { word(std::to_string(field)); }
  void value(std::uint16_t& field) override { word(std::to_string(field)); }
  void value(std::int32_t& field) override { word(std::to_string(field)); }
  void value(std::int64_t& field) override { word(std::to_string(field)); }
  void value(double& field) override;
  void value(ErrorCode& field) override;
  void value(Uuid& field) override { word(field.to_string()); }
  void value(std::string& field) override { quoted(field); }
  void value(std::optional<std::string>& field) override;
  void value(ByteBuffer& field) override { bytes(field); }
  void value(std::optional<ByteBuffer>& field) override;
  void value(Records& field) override;
  std::optional<std::size_t> begin_array(std::optional<std::size_t> size,
                                         std::size_t smallest) override;
  void end_array() override;
  bool begin_optional(bool present) override;
  void begin_struct() override;
  void end_struct() override { text_ += '}'; }
  void begin_field(std::string_view name, Field rule, const std::uint32_t* tag) override;

  /// A comma, unless something has just been opened.
  void separate();
  void word(std::string_view text);
  void quoted(std::string_view text);
  void bytes(ByteView bytes);

  DumpOptions options_;
  std::string text_;
  bool null_array_ = false;
};

/// Readable text of a message, for log lines, the inspector and tests.
template <Described T>
std::string dump(const T& message, std::int16_t version, DumpOptions options = {}) {
  Dump text(T::api, version, options);
  // A listing visitor leaves the fields alone.
  text.visit(const_cast<T&>(message));
  return std::move(text).take();
}

}  // namespace horolog::wire
