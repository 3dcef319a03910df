#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "horolog/error.hpp"

namespace horolog {

/// A JSON object as an ordered list of names and raw values. What a reader does not know it keeps:
/// unknown fields go out as they came in. One thread at a time.
class JsonFields {
 public:
  /// Errc::corrupt with the column (from 1) when `text` is not one JSON object in full.
  static Result<JsonFields> parse(std::string_view text);
  /// The raw elements of a JSON array; Errc::corrupt likewise.
  static Result<std::vector<std::string>> elements(std::string_view array);

  bool has(std::string_view name) const { return raw(name) != nullptr; }
  /// The value as it stands, or nullptr; valid until the next change.
  const std::string* raw(std::string_view name) const;
  /// nullopt when it is absent, null, or no integer of 64 bits.
  std::optional<std::int64_t> number(std::string_view name) const;
  /// nullopt when it is absent, null, or no string.
  std::optional<std::string> text(std::string_view name) const;
  /// False unless the value is `true`.
  bool flag(std::string_view name) const;

  /// Calls `visit(name, raw)` for every field, in order.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const auto& [name, value] : fields_) visit(std::string_view(name), value);
  }
  bool empty() const { return fields_.empty(); }

  void set_raw(std::string_view name, std::string value);
  void set(std::string_view name, std::int64_t value) { set_raw(name, std::to_string(value)); }
  void set(std::string_view name, std::string_view value);
  void set_flag(std::string_view name, bool value) { set_raw(name, value ? "true" : "false"); }
  void erase(std::string_view name);

  /// One line, fields in their order.
  std::string to_text() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace horolog
