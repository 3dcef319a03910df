#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "horolog/types.hpp"

/// What a command found, before anybody decides how it looks. Commands fill reports; render.hpp
/// prints them as tables, JSON and the rest.
namespace horolog::command {

enum class ColumnType : std::uint8_t {
  text,
  integer,
  number,    ///< with fractions: rates
  flag,      ///< true or false
  time,      ///< milliseconds since 1970; JSON has RFC 3339 and `<name>_ms`
  duration,  ///< milliseconds; JSON calls it `<name>_ms`
  bytes,
};

struct Column {
  std::string_view name;  ///< in JSON, YAML and CSV; the table's title is made from it
  ColumnType type = ColumnType::text;
  std::string_view meaning = {};
  bool wide = false;  ///< not in the plain table
  bool key = false;   ///< what --output name prints
  /// Left out of the table when no row has a value.
  bool when_used = false;
  /// The table's title where it is not the name in capitals.
  std::string_view title = {};
};

/// Nothing (unknown, never), or a value of the column's type: times, durations and bytes are
/// integers.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

template <typename T>
Cell cell_of(const std::optional<T>& value) {
  return value ? Cell(*value) : Cell();
}

/// One part of a command's output: a table, or a single object (facts).
struct SectionSpec {
  std::string_view name;  ///< in JSON
  std::span<const Column> columns;
  bool facts = false;  ///< one row, printed as a list; its members stand beside the other sections
};

struct Section {
  SectionSpec spec;
  std::vector<std::vector<Cell>> rows;
};

struct Report {
  std::vector<Section> sections;

  /// Starts a section; the reference is valid until the next one starts.
  Section& add(const SectionSpec& spec) { return sections.emplace_back(Section{spec, {}}); }
};

}  // namespace horolog::command
