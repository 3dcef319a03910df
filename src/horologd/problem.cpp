#include "horologd/problem.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace horolog {

std::string Place::to_string() const {
  return line == 0 ? source : fmt::format("{}:{}:{}", source, line, column);
}

std::string Problem::to_string() const {
  std::string text = fmt::format("{}{}: {}", fatal ? "error: " : "warning: ", place.to_string(),
                                 message);
  if (place.line_text.empty()) return text;
  // Tabs stay tabs in the caret's line, so that it stands below the spot on any terminal.
  std::string indent;
  for (int i = 0; i + 1 < place.column; ++i) {
    const auto at = static_cast<std::size_t>(i);
    indent += at < place.line_text.size() && place.line_text[at] == '\t' ? '\t' : ' ';
  }
  text += fmt::format("\n{:>5} | {}\n      | {}^", place.line, place.line_text, indent);
  return text;
}

bool has_fatal(const Problems& problems) {
  return std::ranges::any_of(problems, &Problem::fatal);
}

}  // namespace horolog
