#pragma once

#include <string>

#include "tools/report.hpp"

namespace horolog::command {

struct TableStyle {
  bool wide = false;
  /// Titles are bold, and the words of states have a colour that says whether they are good. The
  /// words themselves stay: nothing is said by colour alone.
  bool colors = false;
};

/// A report as tables and lists of facts for people, with a line end. Pure.
std::string table_text(const Report& report, const TableStyle& style);

}  // namespace horolog::command
