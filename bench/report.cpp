#include "bench/report.hpp"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/clock.hpp"
#include "bench/options.hpp"

namespace horolog::bench {
namespace {

double clock_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::uint64_t number_after(const std::string& text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string::npos) return 0;
  return std::strtoull(text.c_str() + at + name.size(), nullptr, 10);
}

std::string whole_file(const std::string& path);

/// Of all threads that live now; how often they went to sleep by themselves.
std::uint64_t context_switches_of(const std::string& tasks) {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    sum += number_after(whole_file(task.path() / "status"), "\nvoluntary_ctxt_switches:");
  }
  return sum;
}

std::string whole_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

void Report::raw(std::string_view key, std::string_view json) {
  fields_ += fmt::format(R"({}"{}":{})", fields_.empty() ? "" : ",", key, json);
}

void Report::add(std::string_view key, std::string_view value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  raw(key, quoted + '"');
}

void Report::add_throughput(std::uint64_t bytes, std::uint64_t requests, double seconds) {
  add("bytes", bytes);
  add("requests", requests);
  add("seconds", seconds);
  add("mb_per_s", static_cast<double>(bytes) / 1e6 / seconds);
  add("requests_per_s", static_cast<double>(requests) / seconds);
}

void Report::print() const { fmt::print("{{{}}}\n", fields_); std::fflush(stdout); }

ProcessUsage usage_of(std::int64_t pid) {
  const std::string base = fmt::format("/proc/{}/", pid);
  const std::string stat = whole_file(base + "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) run_error(fmt::format("there is no process {}", pid));
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int n = 0; n < 11; ++n) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  const std::string status = whole_file(base + "status");
  return {.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)),
          .rss_bytes = number_after(status, "VmRSS:") << 10,
          .anonymous_bytes = number_after(status, "RssAnon:") << 10,
          .peak_rss_bytes = number_after(status, "VmHWM:") << 10,
          .disk_written_bytes = number_after(whole_file(base + "io"), "\nwrite_bytes:"),
          .context_switches = context_switches_of(base + "task")};
}

double thread_cpu_seconds() { return clock_seconds(CLOCK_THREAD_CPUTIME_ID); }
double process_cpu_seconds() { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }
std::int64_t mono_ns() { return SystemClock().mono_ns(); }

void add_broker_usage(Report& report, const ProcessUsage& before, const ProcessUsage& after,
                      const Work& work) {
  const double cpu = after.cpu_seconds - before.cpu_seconds;
  const auto per = [cpu](std::uint64_t count, double unit) {
    return count == 0 ? 0.0 : cpu * unit / static_cast<double>(count);
  };
  report.add("broker_cpu_s", cpu);
  report.add("broker_cpu_s_per_gb", per(work.bytes, 1e9));
  report.add("broker_cpu_us_per_request", per(work.requests, 1e6));
  if (work.records > 0) report.add("broker_cpu_s_per_million_records", per(work.records, 1e6));
  report.add("broker_rss_bytes", after.rss_bytes);
  report.add("broker_anonymous_bytes", after.anonymous_bytes);
  report.add("broker_peak_rss_bytes", after.peak_rss_bytes);
  report.add("broker_disk_written_bytes", after.disk_written_bytes - before.disk_written_bytes);
}

}  // namespace horolog::bench
