#include <time.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

#include "bench/limits/limits.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

std::int64_t wall_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// Sleeps to one deadline after another and notes how late it woke.
void keep_time(std::int64_t first, std::int64_t apart, std::int64_t count, LatencyHistogram& late) {
  for (std::int64_t n = 0; n < count; ++n) {
    const std::int64_t due = first + n * apart;
    const timespec until{.tv_sec = due / 1'000'000'000, .tv_nsec = due % 1'000'000'000};
    while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr) != 0) {
    }
    late.record(std::max<std::int64_t>(0, wall_ns() - due));
  }
}

}  // namespace

void limit_timer(Arguments args) {
  const Options options("limits timer",
                        {{"rate", "10000", "deadlines a second, over all threads"},
                         {"threads", "8", "threads that share them"},
                         {"seconds", "3", "how long"}},
                        args);
  const auto threads = options.number("threads");
  const auto rate = options.number("rate");
  if (rate < 1 || threads < 1) usage_error("limits timer: rate and threads are at least 1");
  const double seconds = options.real("seconds");
  const std::int64_t apart = threads * 1'000'000'000 / rate;
  const auto each = static_cast<std::int64_t>(seconds * 1e9) / apart;
  std::vector<LatencyHistogram> late(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const std::int64_t first = wall_ns() + 100'000'000;
  for (std::int64_t n = 0; n < threads; ++n) {
    running.emplace_back(keep_time, first + n * apart / threads, apart, each,
                         std::ref(late[static_cast<std::size_t>(n)]));
  }
  for (std::thread& thread : running) thread.join();
  LatencyHistogram all;
  for (const LatencyHistogram& one : late) all.merge(one);

  Report report("limits timer");
  report.add("threads", threads);
  report.add("deadlines", all.count());
  report.add("seconds", seconds);
  report.add("lateness", all);
  report.print();
}

}  // namespace horolog::bench
