#pragma once

#include <vector>

#include "tools/context.hpp"
#include "tools/report.hpp"

namespace horolog::command {

/// Prints a report of one section whose rows need not all be in memory: what Context::print()
/// prints, but that a table's widths are chosen anew after each `part` rows.
class RowStream {
 public:
  RowStream(Context& context, const SectionSpec& spec, std::size_t part = 10'000);

  void put(std::vector<Cell> row);
  /// Ends what has begun; with `none_too` it prints that there are no rows. Call it also before an
  /// error is reported: what is printed stays whole.
  void finish(bool none_too = false);

 private:
  void flush();
  void write_part(const Report& report);

  Context& context_;
  const std::size_t part_;
  Report report_;
  bool begun_ = false;
};

}  // namespace horolog::command
