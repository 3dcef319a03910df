#include <benchmark/benchmark.h>

#include <random>

#include "storage/offset_index.hpp"

namespace horolog::bench {
namespace {

/// A sealed segment's index: one entry per 4 KiB.
void OffsetIndexLookup(benchmark::State& state) {
  ByteBuffer index;
  const std::int64_t entries = state.range(0);
  for (std::int64_t n = 0; n < entries; ++n) {
    storage::OffsetIndexView::append(
        index, 0, {.offset = n * 4 + 3, .position = static_cast<std::uint64_t>(n) * 4096});
  }
  const storage::OffsetIndexView view(index, 0);
  std::mt19937_64 random(1);
  for (auto _ : state) {
    const auto wanted = static_cast<Offset>(random() % static_cast<std::uint64_t>(entries * 4));
    benchmark::DoNotOptimize(view.floor_of_offset(wanted));
  }
}
BENCHMARK(OffsetIndexLookup)->Arg(16)->Arg(4096)->Arg(262'144);

}  // namespace
}  // namespace horolog::bench
