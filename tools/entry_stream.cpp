#include "tools/entry_stream.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"

namespace horolog::command {
namespace {

bool needs_quotes(std::string_view text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
           return (c >= 0 && c <= ' ') || c == '"' || c == '=' || c == 0x7f;
         });
}

std::string line_text(const SectionSpec& spec, const std::vector<Cell>& row) {
  std::string out(spec.name);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (std::holds_alternative<std::monostate>(row[i])) continue;
    const Column& column = spec.columns[i];
    const bool number = std::holds_alternative<std::int64_t>(row[i]) &&
                        column.type != ColumnType::time;
    const std::string text = number ? std::to_string(std::get<std::int64_t>(row[i]))
                                    : cell_text(column, row[i]);
    const bool words = column.type == ColumnType::text && needs_quotes(text);
    out += fmt::format(" {}={}", column.name, words ? json_string(text) : text);
  }
  return out + "\n";
}

}  // namespace

EntryStream::EntryStream(Context& context) : context_(context) {}

bool EntryStream::serves(OutputMode mode) {
  return mode != OutputMode::csv && mode != OutputMode::yaml && mode != OutputMode::name;
}

void EntryStream::put(const SectionSpec& spec, const std::vector<Cell>& row) {
  const bool array = context_.mode() == OutputMode::json;
  if (!array && context_.mode() != OutputMode::jsonl) return context_.write(line_text(spec, row));
  const std::string members = row_json(spec, row);
  const std::string object = fmt::format("{{\"kind\": {}{}{}", json_string(spec.name),
                                         members.size() > 2 ? ", " : "", members.substr(1));
  if (array) {
    context_.write(first_ ? "[\n  " : ",\n  ");
    context_.write(object);
  } else {
    context_.write(object + "\n");
  }
  first_ = false;
}

void EntryStream::finish() {
  if (context_.mode() == OutputMode::json) context_.write(first_ ? "[]\n" : "\n]\n");
}

}  // namespace horolog::command
