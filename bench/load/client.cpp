#include "bench/load/client.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>

#include "bench/load/broker.hpp"
#include "bench/load/load.hpp"
#include "bench/load/null_sink.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

ByteBuffer random_value(std::size_t bytes) {
  std::mt19937_64 random(42);
  ByteBuffer value(bytes);
  for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
  return value;
}

std::vector<Offset> ends_of(const LoadTarget& target) {
  Broker broker(target.address);
  std::vector<Offset> out;
  for (std::int32_t p = 0; p < target.partitions; ++p) {
    out.push_back(broker.end_offset(target.topic, p));
  }
  return out;
}

ClientShape shape_of(const Options& options, const LoadTarget& target, const std::string& part,
                     const NullSink* sink) {
  ClientShape shape{.address = sink != nullptr ? sink->address() : target.address,
                    .topic = target.topic,
                    .partitions = target.partitions,
                    .records = static_cast<std::uint64_t>(options.number("records")),
                    .value = random_value(options.bytes("record")),
                    .linger_ms = static_cast<int>(options.number("linger")),
                    .batch_bytes = options.bytes("batch"),
                    .produce = part != "consume",
                    .consume = part != "produce"};
  if (shape.consume) shape.from = ends_of(target);
  return shape;
}

}  // namespace

void run_client(std::span<const std::string_view> args) {
  const Options options("client",
                        with_load_options({
                            {"library", "own", "own or librdkafka"},
                            {"part", "produce", "produce, consume (what was filled in first) or "
                                                "both at once, end to end"},
                            {"sink", "no", "yes: send to a broker that keeps nothing"},
                            {"records", "1000000", "records to send"},
                            {"record", "100", "bytes of a record's value"},
                            {"linger", "5", "milliseconds that an open batch waits"},
                            {"batch", "128K", "bytes of a batch"},
                        }),
                        args);
  const std::string library = options.text("library");
  if (library != "own" && library != "librdkafka") usage_error("--library: own or librdkafka");
  const std::string part = options.text("part");
  if (part != "produce" && part != "consume" && part != "both") {
    usage_error("--part: produce, consume or both");
  }
  const LoadTarget target(options);
  std::optional<NullSink> sink;
  if (options.yes("sink")) {
    if (part != "produce") usage_error("--sink yes: nothing can be read from it");
    sink.emplace(target.topic, target.partitions);
  } else {
    target.prepare();
  }
  const ClientShape shape = shape_of(options, target, part, sink ? &*sink : nullptr);
  if (part == "consume") {
    ClientShape fill = shape;
    fill.produce = true;
    fill.consume = false;
    run_own_client(fill);
  }
  const BrokerReading before = target.read();
  const double cpu_before = process_cpu_seconds();
  const std::int64_t start = mono_ns();
  const ClientOutcome outcome =
      library == "own" ? run_own_client(shape) : run_librdkafka_client(shape);
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  const double cpu = process_cpu_seconds() - cpu_before;
  if (outcome.failed > 0) run_error(fmt::format("{} records failed", outcome.failed));
  if (shape.consume && outcome.read_bytes != outcome.read * shape.value.size()) {
    run_error(fmt::format("read {} bytes in {} records", outcome.read_bytes, outcome.read));
  }
  const Work work{shape.records * shape.value.size(), 0, shape.records};
  const auto per_record = [&](double what) { return what / static_cast<double>(shape.records); };
  Report report("client");
  report.add("library", library);
  report.add("part", part);
  report.add("sink", sink ? "yes" : "no");
  report.add("ack_meaning", sink ? std::string("NOTHING: the other side keeps nothing")
                                 : target.ack_meaning(-1));
  report.add("records", shape.records);
  report.add("record_bytes", shape.value.size());
  report.add("seconds", seconds);
  report.add("records_per_s", static_cast<double>(shape.records) / seconds);
  report.add("mb_per_s", static_cast<double>(work.bytes) / 1e6 / seconds);
  report.add("client_cpu_s", cpu);
  report.add("client_cpu_us_per_record", per_record(cpu * 1e6));
  if (library == "own") {
    // They were counted in one half.
    report.add("allocations_per_record",
               per_record(2.0 * static_cast<double>(outcome.allocations)));
  }
  target.add_usage(report, before, target.read(), work);
  report.print();
}

}  // namespace horolog::bench
