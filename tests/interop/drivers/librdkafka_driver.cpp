// Driver over librdkafka's C++ interface, as Debian ships it (verbs and output: harness/driver.py).
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/interop/drivers/driver_json.hpp"

namespace {

using Options = std::map<std::string, std::string>;
std::atomic<bool> stopping{false};

[[noreturn]] void fail(const std::string& text) {
  std::cerr << text << std::endl;
  std::_Exit(1);
}

void set(RdKafka::Conf& conf, const std::string& key, const std::string& value) {
  std::string error;
  if (conf.set(key, value, error) != RdKafka::Conf::CONF_OK) fail(error);
}

std::unique_ptr<RdKafka::Conf> configuration(const Options& o) {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  set(*conf, "bootstrap.servers", o.at("bootstrap"));
  return conf;
}

class Deliveries : public RdKafka::DeliveryReportCb {
 public:
  explicit Deliveries(bool report) : report_(report) {}
  void dr_cb(RdKafka::Message& message) override {
    if (message.err() != RdKafka::ERR_NO_ERROR) fail("not delivered: " + message.errstr());
    ++acked;
    if (report_ && acked % 100 == 0) std::cout << "{\"acked\": " << acked << "}" << std::endl;
  }
  long acked = 0;

 private:
  bool report_;
};

void create_topic(const Options& o, const std::string& topic) {
  auto conf = configuration(o);
  std::string error;
  std::unique_ptr<RdKafka::Producer> client(RdKafka::Producer::create(conf.get(), error));
  if (!client) fail(error);
  char text[256];
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), 3, 1, text, sizeof text);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client->c_ptr());
  rd_kafka_CreateTopics(client->c_ptr(), &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 60000);
  if (!event) fail("CreateTopics: no answer");
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail(std::string("CreateTopics: ") + rd_kafka_topic_result_error_string(results[i]));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  std::cout << "{\"created\": " << json::quote(topic) << "}" << std::endl;
}

void produce(const Options& o, const std::string& topic, const std::string& codec,
             const std::vector<json::Record>& records) {
  auto conf = configuration(o);
  Deliveries deliveries(false);
  set(*conf, "enable.idempotence", "true");
  set(*conf, "compression.type", codec);
  set(*conf, "linger.ms", "20");
  std::string error;
  if (conf->set("dr_cb", &deliveries, error) != RdKafka::Conf::CONF_OK) fail(error);
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(conf.get(), error));
  if (!producer) fail(error);
  for (const auto& r : records) {
    RdKafka::Headers* headers = RdKafka::Headers::create();
    for (const auto& [key, value] : r.headers)
      headers->add(key, value ? value->data() : nullptr, value ? value->size() : 0);
    auto data = [](const std::optional<std::string>& s) {
      return s ? const_cast<char*>(s->data()) : nullptr;
    };
    const auto code = producer->produce(
        topic, r.partition, RdKafka::Producer::RK_MSG_COPY, data(r.value),
        r.value ? r.value->size() : 0, data(r.key), r.key ? r.key->size() : 0, r.timestamp,
        headers, nullptr);
    if (code != RdKafka::ERR_NO_ERROR) fail(RdKafka::err2str(code));
    producer->poll(0);
  }
  if (producer->flush(60000) != RdKafka::ERR_NO_ERROR) fail("flush timed out");
}

void read(const Options& o, const std::string& topic, const std::string& codec, long left) {
  auto conf = configuration(o);
  set(*conf, "group.id", "unused");
  set(*conf, "enable.auto.commit", "false");
  std::string error;
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(
      RdKafka::KafkaConsumer::create(conf.get(), error));
  if (!consumer) fail(error);
  std::vector<RdKafka::TopicPartition*> all;
  for (int p = 0; p < 3; ++p)
    all.push_back(
        RdKafka::TopicPartition::create(topic, p, RdKafka::Topic::OFFSET_BEGINNING));
  consumer->assign(all);
  RdKafka::TopicPartition::destroy(all);
  while (left > 0) {
    std::unique_ptr<RdKafka::Message> m(consumer->consume(1000));
    if (m->err() == RdKafka::ERR__TIMED_OUT) continue;
    if (m->err() != RdKafka::ERR_NO_ERROR) fail(m->errstr());
    json::print_record(codec, *m);
    --left;
  }
  consumer->close();
}

void roundtrip(const Options& o) {
  const auto records = json::read_records(o.at("records"));
  for (const auto& codec : json::split(o.at("codecs"))) {
    const std::string topic = o.at("prefix") + "-" + codec;
    create_topic(o, topic);
    produce(o, topic, codec, records);
    read(o, topic, codec, static_cast<long>(records.size()));
    std::cout << "{\"read\": " << json::quote(codec) << "}" << std::endl;
  }
}

class Rebalances : public RdKafka::RebalanceCb {
 public:
  void rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode code,
                    std::vector<RdKafka::TopicPartition*>& partitions) override {
    if (code != RdKafka::ERR__ASSIGN_PARTITIONS) {
      consumer->unassign();
      return;
    }
    consumer->assign(partitions);
    std::string list;
    for (const auto* p : partitions)
      list += (list.empty() ? "" : ", ") + std::to_string(p->partition());
    std::cout << "{\"assigned\": [" << list << "]}" << std::endl;
  }
};

