#include "tools/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "tools/table_text.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::string_view modes[] = {"table", "wide", "json", "jsonl",
                                      "csv",   "yaml", "name", "help"};

bool empty(const Cell& cell) { return std::holds_alternative<std::monostate>(cell); }

std::string number_text(double value) { return fmt::format("{:.3f}", value); }

std::string json_value(const Cell& cell) {
  switch (cell.index()) {
    case 1: return std::get<bool>(cell) ? "true" : "false";
    case 2: return std::to_string(std::get<std::int64_t>(cell));
    case 3: return number_text(std::get<double>(cell));
    case 4: return json_string(std::get<std::string>(cell));
    default: return "null";
  }
}

/// The members that a cell becomes: times are two.
template <typename Put>
void put_members(const Column& column, const Cell& cell, const Put& put) {
  const std::string name(column.name);
  if (column.type == ColumnType::time) {
    const bool known = std::holds_alternative<std::int64_t>(cell);
    put(name, known ? Cell(format_time(std::get<std::int64_t>(cell))) : Cell());
    put(name + "_ms", cell);
  } else if (column.type == ColumnType::duration) {
    put(name + "_ms", cell);
  } else {
    put(name, cell);
  }
}

std::string members_json(const SectionSpec& spec, const std::vector<Cell>& row,
                         std::string_view between, std::string_view indent) {
  std::string out;
  for (std::size_t i = 0; i < spec.columns.size(); ++i) {
    put_members(spec.columns[i], row[i], [&](const std::string& name, const Cell& cell) {
      if (!out.empty()) out += between;
      out += fmt::format("{}{}: {}", indent, json_string(name), json_value(cell));
    });
  }
  return out;
}

std::string render_json(const Report& report) {
  std::string members;
  const auto separate = [&] { members += members.empty() ? "" : ",\n"; };
  for (const Section& section : report.sections) {
    if (section.spec.facts && section.rows.empty()) continue;
    separate();
    if (section.spec.facts) {
      members += members_json(section.spec, section.rows[0], ",\n", "  ");
      continue;
    }
    std::string rows;
    for (const auto& row : section.rows) {
      rows += rows.empty() ? "\n    " : ",\n    ";
      rows += row_json(section.spec, row);
    }
    members += fmt::format("  {}: [{}]", json_string(section.spec.name),
                           rows.empty() ? "" : rows + "\n  ");
  }
  return "{\n" + members + "\n}\n";
}

std::string render_yaml(const Report& report) {
  std::string out;
  // A JSON scalar is a YAML scalar.
  const auto put_row = [&](const Section& section, const std::vector<Cell>& row,
                           std::string_view first, std::string_view next) {
    std::string_view lead = first;
    for (std::size_t i = 0; i < row.size(); ++i) {
      put_members(section.spec.columns[i], row[i], [&](const std::string& name, const Cell& cell) {
        out += fmt::format("{}{}: {}\n", lead, name, json_value(cell));
        lead = next;
      });
    }
  };
  for (const Section& section : report.sections) {
    if (section.spec.facts) {
      if (!section.rows.empty()) put_row(section, section.rows[0], "", "");
      continue;
    }
    out += fmt::format("{}:{}\n", section.spec.name, section.rows.empty() ? " []" : "");
    for (const auto& row : section.rows) put_row(section, row, "  - ", "    ");
  }
  return out;
}

std::string csv_text(const Cell& cell) {
  if (empty(cell)) return "";
  if (!std::holds_alternative<std::string>(cell)) return json_value(cell);
  const std::string& text = std::get<std::string>(cell);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string render_csv(const Section& section) {
  std::string out;
  for (std::size_t line = 0; line <= section.rows.size(); ++line) {
    std::string text;
    bool first = true;
    for (std::size_t i = 0; i < section.spec.columns.size(); ++i) {
      const Cell cell = line == 0 ? Cell() : section.rows[line - 1][i];
      put_members(section.spec.columns[i], cell, [&](const std::string& name, const Cell& value) {
        text += std::exchange(first, false) ? "" : ",";
        text += line == 0 ? name : csv_text(value);
      });
    }
    out += text + "\n";
  }
  return out;
}

std::string render_names(const Section& section) {
  std::string out;
  for (const auto& row : section.rows) {
    std::string name;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!section.spec.columns[i].key) continue;
      name += (name.empty() ? "" : ":") + cell_text(section.spec.columns[i], row[i]);
    }
    out += name + "\n";
  }
  return out;
}

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::duration:
    case ColumnType::bytes: return "integer";
    case ColumnType::number: return "number";
    case ColumnType::flag: return "boolean";
    default: return "string";
  }
}

}  // namespace

std::optional<OutputMode> parse_output_mode(std::string_view name) {
  const auto found = std::find(std::begin(modes), std::end(modes), name);
  if (found == std::end(modes)) return std::nullopt;
  return static_cast<OutputMode>(found - std::begin(modes));
}

std::string column_title(const Column& column) {
  if (!column.title.empty()) return std::string(column.title);
  std::string title(column.name);
  for (char& c : title) {
    if (c == '_') c = '-';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return title;
}

std::string cell_text(const Column& column, const Cell& cell) {
  if (empty(cell)) return "-";
  if (std::holds_alternative<bool>(cell)) return std::get<bool>(cell) ? "yes" : "no";
  if (std::holds_alternative<double>(cell)) return fmt::format("{:.1f}", std::get<double>(cell));
  if (std::holds_alternative<std::string>(cell)) return std::get<std::string>(cell);
  const std::int64_t value = std::get<std::int64_t>(cell);
  switch (column.type) {
    case ColumnType::time: return format_time(value);
    case ColumnType::duration: return format_duration(value);
    case ColumnType::bytes: return format_bytes(value);
    default: return std::to_string(value);
  }
}

std::string row_json(const SectionSpec& spec, const std::vector<Cell>& row) {
  return "{" + members_json(spec, row, ", ", "") + "}";
}

std::string render(const Report& report, OutputMode mode) {
  static const Section none{};
  const Section& last = report.sections.empty() ? none : report.sections.back();
  switch (mode) {
    case OutputMode::json: return render_json(report);
    case OutputMode::yaml: return render_yaml(report);
    case OutputMode::csv: return render_csv(last);
    case OutputMode::name: return render_names(last);
    case OutputMode::jsonl: {
      std::string out;
      for (const auto& row : last.rows) out += row_json(last.spec, row) + "\n";
      return out;
    }
    default: return table_text(report, {.wide = mode == OutputMode::wide});
  }
}

std::string render_schema(std::span<const SectionSpec> sections) {
  std::string out;
  for (const SectionSpec& spec : sections) {
    const std::string indent = spec.facts ? "" : "  ";
    if (!spec.facts) out += fmt::format("{}: array of\n", spec.name);
    for (const Column& column : spec.columns) {
      const bool time = column.type == ColumnType::time;
      const bool duration = column.type == ColumnType::duration;
      out += fmt::format("{}{}{}: {}{}{}\n", indent, column.name, duration ? "_ms" : "",
                         time ? "string (RFC 3339)" : type_name(column.type),
                         column.meaning.empty() ? "" : "; ", column.meaning);
      if (time) out += fmt::format("{}{}_ms: integer; the same, since 1970\n", indent, column.name);
    }
  }
  return out;
}

}  // namespace horolog::command
