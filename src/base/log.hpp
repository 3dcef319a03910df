#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace horolog::log {

enum class Level : std::uint8_t { debug, info, warn, error };

/// How a line is spelled: logfmt for people, JSON for machines.
enum class Style : std::uint8_t { logfmt, json };

/// Lines go to stderr, one write(2) each, so that lines of several threads never mix.
void set_level(Level level);
void set_style(Style style);
bool enabled(Level level);

/// One field of a line. Values are rendered when the line is enabled, not before.
struct Field {
  std::string_view key;
  std::string value;
  bool quoted = true;  ///< false for numbers and booleans
};

template <typename T>
Field field(std::string_view key, const T& value) {
  constexpr bool bare = std::is_arithmetic_v<T>;
  return {key, fmt::format("{}", value), !bare};
}

/// `log::write(log::Level::warn, "storage", "disk is low", {field("free", n)});`
/// Never log payloads or secrets.
void write(Level level, std::string_view component, std::string_view message,
           std::initializer_list<Field> fields = {});

inline void debug(std::string_view component, std::string_view message,
                  std::initializer_list<Field> fields = {}) {
  write(Level::debug, component, message, fields);
}
inline void info(std::string_view component, std::string_view message,
                 std::initializer_list<Field> fields = {}) {
  write(Level::info, component, message, fields);
}
inline void warn(std::string_view component, std::string_view message,
                 std::initializer_list<Field> fields = {}) {
  write(Level::warn, component, message, fields);
}
inline void error(std::string_view component, std::string_view message,
                  std::initializer_list<Field> fields = {}) {
  write(Level::error, component, message, fields);
}

}  // namespace horolog::log
