#pragma once

#include <span>
#include <string_view>

namespace horolog::bench {

/// A field by which results are judged: what it is called, and whether more of it is better.
struct Metric {
  std::string_view field;
  std::string_view title;
  bool more_is_better;
  double factor = 1;  ///< the field times this is shown under the title
};

/// The fields worth a chart and a verdict, the most telling first. All others are kept, not judged.
std::span<const Metric> judged_metrics();

}  // namespace horolog::bench
