#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "bench/load/client.hpp"
#include "bench/options.hpp"
#include "horolog/consumer.hpp"
#include "horolog/producer.hpp"

namespace horolog::bench {
namespace {

constexpr std::chrono::minutes flush_timeout{10};

/// Counts what is allocated in the second half: the first fills buffers.
class HalfCount {
 public:
  explicit HalfCount(std::uint64_t records) : half_(records / 2) {}
  void reached(std::uint64_t records) {
    if (!started_ && records >= half_) started_ = allocations_so_far();
  }
  std::uint64_t taken() const { return allocations_so_far() - started_; }

 private:
  const std::uint64_t half_;
  std::uint64_t started_ = 0;
};

void consume(const ClientShape& shape, ClientOutcome& outcome) {
  ConsumerOptions options;
  options.client.bootstrap = shape.address;
  auto consumer = Consumer::open(std::move(options));
  if (!consumer) run_error(consumer.error().message());
  std::vector<TopicPartition> all;
  for (std::int32_t p = 0; p < shape.partitions; ++p) all.push_back({shape.topic, p});
  if (const Status status = consumer->assign(all); !status) run_error(status.error().message());
  for (const TopicPartition& tp : all) {
    const Offset from = shape.from.at(static_cast<std::size_t>(tp.partition));
    if (const Status status = consumer->seek(tp, from); !status) {
      run_error(status.error().message());
    }
  }
  HalfCount half(shape.records);
  while (outcome.read < shape.records) {
    const auto batch = consumer->poll(std::chrono::milliseconds(1000));
    if (!batch) run_error(batch.error().message());
    for (const RecordView& record : *batch) outcome.read_bytes += record.value.size();
    outcome.read += batch->size();
    half.reached(outcome.read);
  }
  outcome.allocations = half.taken();
}

void produce(const ClientShape& shape, ClientOutcome& outcome) {
  ProducerOptions options;
  options.client.bootstrap = shape.address;
  options.linger = std::chrono::milliseconds(shape.linger_ms);
  options.batch_bytes = shape.batch_bytes;
  auto producer = Producer::open(std::move(options));
  if (!producer) run_error(producer.error().message());
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> failed{0};
  HalfCount half(shape.records);
  for (std::uint64_t n = 0; n < shape.records; ++n) {
    const Status sent = producer->send(
        {.topic = shape.topic, .value = shape.value}, [&](const Result<Position>& at) {
          (at ? delivered : failed).fetch_add(1, std::memory_order_relaxed);
        });
    if (!sent) run_error(sent.error().message());
    half.reached(n + 1);
  }
  const Status flushed = producer->flush(flush_timeout);
  if (!flushed) run_error(flushed.error().message());
  outcome.allocations = half.taken();
  outcome.delivered = delivered;
  outcome.failed = failed;
}

}  // namespace

ClientOutcome run_own_client(const ClientShape& shape) {
  ClientOutcome sent;
  ClientOutcome read;
  std::thread reader;
  if (shape.consume) reader = std::thread([&] { consume(shape, read); });
  if (shape.produce) produce(shape, sent);
  if (reader.joinable()) reader.join();
  return {.delivered = sent.delivered,
          .failed = sent.failed,
          .read = read.read,
          .read_bytes = read.read_bytes,
          // Each has counted the whole process.
          .allocations = std::max(sent.allocations, read.allocations)};
}

}  // namespace horolog::bench
