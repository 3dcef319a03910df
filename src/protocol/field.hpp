#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace horolog::wire {

/// In which versions a field stands in the message, in which of those it may be null, and what
/// happens to a value that the version has no place for.
struct Field {
  std::int16_t first = 0;
  std::int16_t last = std::numeric_limits<std::int16_t>::max();
  std::int16_t null_first = 0;
  bool may_drop = false;
  bool plain_length = false;

  constexpr bool stands_in(std::int16_t version) const {
    return first <= version && version <= last;
  }
  /// The field may be null from `version` on, not wherever it stands.
  constexpr Field nullable_since(std::int16_t version) const {
    Field f = *this;
    f.null_first = version;
    return f;
  }
  /// A value that the version cannot carry is dropped silently (schema: "ignorable").
  constexpr Field ignorable() const {
    Field f = *this;
    f.may_drop = true;
    return f;
  }
  /// Lengths of this field are never compact, not even in flexible versions.
  constexpr Field never_compact() const {
    Field f = *this;
    f.plain_length = true;
    return f;
  }
};

inline constexpr Field always{};
constexpr Field since(std::int16_t first) { return {.first = first}; }
constexpr Field until(std::int16_t last) { return {.last = last}; }
constexpr Field between(std::int16_t first, std::int16_t last) {
  return {.first = first, .last = last};
}

/// A tagged field, as given to Visitor::end. Tags stand in ascending order.
template <typename T>
struct Tag {
  std::uint32_t number;
  std::string_view name;
  T& field;
  Field rule;
};
template <typename T>
Tag<T> tag(std::uint32_t number, std::string_view name, T& field, Field rule = always) {
  return {number, name, field, rule};
}

}  // namespace horolog::wire
