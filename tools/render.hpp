#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/report.hpp"

namespace horolog::command {

enum class OutputMode : std::uint8_t { table, wide, json, jsonl, csv, yaml, name, help };

std::optional<OutputMode> parse_output_mode(std::string_view name);

/// The whole report in one mode, with a line end. Pure.
///
/// json: an object; facts are its members, other sections arrays of objects. yaml: the same.
/// jsonl and csv: the rows of the last section (csv with a line of names first). name: the key
/// columns of those rows, joined by ':'. A cell without a value is null, empty, or '-'.
std::string render(const Report& report, OutputMode mode);

/// The schema of what a command prints: a line for each member.
std::string render_schema(std::span<const SectionSpec> sections);

/// One row as a JSON object without line breaks; for output that goes on for ever.
std::string row_json(const SectionSpec& spec, const std::vector<Cell>& row);

/// "LAG-TIME" for lag_time.
std::string column_title(const Column& column);
/// A cell as a table shows it.
std::string cell_text(const Column& column, const Cell& cell);

}  // namespace horolog::command
