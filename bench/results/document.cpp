#include "bench/results/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "base/json.hpp"

namespace horolog::bench {
namespace {

namespace json = boost::json;

constexpr std::string_view format_name = "horolog-bench/1";

void take_buckets(Run& run, const std::string& name, const json::array& buckets) {
  LatencyHistogram& histogram = run.histograms[name];
  for (const json::value& bucket : buckets) {
    const auto* const pair = bucket.if_array();
    if (pair == nullptr || pair->size() != 2) continue;
    histogram.add((*pair)[0].to_number<std::int64_t>(), (*pair)[1].to_number<std::uint64_t>());
  }
}

void take_fields(Run& run, const std::string& prefix, const json::object& object) {
  for (const auto& [key, value] : object) {
    const std::string name = prefix + std::string(key);
    if (value.is_number()) {
      run.numbers[name] = value.to_number<double>();
    } else if (value.is_string()) {
      run.texts[name] = std::string(value.get_string());
    } else if (value.is_object()) {
      take_fields(run, name + ".", value.get_object());
    } else if (value.is_array() && key == "buckets" && !prefix.empty()) {
      take_buckets(run, prefix.substr(0, prefix.size() - 1), value.get_array());
    }
  }
}

Result<json::value> parse(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return Error(Errc::corrupt, "not JSON: " + error.message());
  return value;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* const found = object.if_contains(json::string_view(key.data(), key.size()));
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<Run> read_run(const json::value& value) {
  const auto* const object = value.if_object();
  const auto* const result = object == nullptr ? nullptr : object->if_contains("result");
  const auto* const repetition = object == nullptr ? nullptr : object->if_contains("repetition");
  if (result == nullptr || !result->is_object() || repetition == nullptr ||
      !repetition->is_int64()) {
    return Error(Errc::corrupt, "a run needs a repetition and a result");
  }
  return parse_run(text_of(*object, "work"), text_of(*object, "system"),
                   static_cast<int>(repetition->get_int64()), json::serialize(*result));
}

bool is_percentile(std::string_view part) {
  return part == "p50_us" || part == "p90_us" || part == "p99_us" || part == "p999_us";
}

double quantile_us(const LatencyHistogram& histogram, std::string_view part) {
  const double q = part == "p50_us" ? 0.5 : part == "p90_us" ? 0.9 : part == "p99_us" ? 0.99
                                                                                      : 0.999;
  return static_cast<double>(histogram.quantile(q)) / 1000.0;
}

}  // namespace

Result<Run> parse_run(std::string work, std::string system, int repetition, std::string text) {
  HOROLOG_ASSIGN(const json::value value, parse(text));
  if (!value.is_object()) return Error(Errc::corrupt, "a result is an object");
  Run run;
  run.work = std::move(work);
  run.system = std::move(system);
  run.repetition = repetition;
  run.json = std::move(text);
  take_fields(run, "", value.get_object());
  return run;
}

std::string write_document(const Document& document) {
  std::string out = fmt::format("{{\"format\":{},\n\"machine\":{{", json_string(format_name));
  const char* separator = "";
  for (const auto& [key, value] : document.machine) {
    out += fmt::format("{}{}:{}", separator, json_string(key), json_string(value));
    separator = ",";
  }
  out += fmt::format("}},\n\"command\":{},\n\"runs\":[", json_string(document.command));
  separator = "\n";
  for (const Run& run : document.runs) {
    out += fmt::format(R"({}{{"work":{},"system":{},"repetition":{},"result":{}}})", separator,
                       json_string(run.work), json_string(run.system), run.repetition, run.json);
    separator = ",\n";
  }
  return out + "\n]}\n";
}

Result<Document> read_document(std::string_view text) {
  HOROLOG_ASSIGN(const json::value value, parse(text));
  const auto* const object = value.if_object();
  if (object == nullptr || text_of(*object, "format") != format_name) {
    return Error(Errc::corrupt, fmt::format("not a document with \"format\":\"{}\"", format_name));
  }
  Document document;
  document.command = text_of(*object, "command");
  if (const auto* const machine = object->if_contains("machine");
      machine != nullptr && machine->is_object()) {
    for (const auto& [key, one] : machine->get_object()) {
      if (one.is_string()) document.machine[std::string(key)] = std::string(one.get_string());
    }
  }
  const auto* const runs = object->if_contains("runs");
  if (runs == nullptr || !runs->is_array()) return Error(Errc::corrupt, "no list of runs");
  for (const json::value& one : runs->get_array()) {
    HOROLOG_ASSIGN(Run run, read_run(one));
    document.runs.push_back(std::move(run));
  }
  return document;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string figure(double value) {
  return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

double Series::median(const std::string& field) const {
  const auto dot = field.rfind('.');
  if (dot != std::string::npos && is_percentile(std::string_view(field).substr(dot + 1))) {
    const auto found = histograms.find(field.substr(0, dot));
    if (found != histograms.end() && found->second.count() > 0) {
      return quantile_us(found->second, std::string_view(field).substr(dot + 1));
    }
  }
  const auto found = numbers.find(field);
  return found == numbers.end() ? 0 : median_of(found->second);
}

std::vector<Series> series_of(const Document& document) {
  std::vector<Series> all;
  for (const Run& run : document.runs) {
    auto at = std::find_if(all.begin(), all.end(), [&](const Series& one) {
      return one.work == run.work && one.system == run.system;
    });
    if (at == all.end()) {
      all.push_back({run.work, run.system, {}, {}, {}});
      at = std::prev(all.end());
    }
    if (const auto text = run.texts.find("ack_meaning"); text != run.texts.end()) {
      at->ack_meaning = text->second;
    }
    for (const auto& [name, value] : run.numbers) at->numbers[name].push_back(value);
    for (const auto& [name, histogram] : run.histograms) at->histograms[name].merge(histogram);
  }
  return all;
}

}  // namespace horolog::bench
