#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <string>

#include "bench/load/frames.hpp"
#include "bench/options.hpp"
#include "storage/log_store.hpp"

namespace horolog::bench {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;

/// A data directory in the working directory, removed at the end.
class Directory {
 public:
  Directory() : path_(fmt::format("horolog-bench-micro-{}", getpid())) {
    storage::StoreOptions options;
    options.directory = path_;
    storage::LogConfig config;
    config.segment_bytes = 256 << 20;
    config.durability = storage::Durability::os;
    config.timestamp_after_max_ms = std::numeric_limits<std::int64_t>::max();
    options.defaults = std::make_shared<const storage::LogConfig>(config);
    auto store = storage::LogStore::open(*files_, options, nullptr, now);
    if (!store) run_error(store.error().message());
    store_ = std::move(*store);
    const auto topic = store_->catalog().create_topic("micro", 1, {}, now);
    if (!topic) run_error(topic.error().message());
    if (const Status made = store_->sync_with_catalog(now); !made) {
      run_error(made.error().message());
    }
  }
  ~Directory() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::shared_ptr<storage::PartitionLog> log() const { return store_->find({"micro", 0}); }

 private:
  std::string path_;
  std::unique_ptr<storage::FileSystem> files_ = storage::make_posix_file_system();
  std::unique_ptr<storage::LogStore> store_;
};

/// One writer; space is prepared when the log asks for it, outside the timing, as the blocking pool
/// does it beside the request path.
void PartitionLogAppend(benchmark::State& state) {
  const Directory directory;
  const auto log = directory.log();
  const ByteBuffer batch = make_batch(1024, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const auto appended = log->append(batch, storage::Origin::client, now);
    if (!appended) run_error(appended.error().message());
    if (!appended->wants_prepare) continue;
    state.PauseTiming();
    if (const Status prepared = log->prepare(); !prepared) run_error(prepared.error().message());
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(batch.size()));
}
BENCHMARK(PartitionLogAppend)->Arg(1024)->Iterations(50'000);
BENCHMARK(PartitionLogAppend)->Arg(64 << 10)->Iterations(8'000);

void PartitionLogRead(benchmark::State& state) {
  const Directory directory;
  const auto log = directory.log();
  const ByteBuffer batch = make_batch(1024, 16 << 10);
  for (int n = 0; n < 2'000; ++n) {
    const auto appended = log->append(batch, storage::Origin::client, now);
    if (!appended) run_error(appended.error().message());
  }
  const Offset end = log->log_end_offset();
  Offset from = 0;
  for (auto _ : state) {
    from = (from + 7'919) % end;
    const auto read = log->read(from, 1 << 20, storage::Visibility::log_end);
    if (!read) run_error(read.error().message());
    benchmark::DoNotOptimize(read->bytes);
  }
}
BENCHMARK(PartitionLogRead);

}  // namespace
}  // namespace horolog::bench
