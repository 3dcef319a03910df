#include <chrono>
#include <thread>

#include "bench/load/client.hpp"
#include "bench/options.hpp"

#ifdef HOROLOG_BENCH_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif

namespace horolog::bench {

#ifdef HOROLOG_BENCH_RDKAFKA
namespace {

constexpr int flush_timeout_ms = 600'000;
constexpr std::size_t most_at_once = 500;

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char text[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
    run_error(text);
  }
}

rd_kafka_t* start(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char text[256];
  rd_kafka_t* const made = rd_kafka_new(type, conf, text, sizeof text);
  if (made == nullptr) run_error(text);
  return made;
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& outcome = *static_cast<ClientOutcome*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? outcome.delivered : outcome.failed);
}

void consume(const ClientShape& shape, ClientOutcome& outcome) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", shape.address);
  set(conf, "group.id", "horolog-bench");  // it asks for one; nothing is committed
  set(conf, "enable.auto.commit", "false");
  rd_kafka_t* const consumer = start(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* const all =
      rd_kafka_topic_partition_list_new(shape.partitions);
  for (std::int32_t p = 0; p < shape.partitions; ++p) {
    rd_kafka_topic_partition_list_add(all, shape.topic.c_str(), p)->offset =
        shape.from.at(static_cast<std::size_t>(p));
  }
  if (rd_kafka_assign(consumer, all) != RD_KAFKA_RESP_ERR_NO_ERROR) run_error("cannot assign");
  rd_kafka_topic_partition_list_destroy(all);
  rd_kafka_queue_t* const queue = rd_kafka_queue_get_consumer(consumer);
  std::vector<rd_kafka_message_t*> messages(most_at_once);
  while (outcome.read < shape.records) {
    const auto got = rd_kafka_consume_batch_queue(queue, 1000, messages.data(), messages.size());
    if (got < 0) run_error(rd_kafka_err2str(rd_kafka_last_error()));
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* const message = messages[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++outcome.read;
        outcome.read_bytes += message->len;
      }
      rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

void produce(const ClientShape& shape, ClientOutcome& outcome) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", shape.address);
  set(conf, "enable.idempotence", "true");
  set(conf, "linger.ms", std::to_string(shape.linger_ms));
  set(conf, "batch.size", std::to_string(shape.batch_bytes));
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &outcome);
  rd_kafka_t* const producer = start(RD_KAFKA_PRODUCER, conf);
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
  if (rd_kafka_flush(producer, flush_timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    run_error("librdkafka did not send everything");
  }
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
}

}  // namespace

ClientOutcome run_librdkafka_client(const ClientShape& shape) {
  ClientOutcome sent;
  ClientOutcome read;
  std::thread reader;
  if (shape.consume) reader = std::thread([&] { consume(shape, read); });
  if (shape.produce) produce(shape, sent);
  if (reader.joinable()) reader.join();
  sent.read = read.read;
  sent.read_bytes = read.read_bytes;
  return sent;
}
#else
ClientOutcome run_librdkafka_client(const ClientShape&) {
  run_error("built without librdkafka (tools/setup.sh --tests, then configure again)");
}
#endif

}  // namespace horolog::bench