void commit_and_tell(RdKafka::KafkaConsumer& consumer, const std::map<int, long>& ends,
                     const std::string& topic) {
  std::vector<RdKafka::TopicPartition*> offsets;
  std::string list;
  for (const auto& [p, end] : ends) {
    offsets.push_back(RdKafka::TopicPartition::create(topic, p, end));
    list += (list.empty() ? "\"" : ", \"") + std::to_string(p) + "\": " + std::to_string(end);
  }
  // A refused commit means the group moved on: the new owner reads the records again.
  if (consumer.commitSync(offsets) == RdKafka::ERR_NO_ERROR)
    std::cout << "{\"committed\": {" << list << "}}" << std::endl;
  RdKafka::TopicPartition::destroy(offsets);
}

void member(const Options& o) {
  auto conf = configuration(o);
  Rebalances rebalances;
  std::string error;
  set(*conf, "group.id", o.at("group"));
  set(*conf, "enable.auto.commit", "false");
  set(*conf, "auto.offset.reset", "earliest");
  set(*conf, "session.timeout.ms", "6000");
  set(*conf, "heartbeat.interval.ms", "1000");
  set(*conf, "partition.assignment.strategy", o.count("assignor") ? o.at("assignor") : "range");
  if (conf->set("rebalance_cb", &rebalances, error) != RdKafka::Conf::CONF_OK) fail(error);
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(
      RdKafka::KafkaConsumer::create(conf.get(), error));
  if (!consumer) fail(error);
  consumer->subscribe({o.at("topic")});
  std::signal(SIGTERM, [](int) { stopping = true; });
  std::map<int, long> ends;
  while (!stopping) {
    std::unique_ptr<RdKafka::Message> m(consumer->consume(ends.empty() ? 200 : 5));
    if (m->err() == RdKafka::ERR_NO_ERROR) {
      std::cout << "{\"p\": " << m->partition() << ", \"o\": " << m->offset() << ", \"v\": \""
                << std::string(static_cast<const char*>(m->payload()), m->len()) << "\"}\n";
      ends[m->partition()] = m->offset() + 1;
    } else if (!ends.empty()) {
      commit_and_tell(*consumer, ends, o.at("topic"));
      ends.clear();
    }
  }
  consumer->close();
}

void committed(const Options& o) {
  auto conf = configuration(o);
  set(*conf, "group.id", o.at("group"));
  std::string error;
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(
      RdKafka::KafkaConsumer::create(conf.get(), error));
  if (!consumer) fail(error);
  std::vector<RdKafka::TopicPartition*> all;
  for (int p = 0; p < 6; ++p) all.push_back(RdKafka::TopicPartition::create(o.at("topic"), p));
  if (const auto code = consumer->committed(all, 60000); code != RdKafka::ERR_NO_ERROR)
    fail(RdKafka::err2str(code));
  std::string list;
  for (const auto* p : all)
    if (p->offset() >= 0)
      list += (list.empty() ? "\"" : ", \"") + std::to_string(p->partition()) +
              "\": " + std::to_string(p->offset());
  std::cout << "{\"committed\": {" << list << "}}" << std::endl;
  consumer->close();
}

void stream(const Options& o) {
  const std::string batch = o.count("batch") > 0 ? o.at("batch") : "40";
  const long window = std::stol(o.at("window")) * 2 * std::stol(batch);
  auto conf = configuration(o);
  Deliveries deliveries(true);
  set(*conf, "enable.idempotence", "true");
  set(*conf, "batch.num.messages", batch);
  set(*conf, "linger.ms", "1");
  set(*conf, "max.in.flight", o.at("window"));
  set(*conf, "reconnect.backoff.max.ms", "500");
  set(*conf, "message.timeout.ms", "300000");
  std::string error;
  if (conf->set("dr_cb", &deliveries, error) != RdKafka::Conf::CONF_OK) fail(error);
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(conf.get(), error));
  if (!producer) fail(error);
  std::atomic<bool> closed{false};
  std::thread watcher([&closed] {
    char byte;
    while (::read(0, &byte, 1) > 0) {
    }
    closed = true;
  });
  long sent = 0;
  while (!closed) {
    producer->poll(sent % 20 == 0 || sent - deliveries.acked > window ? 2 : 0);
    if (sent - deliveries.acked > window) continue;
    const std::string value = std::to_string(sent);
    const auto code = producer->produce(
        o.at("topic"), 0, RdKafka::Producer::RK_MSG_COPY, const_cast<char*>(value.data()),
        value.size(), nullptr, 0, 0, nullptr);
    if (code == RdKafka::ERR_NO_ERROR) ++sent;
  }
  watcher.join();
  if (producer->flush(300000) != RdKafka::ERR_NO_ERROR) fail("flush timed out");
  std::cout << "{\"done\": " << deliveries.acked << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    options[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  const std::map<std::string, void (*)(const Options&)> verbs{
      {"roundtrip", roundtrip}, {"member", member}, {"committed", committed}, {"stream", stream}};
  const auto verb = verbs.find(argc > 1 ? argv[1] : "");
  if (verb == verbs.end()) fail("usage: librdkafka_driver VERB key=value …");
  verb->second(options);
  return 0;
}
