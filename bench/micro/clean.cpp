#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "bench/micro/micro.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "record/builder.hpp"
#include "storage/log_store.hpp"

/// Compaction of one log, in the calling thread: what it costs, without a broker around it.
namespace horolog::bench {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;

template <typename T>
T good(Result<T> result) {
  if (!result) run_error(result.error().message());
  return std::move(result).value();
}
void good(const Status& status) {
  if (!status) run_error(status.error().message());
}

struct Shape {
  std::uint64_t records = 0;
  std::uint64_t keys = 0;
  std::size_t record_bytes = 0;
  std::size_t batch_bytes = 0;
  record::Codec codec = record::Codec::none;
};

/// Every key once, in random order, before any key again: the records of the last `keys` stay.
void fill(storage::PartitionLog& log, const Shape& shape) {
  std::mt19937_64 random(42);
  std::vector<std::uint32_t> order(shape.keys);
  std::iota(order.begin(), order.end(), 0U);
  ByteBuffer value(shape.record_bytes);
  for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
  record::BatchBuilder builder({.codec = shape.codec});
  const auto append = [&] {
    if (builder.empty()) return;
    const auto appended =
        good(log.append(good(builder.build()), storage::Origin::coordinator, now));
    if (appended.wants_prepare) good(log.prepare());
  };
  for (std::uint64_t n = 0; n < shape.records; ++n) {
    if (n % shape.keys == 0) std::shuffle(order.begin(), order.end(), random);
    const std::string key = fmt::format("key-{:012}", order[n % shape.keys]);
    std::memcpy(value.data(), &n, sizeof n);
    builder.add(as_bytes(key), value, now);
    if (builder.uncompressed_bytes() >= shape.batch_bytes) append();
  }
  append();
  good(log.commit());
  good(log.checkpoint());
}

void measure(storage::PartitionLog& log, const Shape& shape, std::size_t map_bytes) {
  storage::CleanOptions options;
  options.map_bytes = map_bytes;
  const double cpu = thread_cpu_seconds();
  const std::int64_t began = mono_ns();
  Report report("clean");
  const storage::CleanOutcome done = good(log.clean(options, now));
  const double cpu_seconds = thread_cpu_seconds() - cpu;
  const double seconds = static_cast<double>(mono_ns() - began) / 1e9;
  const auto input = static_cast<double>(done.bytes_before);
  report.add_throughput(done.bytes_before, done.records_read, seconds);
  report.add("keys", shape.keys);
  report.add("complete", done.complete ? 1 : 0);
  report.add("read_bytes", done.bytes_read);
  report.add("written_bytes", done.bytes_after);
  report.add("records_kept", done.records_kept);
  report.add("segments_before", done.segments_before);
  report.add("segments_after", done.segments_after);
  report.add("cpu_s", cpu_seconds);
  report.add("input_mb_per_cpu_s", input / 1e6 / cpu_seconds);
  report.add("map_keys", done.map_keys);
  report.add("map_bytes_per_key", static_cast<double>(done.map_memory_bytes) /
                                      static_cast<double>(std::max<std::size_t>(done.map_keys, 1)));
  report.print();
}

}  // namespace

void run_clean(std::span<const std::string_view> args) {
  const Options options("clean",
                        {{"dir", ".", "where the data directory is made, and removed again"},
                         {"bytes", "512M", "size of the log"},
                         {"record", "1K", "size of a value"},
                         {"batch", "16K", "size of a batch, uncompressed"},
                         {"keys", "0", "distinct keys; 0 = half as many as records"},
                         {"segment", "128M", "size of a segment"},
                         {"map", "128M", "most memory for keys"},
                         {"codec", "none", "compression of the batches"}},
                        args);
  Shape shape;
  shape.record_bytes = static_cast<std::size_t>(options.bytes("record"));
  shape.batch_bytes = static_cast<std::size_t>(options.bytes("batch"));
  shape.records = std::max<std::uint64_t>(options.bytes("bytes") / shape.record_bytes, 2);
  shape.keys = options.number("keys") > 0 ? static_cast<std::uint64_t>(options.bytes("keys"))
                                          : shape.records / 2;
  const auto codec = record::parse_codec(options.text("codec"));
  if (!codec) usage_error("--codec is none, gzip, snappy, lz4 or zstd");
  shape.codec = *codec;

  const std::string path = fmt::format("{}/horolog-bench-clean-{}", options.text("dir"), getpid());
  const auto files = storage::make_posix_file_system();
  storage::StoreOptions store_options;
  store_options.directory = path;
  storage::LogConfig config;
  config.cleanup_compact = true;
  config.cleanup_delete = false;
  config.segment_bytes = static_cast<std::int64_t>(options.bytes("segment"));
  config.durability = storage::Durability::os;
  store_options.defaults = std::make_shared<const storage::LogConfig>(config);
  {
    const auto store = good(storage::LogStore::open(*files, store_options, nullptr, now));
    good(store->catalog().create_topic("clean", 1, {}, now));
    good(store->sync_with_catalog(now));
    const auto log = store->find({"clean", 0});
    fill(*log, shape);
    measure(*log, shape, static_cast<std::size_t>(options.bytes("map")));
  }
  std::filesystem::remove_all(path);
}

}  // namespace horolog::bench
