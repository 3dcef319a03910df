#include <benchmark/benchmark.h>

#include "base/crc32c.hpp"
#include "bench/load/frames.hpp"
#include "record/batch.hpp"
#include "record/produce_check.hpp"
#include "record/record.hpp"

namespace horolog::bench {
namespace {

void set_bytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(each));
}

void Crc32cThreeWay(benchmark::State& state) {
  const ByteBuffer bytes(static_cast<std::size_t>(state.range(0)), std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  set_bytes(state, bytes.size());
}
BENCHMARK(Crc32cThreeWay)->Arg(64)->Arg(1024)->Arg(64 << 10)->Arg(1 << 20);

void Crc32cTable(benchmark::State& state) {
  const ByteBuffer bytes(static_cast<std::size_t>(state.range(0)), std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(crc32c_table(bytes));
  set_bytes(state, bytes.size());
}
BENCHMARK(Crc32cTable)->Arg(1024)->Arg(64 << 10);

void ValidateProduced(benchmark::State& state) {
  const ByteBuffer batch = make_batch(1024, static_cast<std::size_t>(state.range(0)));
  const record::ProduceRules rules{.max_message_bytes = 10 << 20};
  for (auto _ : state) benchmark::DoNotOptimize(record::validate_produced(batch, rules).ok());
  set_bytes(state, batch.size());
}
BENCHMARK(ValidateProduced)->Arg(1024)->Arg(64 << 10)->Arg(1 << 20);

void IterateRecords(benchmark::State& state) {
  const auto codec = static_cast<record::Codec>(state.range(0));
  const ByteBuffer bytes = make_batch(100, 64 << 10, codec);
  const record::BatchView batch = record::parse_batch(bytes).value();
  ByteBuffer scratch;
  for (auto _ : state) {
    auto reader = record::RecordReader::open(batch, scratch).value();
    while (reader.next()) benchmark::DoNotOptimize(reader.record().offset);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * batch.record_count());
}
BENCHMARK(IterateRecords)->DenseRange(0, 4);

}  // namespace
}  // namespace horolog::bench
