// Bulk produce through librdkafka, as an application would: 1 KiB records, default settings but for
// what the arguments say. table.py builds it with the system's compiler and librdkafka.
//
//   rdkafka_produce HOST:PORT TOPIC MEGABYTES [key=value …]
//
// Prints "MEGABYTES SECONDS FAILED". Exit 1 when a record was not delivered.

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::size_t record_bytes = 1024;
std::uint64_t failed = 0;

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++failed;
}

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "rdkafka_produce: %s\n", text.c_str());
  std::exit(1);
}

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char text[256];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
    fail(text);
  }
}

rd_kafka_t* make_producer(int argc, char** argv) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", argv[1]);
  for (int n = 4; n < argc; ++n) {
    const std::string pair = argv[n];
    const auto equals = pair.find('=');
    if (equals == std::string::npos) fail(pair + ": not key=value");
    set(conf, pair.substr(0, equals), pair.substr(equals + 1));
  }
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  char text[256];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (producer == nullptr) fail(text);
  return producer;
}

void produce_one(rd_kafka_t* producer, const char* topic, std::vector<char>& value) {
  while (true) {
    const auto code = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE(value.data(), value.size()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(code));
    rd_kafka_poll(producer, 10);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) fail("usage: HOST:PORT TOPIC MEGABYTES [key=value …]");
  const double megabytes = std::strtod(argv[3], nullptr);
  rd_kafka_t* producer = make_producer(argc, argv);
  std::vector<char> value(record_bytes);
  std::uint32_t random = 12345;
  for (char& c : value) {
    random = random * 1664525 + 1013904223;
    c = static_cast<char>('a' + (random >> 24) % 26);
  }
  const auto start = std::chrono::steady_clock::now();
  const auto records = static_cast<std::uint64_t>(megabytes * 1e6 / record_bytes);
  for (std::uint64_t n = 0; n < records; ++n) {
    produce_one(producer, argv[2], value);
    if (n % 64 == 0) rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("not all was sent");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  rd_kafka_destroy(producer);
  std::printf("%.1f %.3f %llu\n", megabytes, took.count(),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
