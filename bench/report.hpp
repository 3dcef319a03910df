#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/histogram.hpp"

namespace horolog::bench {

/// One result as a JSON object on one line (FORMAT.md describes the fields), in the order added.
class Report {
 public:
  explicit Report(std::string_view program) { add("program", program); }

  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, std::integral auto value) {
    raw(key, fmt::format("{}", value));
  }
  void add(std::string_view key, double value) { raw(key, fmt::format("{:.6g}", value)); }
  void add(std::string_view key, const LatencyHistogram& value) {
    raw(key, value.to_json(buckets));
  }
  /// Bytes, seconds and the rates that follow from them.
  void add_throughput(std::uint64_t bytes, std::uint64_t requests, double seconds);

  /// Set by --buckets: histograms in full.
  static inline bool buckets = false;

  /// Writes the object and a newline to stdout.
  void print() const;

 private:
  void raw(std::string_view key, std::string_view json);
  std::string fields_;
};

/// What a process has used since it started; taken twice, the difference is a run's.
struct ProcessUsage {
  double cpu_seconds = 0;  ///< user and system, all threads, in ticks of 10 ms
  std::uint64_t rss_bytes = 0;
  /// The part of it that is no file's: what the kernel cannot take back by itself.
  std::uint64_t anonymous_bytes = 0;
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t disk_written_bytes = 0;  ///< as the kernel charges it to the process
  std::uint64_t context_switches = 0;    ///< of its threads, by their own will
};

/// What Horolog's /metrics counts: how often it made data durable.
struct SyncCounts {
  double group_commits = 0;  ///< rounds; one may sync several files
  double syncs = 0;          ///< files synced
};

/// From /proc. Ends the program when there is no such process.
ProcessUsage usage_of(std::int64_t pid);
/// CPU seconds of the calling thread.
double thread_cpu_seconds();
double process_cpu_seconds();
/// Nanoseconds of the monotonic clock.
std::int64_t mono_ns();

/// What a run carried; 0 where it is not known.
struct Work {
  std::uint64_t bytes = 0;
  std::uint64_t requests = 0;
  std::uint64_t records = 0;
};

/// Adds what the broker used between two readings: CPU seconds, per GB, per request and per million
/// records, memory, bytes written to disk.
void add_broker_usage(Report& report, const ProcessUsage& before, const ProcessUsage& after,
                      const Work& work);

}  // namespace horolog::bench
