#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/histogram.hpp"
#include "horolog/error.hpp"

/// What several runs measured, as it is written to a file (FORMAT.md), compared and shown.
namespace horolog::bench {

/// One result of one program, taken apart: fields of objects within it have a dot in their name
/// ("latency.p99_us").
struct Run {
  std::string work;    ///< what was done, e.g. "durable records/s, 16 connections"
  std::string system;  ///< by whom, e.g. "Horolog"
  int repetition = 0;
  std::string json;  ///< the result as it was printed
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
  /// Of results with buckets, by the histogram's name.
  std::map<std::string, LatencyHistogram> histograms;
};

struct Document {
  std::map<std::string, std::string> machine;
  std::string command;
  std::vector<Run> runs;
};

/// All repetitions of one piece of work by one system.
struct Series {
  std::string work;
  std::string system;
  std::string ack_meaning;  ///< empty where nothing is acknowledged
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, LatencyHistogram> histograms;  ///< merged

  /// The median over the repetitions of a field. Percentiles of latencies come from the merged
  /// histogram where there is one: medians of percentiles are no percentiles.
  double median(const std::string& field) const;
  bool has(const std::string& field) const { return numbers.contains(field); }
};

/// `json` is one object as the programs print it.
Result<Run> parse_run(std::string work, std::string system, int repetition, std::string json);
std::string write_document(const Document& document);
/// Errc::corrupt for anything but a document of this format.
Result<Document> read_document(std::string_view text);
/// In the order in which they came first.
std::vector<Series> series_of(const Document& document);
double median_of(std::vector<double> values);

/// As tables and charts show a figure: four digits that count, never an exponent.
std::string figure(double value);

/// One line per field and repetition: work,system,repetition,field,value.
std::string write_csv(const Document& document);
/// One self-contained page with charts; nothing is loaded from elsewhere.
std::string write_html(const Document& document);
/// A table of the headline figures in Markdown, with what an answer meant in every row.
std::string write_table(const Document& document);

/// Processor, kernel, memory, the file system `folder` lies on and how it is mounted, the commit of
/// the source beside this program, the time.
std::map<std::string, std::string> describe_machine(const std::string& folder);

}  // namespace horolog::bench
