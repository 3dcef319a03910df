#include "admin/metrics_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace horolog::admin {
namespace {

// Exposed buckets: 2^14 ns (16 µs) to 2^36 ns (69 s). The histogram itself is finer.
constexpr int first_octave = 14;
constexpr int last_octave = 36;
constexpr double ns_per_second = 1e9;

bool is_name(std::string_view name) {
  const auto good = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return (name.starts_with("horolog_") || name.starts_with("kafka_")) &&
         std::ranges::all_of(name, good);
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string label_text(Labels labels, std::string_view more = {}) {
  std::string out;
  for (const auto& [key, value] : labels) {
    out += out.empty() ? "{" : ",";
    out += key;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  if (!more.empty()) {
    out += out.empty() ? "{" : ",";
    out += more;
  }
  return out.empty() ? out : out + '}';
}

/// Whole numbers without exponent, others with as many digits as a double needs.
std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

}  // namespace

MetricsWriter::Family& MetricsWriter::family(std::string_view name, std::string_view kind,
                                             std::string_view help) {
  HOROLOG_ASSERT(is_name(name));
  const auto found = families_.find(name);
  if (found != families_.end()) {
    HOROLOG_ASSERT(found->second.kind == kind);
    return found->second;
  }
  Family fresh{kind, {}, {}};
  append_escaped(fresh.help, help, false);
  order_.emplace_back(name);
  return families_.emplace(name, std::move(fresh)).first->second;
}

void MetricsWriter::counter(std::string_view name, std::string_view help, std::uint64_t value,
                            Labels labels) {
  HOROLOG_ASSERT(name.ends_with("_total"));
  family(name, "counter", help).samples +=
      fmt::format("{}{} {}\n", name, label_text(labels), value);
}

void MetricsWriter::counter_seconds(std::string_view name, std::string_view help, double value,
                                    Labels labels) {
  HOROLOG_ASSERT(name.ends_with("_seconds_total"));
  family(name, "counter", help).samples +=
      fmt::format("{}{} {}\n", name, label_text(labels), number_text(value));
}

void MetricsWriter::gauge(std::string_view name, std::string_view help, double value,
                          Labels labels) {
  HOROLOG_ASSERT(!name.ends_with("_total"));
  family(name, "gauge", help).samples +=
      fmt::format("{}{} {}\n", name, label_text(labels), number_text(value));
}

void MetricsWriter::histogram(std::string_view name, std::string_view help,
                              const HistogramSnapshot& value, Labels labels) {
  HOROLOG_ASSERT(name.ends_with("_seconds"));
  std::string& out = family(name, "histogram", help).samples;
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  for (int octave = first_octave; octave <= last_octave; ++octave) {
    const std::int64_t bound = std::int64_t{1} << octave;
    while (bucket < value.counts.size() && HistogramLayout::upper_bound_ns(bucket) <= bound) {
      seen += value.counts[bucket++];
    }
    const std::string le = fmt::format("le=\"{}\"", static_cast<double>(bound) / ns_per_second);
    out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, le), seen);
  }
  const std::string plain = label_text(labels);
  out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, "le=\"+Inf\""), value.count);
  out += fmt::format("{}_sum{} {}\n", name, plain,
                     static_cast<double>(value.sum_ns) / ns_per_second);
  out += fmt::format("{}_count{} {}\n", name, plain, value.count);
}

std::string MetricsWriter::text() const {
  std::string out;
  for (const std::string& name : order_) {
    const Family& one = families_.find(name)->second;
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{}", name, one.help, name, one.kind,
                       one.samples);
  }
  return out;
}

}  // namespace horolog::admin
