#include <benchmark/benchmark.h>

#include "bench/load/frames.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"

namespace horolog::bench {
namespace {

void DecodeProduceRequest(benchmark::State& state) {
  const ByteBuffer batch = make_batch(1024, static_cast<std::size_t>(state.range(0)));
  const ByteBuffer frame = produce_frame("topic", 0, -1, batch).bytes;
  for (auto _ : state) {
    const auto parts = wire::decode_request_frame(ByteView(frame).subspan(4)).value();
    const auto request = wire::decode<wire::ProduceRequest>(parts.body, produce_version);
    benchmark::DoNotOptimize(request->topic_data.size());
  }
}
BENCHMARK(DecodeProduceRequest)->Arg(1024)->Arg(64 << 10);

void EncodeProduceResponse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(produce_reply("topic").data());
}
BENCHMARK(EncodeProduceResponse);

wire::MetadataResponse metadata_of(std::int64_t partitions) {
  wire::MetadataResponse response;
  response.brokers.push_back({.node_id = 1, .host = "127.0.0.1", .port = 9092, .rack = {}});
  auto& topic = response.topics.emplace_back();
  topic.name = "topic";
  for (std::int64_t n = 0; n < partitions; ++n) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = static_cast<std::int32_t>(n);
    partition.replica_nodes = {1};
    partition.isr_nodes = {1};
  }
  return response;
}

void EncodeMetadataResponse(benchmark::State& state) {
  const wire::MetadataResponse response = metadata_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(wire::encode(response, 12).data());
}
BENCHMARK(EncodeMetadataResponse)->Arg(1)->Arg(100);

void DecodeMetadataResponse(benchmark::State& state) {
  const ByteBuffer body = wire::encode(metadata_of(state.range(0)), 12);
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::decode<wire::MetadataResponse>(body, 12)->topics.size());
  }
}
BENCHMARK(DecodeMetadataResponse)->Arg(1)->Arg(100);

}  // namespace
}  // namespace horolog::bench
