#include "tools/table_text.hpp"

#include <algorithm>
#include <vector>

#include "tools/colors.hpp"
#include "tools/render.hpp"

namespace horolog::command {
namespace {

/// Columns of a text of UTF-8, as far as one character takes one column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      }));
}

void pad(std::string& out, std::size_t have, std::size_t want) {
  if (want > have) out.append(want - have, ' ');
}

bool numeric(ColumnType type) { return type != ColumnType::text && type != ColumnType::time; }

std::vector<std::size_t> shown_columns(const Section& section, bool wide) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < section.spec.columns.size(); ++i) {
    const Column& column = section.spec.columns[i];
    if (column.wide && !wide) continue;
    const bool used = std::any_of(section.rows.begin(), section.rows.end(),
                                  [&](const auto& row) {
                                    return !std::holds_alternative<std::monostate>(row[i]);
                                  });
    if (column.when_used && !used) continue;
    shown.push_back(i);
  }
  return shown;
}

std::string facts(const Section& section, const TableStyle& style) {
  std::string out;
  if (section.rows.empty()) return out;
  const auto shown = shown_columns(section, style.wide);
  std::size_t width = 0;
  for (const std::size_t i : shown) {
    width = std::max(width, column_title(section.spec.columns[i]).size());
  }
  for (const std::size_t i : shown) {
    const Column& column = section.spec.columns[i];
    const std::string title = column_title(column);
    out += style.colors ? bold(title) : title;
    pad(out, title.size(), width + 2);
    const std::string text = cell_text(column, section.rows[0][i]);
    out += (style.colors ? painted(column.name, text) : text) + "\n";
  }
  return out;
}

std::string cell_in(const Column& column, const std::string& text, bool title, bool colors) {
  if (!colors) return text;
  return title ? bold(text) : painted(column.name, text);
}

std::string rows(const Section& section, const TableStyle& style) {
  const auto shown = shown_columns(section, style.wide);
  std::vector<std::vector<std::string>> lines(section.rows.size() + 1);
  for (const std::size_t i : shown) {
    lines[0].push_back(column_title(section.spec.columns[i]));
    for (std::size_t row = 0; row < section.rows.size(); ++row) {
      lines[row + 1].push_back(cell_text(section.spec.columns[i], section.rows[row][i]));
    }
  }
  std::vector<std::size_t> widths(shown.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t k = 0; k < line.size(); ++k) {
      widths[k] = std::max(widths[k], width_of(line[k]));
    }
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t k = 0; k < line.size(); ++k) {
      const Column& column = section.spec.columns[shown[k]];
      const bool right = numeric(column.type);
      if (k > 0) text += "  ";
      if (right) pad(text, width_of(line[k]), widths[k]);
      text += cell_in(column, line[k], &line == &lines.front(), style.colors);
      if (!right) pad(text, width_of(line[k]), widths[k]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

}  // namespace

std::string table_text(const Report& report, const TableStyle& style) {
  std::string out;
  for (const Section& section : report.sections) {
    const std::string text = section.spec.facts ? facts(section, style) : rows(section, style);
    if (!out.empty() && !text.empty()) out += "\n";
    out += text;
  }
  return out;
}

}  // namespace horolog::command
