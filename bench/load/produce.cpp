#include <fmt/format.h>

#include <utility>

#include "bench/load/broker.hpp"
#include "bench/load/frame_load.hpp"
#include "bench/load/frames.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "record/batch.hpp"

namespace horolog::bench {
namespace {

record::Codec codec_of(const Options& options) {
  const auto codec = record::parse_codec(options.text("codec"));
  if (!codec) usage_error("--codec: none, gzip, snappy, lz4 or zstd");
  return *codec;
}

std::int16_t acks_of(const Options& options) {
  const std::string text = options.text("acks");
  if (text == "all" || text == "-1") return -1;
  if (text == "0") return 0;
  if (text == "1") return 1;
  usage_error("--acks: 0, 1 or all");
}

/// Makes the batch of `frame` the first one of a producer.
void give_to_producer(ProduceFrame& frame, ProducerId producer) {
  const MutableBytes batch = MutableBytes(frame.bytes).subspan(frame.batch_at);
  store_be(batch.data() + record::layout::producer_id, producer);
  store_be<std::int16_t>(batch.data() + record::layout::producer_epoch, 0);
  store_be<std::int32_t>(batch.data() + record::layout::base_sequence, 0);
  record::seal_crc(batch);
}

LoadPlan plan_of(const Options& options, const LoadTarget& target, const ByteBuffer& batch) {
  LoadPlan plan;
  plan.address = target.address;
  plan.in_flight = static_cast<int>(options.number("in-flight"));
  plan.requests = options.bytes("bytes") / batch.size();
  if (plan.requests == 0) plan.seconds = options.real("seconds");
  const std::int16_t acks = acks_of(options);
  plan.answered = acks != 0;
  plan.error_at = produce_error_at(target.topic);
  const bool idempotent = options.yes("idempotent");
  for (std::int64_t n = 0; n < options.number("connections"); ++n) {
    const auto partition = static_cast<std::int32_t>(n % target.partitions);
    ProduceFrame frame = produce_frame(target.topic, partition, acks, batch);
    if (idempotent) {
      give_to_producer(frame, Broker(target.address).new_producer());
      plan.sequence = {.batch_at = frame.batch_at,
                       .records_per_batch = record::parse_batch(batch)->record_count()};
    }
    plan.frames.push_back(std::move(frame.bytes));
  }
  if (!plan.answered) plan.fence = produce_frame(target.topic, 0, 1, make_batch(1, 1)).bytes;
  return plan;
}

}  // namespace

void run_produce(std::span<const std::string_view> args) {
  const Options options("produce",
                        with_load_options({
                            {"acks", "all", "0, 1 or all"},
                            {"batch", "64K", "bytes of a batch; one batch per request"},
                            {"record", "1K", "bytes of a record's value"},
                            {"codec", "none", "compression of the batch"},
                            {"connections", "1", "connections"},
                            {"in-flight", "20", "requests on the way on each"},
                            {"bytes", "0", "bytes of batches to send in total"},
                            {"seconds", "5", "how long, when --bytes is 0"},
                            {"warmup", "0", "seconds of the same load before measuring"},
                            {"idempotent", "no", "producer ids and sequences"},
                            {"keys", "no", "a key for each record, the same in every batch"},
                        }),
                        args);
  const LoadTarget target(options);
  const ByteBuffer batch =
      make_batch(options.bytes("record"), options.bytes("batch"), codec_of(options),
                 options.yes("keys"));
  const double create_seconds = target.prepare();
  if (const double warmup = options.real("warmup"); warmup > 0) {
    LoadPlan plan = plan_of(options, target, batch);
    plan.requests = 0;
    plan.seconds = warmup;
    run_load(plan);
  }
  const LoadPlan plan = plan_of(options, target, batch);
  const auto before = target.read();
  const double client_before = process_cpu_seconds();
  const LoadResult result = run_load(plan);
  const double client_cpu = process_cpu_seconds() - client_before;
  const auto after = target.read();

  const std::uint64_t bytes = result.requests * batch.size();
  Report report("produce");
  report.add("topic", target.topic);
  report.add("create_s", create_seconds);
  report.add("acks", options.text("acks"));
  report.add("ack_meaning", target.ack_meaning(acks_of(options)));
  report.add("batch_bytes", batch.size());
  report.add("records_per_batch", record::parse_batch(batch)->record_count());
  report.add("connections", options.number("connections"));
  report.add("in_flight", plan.in_flight);
  report.add_throughput(bytes, result.requests, result.seconds);
  report.add("records_per_s", static_cast<double>(result.requests) / result.seconds *
                                  record::parse_batch(batch)->record_count());
  report.add("client_cpu_s", client_cpu);
  const auto per_batch = static_cast<std::uint64_t>(record::parse_batch(batch)->record_count());
  target.add_usage(report, before, after,
                   {bytes, result.requests, result.requests * per_batch});
  if (plan.answered) report.add("latency", result.latency);
  report.print();
}

}  // namespace horolog::bench
