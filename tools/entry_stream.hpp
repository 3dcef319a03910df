#pragma once

#include <string_view>
#include <vector>

#include "tools/context.hpp"
#include "tools/report.hpp"

namespace horolog::command {

/// Prints entries of several kinds as they come, for output that may be long: lines
/// "kind name=value …", or JSON (an array, or an object per line).
class EntryStream {
 public:
  explicit EntryStream(Context& context);
  /// Whether the mode has no meaning here (csv, yaml, name).
  static bool serves(OutputMode mode);

  void put(const SectionSpec& spec, const std::vector<Cell>& row);
  void finish();

 private:
  Context& context_;
  bool first_ = true;
};

}  // namespace horolog::command
