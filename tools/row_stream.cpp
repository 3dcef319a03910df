#include "tools/row_stream.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json.hpp"
#include "tools/colors.hpp"
#include "tools/table_text.hpp"

namespace horolog::command {

RowStream::RowStream(Context& context, const SectionSpec& spec, std::size_t part)
    : context_(context), part_(part) {
  report_.add(spec);
}

void RowStream::put(std::vector<Cell> row) {
  Section& section = report_.sections[0];
  section.rows.push_back(std::move(row));
  if (section.rows.size() >= part_) flush();
}

void RowStream::flush() {
  Section& section = report_.sections[0];
  if (section.rows.empty()) return;
  if (context_.mode() == OutputMode::json) {
    std::string text;
    for (const auto& row : section.rows) {
      text += begun_ || !text.empty() ? ","
                                      : fmt::format("{{\n  {}: [", json_string(section.spec.name));
      text += "\n    " + row_json(section.spec, row);
    }
    context_.write(text);
  } else {
    write_part(report_);
  }
  begun_ = true;
  section.rows.clear();
}

/// The line of titles, or YAML's line with the name, stands above the first part only.
void RowStream::write_part(const Report& report) {
  const OutputMode mode = context_.mode();
  const bool table = mode == OutputMode::table || mode == OutputMode::wide;
  const std::string text =
      table ? table_text(report, {.wide = mode == OutputMode::wide,
                                  .colors = wants_colors(context_)})
            : render(report, mode);
  const bool headed = mode != OutputMode::jsonl && mode != OutputMode::name;
  context_.write(begun_ && headed ? std::string_view(text).substr(text.find('\n') + 1)
                                  : std::string_view(text));
}

void RowStream::finish(bool none_too) {
  flush();
  if (!begun_ && none_too) return context_.print(report_);
  if (begun_ && context_.mode() == OutputMode::json) context_.write("\n  ]\n}\n");
}

}  // namespace horolog::command
