#include <time.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "horolog/consumer.hpp"

namespace horolog::bench {
namespace {

constexpr std::string_view nominal_header = "horolog-nominal-time";

std::int64_t wall_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
}

std::optional<std::int64_t> nominal_ms(const RecordView& record) {
  for (const HeaderView& header : record.headers) {
    if (header.key != nominal_header) continue;
    const std::string_view text = header.value.text();
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{})
      return value;
  }
  return std::nullopt;
}

void must(const Status& status) {
  if (!status) run_error(status.error().message());
}

}  // namespace

/// A reader of what a scheduler fires, with read_committed: how late each record could be seen.
void run_lateness(std::span<const std::string_view> args) {
  const Options options("lateness",
                        {{"bootstrap", "127.0.0.1:9092", "broker"},
                         {"broker-pid", "0", "its process; not needed"},
                         {"admin", "", "its admin listener; not needed"},
                         {"topic", "fired", "that is fired into"},
                         {"partitions", "8", "of the topic"},
                         {"count", "0", "end after so many records; 0: by time alone"},
                         {"seconds", "10", "end at the latest"}},
                        args);
  ConsumerOptions wanted;
  wanted.client.bootstrap = options.text("bootstrap");
  wanted.isolation = Isolation::read_committed;
  auto consumer = Consumer::open(std::move(wanted));
  if (!consumer) run_error(consumer.error().message());
  std::vector<TopicPartition> places;
  for (std::int64_t p = 0; p < options.number("partitions"); ++p)
    places.push_back({options.text("topic"), static_cast<PartitionIndex>(p)});
  must(consumer->assign(places));
  must(consumer->seek_to_end(places));

  LatencyHistogram late;
  std::int64_t longest_gap_us = 0, last = 0;
  std::int64_t oldest_ms = std::numeric_limits<std::int64_t>::max(), newest_ms = 0;
  const std::int64_t began = mono_ns();
  const auto until = began + static_cast<std::int64_t>(options.real("seconds") * 1e9);
  const auto count = static_cast<std::uint64_t>(options.number("count"));
  while (mono_ns() < until && (count == 0 || late.count() < count)) {
    const auto batch = consumer->poll(std::chrono::milliseconds(50));
    if (!batch) run_error(batch.error().message());
    const std::int64_t now = wall_us();
    if (batch->empty()) continue;
    if (last != 0) longest_gap_us = std::max(longest_gap_us, now - last);
    last = now;
    for (const RecordView& record : *batch) {
      const auto due = nominal_ms(record);
      if (!due) continue;
      late.record(std::max<std::int64_t>(0, now - *due * 1'000) * 1'000);
      oldest_ms = std::min(oldest_ms, *due);
      newest_ms = std::max(newest_ms, *due);
    }
  }
  const double seconds = static_cast<double>(mono_ns() - began) / 1e9;

  Report report("lateness");
  report.add("topic", options.text("topic"));
  report.add("fires", late.count());
  report.add("seconds", seconds);
  report.add("fires_per_s", static_cast<double>(late.count()) / seconds);
  if (late.count() > 0) {
    report.add("first_nominal_ms", oldest_ms);
    report.add("last_nominal_ms", newest_ms);
  }
  report.add("longest_gap_us", longest_gap_us);
  report.add("lateness", late);
  report.print();
}

}  // namespace horolog::bench
