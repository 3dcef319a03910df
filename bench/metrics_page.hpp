#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace horolog::bench {

/// The value of the metric `name` in a page of the Prometheus text format; the sum when it has
/// several label sets; nullopt when it is not there.
std::optional<double> metric_in(std::string_view page, std::string_view name);

/// The page http://ADDRESS/metrics. A failure ends the program with a message.
std::string metrics_page(const std::string& address);

}  // namespace horolog::bench
