#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics.hpp"

namespace horolog::admin {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

/// Writes metrics in Prometheus' text format 0.0.4. Samples of one metric may come in any order:
/// they are put together, under one HELP and one TYPE line.
///
/// Names begin with "horolog_" (or "kafka_", where a dashboard for Kafka expects one), end with
/// their base unit (_seconds, _bytes), and counters with _total. A name or kind that breaks this is
/// a bug and stops the process; values and label values may be anything. Not thread-safe.
class MetricsWriter {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value,
               Labels labels = {});
  /// A count kept in fractions, such as seconds.
  void counter_seconds(std::string_view name, std::string_view help, double value,
                       Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});
  /// A latency histogram, in seconds, one bucket per octave from 16 µs to 69 s.
  void histogram(std::string_view name, std::string_view help, const HistogramSnapshot& value,
                 Labels labels = {});

  /// Everything written so far.
  std::string text() const;

 private:
  struct Family {
    std::string_view kind;
    std::string help;
    std::string samples;
  };
  Family& family(std::string_view name, std::string_view kind, std::string_view help);

  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::string> order_;
};

}  // namespace horolog::admin
