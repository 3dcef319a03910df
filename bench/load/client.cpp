#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <random>

#include "bench/load/broker.hpp"
#include "bench/load/load.hpp"
#include "bench/load/null_sink.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "horolog/producer.hpp"

#ifdef HOROLOG_BENCH_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif

/// Producer libraries in the same program: records are handed over one by one with a callback that
/// counts, then everything is flushed.
namespace horolog::bench {
namespace {

struct Shape {
  std::string address;
  std::string topic;
  std::uint64_t records;
  ByteBuffer value;
  int linger_ms;
  std::size_t batch_bytes;
};

struct Outcome {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
};

constexpr std::chrono::minutes flush_timeout{10};

Outcome run_own(const Shape& shape) {
  ProducerOptions options;
  options.client.bootstrap = shape.address;
  options.linger = std::chrono::milliseconds(shape.linger_ms);
  options.batch_bytes = shape.batch_bytes;
  auto producer = Producer::open(std::move(options));
  if (!producer) run_error(producer.error().message());
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> failed{0};
  for (std::uint64_t n = 0; n < shape.records; ++n) {
    const Status sent = producer->send(
        {.topic = shape.topic, .value = shape.value}, [&](const Result<Position>& at) {
          (at ? delivered : failed).fetch_add(1, std::memory_order_relaxed);
        });
    if (!sent) run_error(sent.error().message());
  }
  const Status flushed = producer->flush(flush_timeout);
  if (!flushed) run_error(flushed.error().message());
  return {delivered.load(), failed.load()};
}

#ifdef HOROLOG_BENCH_RDKAFKA
void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& outcome = *static_cast<Outcome*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? outcome.delivered : outcome.failed);
}

Outcome run_librdkafka(const Shape& shape) {
  Outcome outcome;
  char text[256];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  const auto set = [&](const char* name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      run_error(text);
    }
  };
  set("bootstrap.servers", shape.address);
  set("enable.idempotence", "true");
  set("linger.ms", std::to_string(shape.linger_ms));
  set("batch.size", std::to_string(shape.batch_bytes));
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &outcome);
  rd_kafka_t* const producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (producer == nullptr) run_error(text);
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer, shape.topic.c_str(), nullptr);
  void* const value = const_cast<std::byte*>(shape.value.data());
  for (std::uint64_t n = 0; n < shape.records; ++n) {
    while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value,
                            shape.value.size(), nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        run_error(rd_kafka_err2str(rd_kafka_last_error()));
      }
      rd_kafka_poll(producer, 10);
    }
    if (n % 64 == 0) rd_kafka_poll(producer, 0);
  }
  const int timeout_ms = static_cast<int>(std::chrono::milliseconds(flush_timeout).count());
  if (rd_kafka_flush(producer, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    run_error("librdkafka did not send everything");
  }
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return outcome;
}
#else
Outcome run_librdkafka(const Shape&) {
  run_error("built without librdkafka (tools/setup.sh --tests, then configure again)");
}
#endif

ByteBuffer random_value(std::size_t bytes) {
  std::mt19937_64 random(42);
  ByteBuffer value(bytes);
  for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
  return value;
}

}  // namespace

void run_client(std::span<const std::string_view> args) {
  const Options options("client",
                        with_load_options({
                            {"library", "own", "own or librdkafka"},
                            {"sink", "no", "yes: send to a broker that keeps nothing"},
                            {"records", "1000000", "records to send"},
                            {"record", "100", "bytes of a record's value"},
                            {"linger", "5", "milliseconds that an open batch waits"},
                            {"batch", "128K", "bytes of a batch"},
                        }),
                        args);
  const std::string library = options.text("library");
  if (library != "own" && library != "librdkafka") usage_error("--library: own or librdkafka");
  const LoadTarget target(options);
  std::optional<NullSink> sink;
  if (options.yes("sink")) {
    sink.emplace(target.topic, target.partitions);
  } else {
    target.prepare();
  }
  const Shape shape{sink ? sink->address() : target.address,
                    target.topic,
                    static_cast<std::uint64_t>(options.number("records")),
                    random_value(options.bytes("record")),
                    static_cast<int>(options.number("linger")),
                    options.bytes("batch")};
  const BrokerReading before = target.read();
  const double cpu_before = process_cpu_seconds();
  const std::int64_t start = mono_ns();
  const Outcome outcome = library == "own" ? run_own(shape) : run_librdkafka(shape);
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  const double cpu = process_cpu_seconds() - cpu_before;
  if (outcome.failed > 0) run_error(fmt::format("{} records failed", outcome.failed));
  const Work work{outcome.delivered * shape.value.size(), 0, outcome.delivered};
  Report report("client");
  report.add("library", library);
  report.add("sink", sink ? "yes" : "no");
  report.add("ack_meaning", sink ? std::string("NOTHING: the other side keeps nothing")
                                 : target.ack_meaning(-1));
  report.add("records", outcome.delivered);
  report.add("record_bytes", shape.value.size());
  report.add("seconds", seconds);
  report.add("records_per_s", static_cast<double>(outcome.delivered) / seconds);
  report.add("mb_per_s", static_cast<double>(work.bytes) / 1e6 / seconds);
  report.add("client_cpu_s", cpu);
  report.add("client_cpu_us_per_record", cpu * 1e6 / static_cast<double>(outcome.delivered));
  target.add_usage(report, before, target.read(), work);
  report.print();
}

}  // namespace horolog::bench
