// Load for the crash tests, over librdkafka: producers that saturate the broker, a consumer and a
// committer that run through every kill, and a check of the whole log at the end.
//   crash_load bootstrap=H:P topic=T partitions=16 idempotent=2 acks1=1 acksall=1 size=100
// Prints {"acked": n} ten times a second. When its input closes it stops producing, waits until
// everything is acknowledged, reads the topic from the start and prints the report. Exit code 0
// means no violation.
#include <librdkafka/rdkafkacpp.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/load/ledger.hpp"

namespace {

using crash::Id;
using crash::Ledger;
using Options = std::map<std::string, std::string>;

std::atomic<bool> stopping{false};   // no new records
std::atomic<bool> finishing{false};  // consumer and committer end

[[noreturn]] void fail(const std::string& text) {
  std::cerr << text << std::endl;
  std::_Exit(2);
}

std::unique_ptr<RdKafka::Conf> configuration(const Options& o, const Options& more) {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  Options all{{"bootstrap.servers", o.at("bootstrap")}, {"reconnect.backoff.max.ms", "300"},
              {"log_level", "2"}, {"socket.timeout.ms", "20000"}};
  for (const auto& [k, v] : more) all[k] = v;
  std::string error;
  for (const auto& [k, v] : all)
    if (conf->set(k, v, error) != RdKafka::Conf::CONF_OK) fail(error);
  return conf;
}

class Deliveries : public RdKafka::DeliveryReportCb {
 public:
  Deliveries(Ledger& ledger, bool must_succeed) : ledger_(ledger), must_succeed_(must_succeed) {}
  void dr_cb(RdKafka::Message& m) override {
    if (m.err() == RdKafka::ERR_NO_ERROR)
      ledger_.acknowledged(m.partition(), crash::id_of(m.payload(), m.len()), m.offset());
    else if (must_succeed_)
      ledger_.failed("an idempotent record was not delivered: " + m.errstr());
  }

 private:
  Ledger& ledger_;
  bool must_succeed_;
};

void produce(const Options& o, int me, const std::string& kind, Ledger& ledger) {
  const bool idempotent = kind == "idempotent";
  Deliveries deliveries(ledger, idempotent);
  auto conf = configuration(
      o, {{"enable.idempotence", idempotent ? "true" : "false"},
          {"acks", kind == "acks1" ? "1" : "all"},
          {"linger.ms", "1"},
          {"batch.num.messages", "100"},
          {"compression.type", me % 2 == 0 ? "none" : "lz4"},
          {"queue.buffering.max.messages", "4000"},
          {"message.timeout.ms", "300000"},
          {"message.send.max.retries", "1000000"}});
  std::string error;
  if (conf->set("dr_cb", &deliveries, error) != RdKafka::Conf::CONF_OK) fail(error);
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(conf.get(), error));
  if (!producer) fail(error);
  const int partitions = std::stoi(o.at("partitions"));
  const std::size_t size = std::stoul(o.at("size"));
  std::vector<std::int64_t> next(partitions, 0);
  for (std::int64_t n = 0; !stopping; ++n) {
    const int p = static_cast<int>(n / 20 % partitions);
    const std::string value = crash::value_of({me, next[p]}, n % 97 == 0 ? size * 40 : size);
    const auto code = producer->produce(o.at("topic"), p, RdKafka::Producer::RK_MSG_COPY,
                                        const_cast<char*>(value.data()), value.size(), nullptr, 0,
                                        0, nullptr);
    if (code == RdKafka::ERR_NO_ERROR) {
      ++next[p];
      producer->poll(0);
    } else {
      producer->poll(20);
      --n;
    }
  }
  if (producer->flush(240000) != RdKafka::ERR_NO_ERROR)
    ledger.failed("producer " + std::to_string(me) + " could not flush within 240 s");
}

std::unique_ptr<RdKafka::KafkaConsumer> consumer(const Options& o, const std::string& group) {
  auto conf = configuration(o, {{"group.id", group},
                                {"enable.auto.commit", "false"},
                                {"auto.offset.reset", "error"}});
  std::string error;
  std::unique_ptr<RdKafka::KafkaConsumer> made(RdKafka::KafkaConsumer::create(conf.get(), error));
  if (!made) fail(error);
  return made;
}

void assign_all(RdKafka::KafkaConsumer& consumer, const Options& o) {
  std::vector<RdKafka::TopicPartition*> all;
  for (int p = 0; p < std::stoi(o.at("partitions")); ++p)
    all.push_back(RdKafka::TopicPartition::create(o.at("topic"), p, 0));
  consumer.assign(all);
  RdKafka::TopicPartition::destroy(all);
}

void consume(const Options& o, Ledger& ledger) {
  auto reader = consumer(o, "crash-reader");
  assign_all(*reader, o);
  while (!finishing) {
    std::unique_ptr<RdKafka::Message> m(reader->consume(100));
    if (m->err() == RdKafka::ERR_NO_ERROR)
      ledger.consumed(m->partition(), m->offset(), crash::id_of(m->payload(), m->len()));
    else if (m->err() == RdKafka::ERR__AUTO_OFFSET_RESET ||
             m->err() == RdKafka::ERR_OFFSET_OUT_OF_RANGE)
      ledger.failed("the consumer's place is gone: " + m->errstr());
  }
  reader->close();
}

// Commits ever larger offsets, one partition after the other, and reads back what it had committed.
void commit(const Options& o, Ledger& ledger) {
  const int partitions = std::stoi(o.at("partitions"));
  auto committer = consumer(o, "crash-committer");
  for (std::int64_t n = 0; !finishing; ++n) {
    const int p = static_cast<int>(n % partitions);
    const std::int64_t offset = n / partitions + 1;
    std::vector<RdKafka::TopicPartition*> one{
        RdKafka::TopicPartition::create(o.at("topic"), p, offset)};
    const auto code = committer->commitSync(one);
    if (code == RdKafka::ERR_NO_ERROR) ledger.committed(p, offset);
    const std::int64_t at_least = ledger.last_commit(p);
    if (committer->committed(one, 5000) == RdKafka::ERR_NO_ERROR &&
        one[0]->err() == RdKafka::ERR_NO_ERROR && at_least >= 0)
      ledger.committed_read(p, one[0]->offset(), at_least);
    RdKafka::TopicPartition::destroy(one);
    if (code != RdKafka::ERR_NO_ERROR)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  committer->close();
}

// The whole topic; a hole in the offsets is a violation told by `holes`.
std::vector<std::vector<Id>> read_log(const Options& o, std::int64_t& holes) {
  const int partitions = std::stoi(o.at("partitions"));
  std::vector<std::vector<Id>> log(partitions);
  std::vector<std::int64_t> ends(partitions);
  auto reader = consumer(o, "crash-check");
  for (int p = 0; p < partitions; ++p) {
    std::int64_t low = 0;
    if (reader->query_watermark_offsets(o.at("topic"), p, &low, &ends[p], 60000) !=
        RdKafka::ERR_NO_ERROR)
      fail("no watermarks of partition " + std::to_string(p));
    if (low != 0) ++holes;
  }
  assign_all(*reader, o);
  const auto done = [&] {
    for (int p = 0; p < partitions; ++p)
      if (static_cast<std::int64_t>(log[p].size()) < ends[p]) return false;
    return true;
  };
  int silent = 0;
  while (!done()) {
    std::unique_ptr<RdKafka::Message> m(reader->consume(1000));
    if (m->err() != RdKafka::ERR_NO_ERROR) {
      if (++silent > 60) fail("the log does not end where its watermark says: " + m->errstr());
      continue;
    }
    silent = 0;
    auto& part = log[m->partition()];
    if (m->offset() != static_cast<std::int64_t>(part.size())) ++holes;
    part.resize(m->offset());
    part.push_back(crash::id_of(m->payload(), m->len()));
  }
  reader->close();
  return log;
}

void wait_for_end_of_input() {
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options o{{"partitions", "16"}, {"idempotent", "2"}, {"acks1", "1"}, {"acksall", "1"},
            {"size", "100"}};
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    o[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  Ledger ledger(std::stoi(o.at("partitions")));
  std::vector<std::thread> producers;
  std::vector<bool> exactly_once;
  for (const std::string kind : {"idempotent", "acks1", "acksall"}) {
    for (int n = 0; n < std::stoi(o.at(kind)); ++n) {
      const int me = static_cast<int>(exactly_once.size());
      exactly_once.push_back(kind == "idempotent");
      producers.emplace_back([&o, &ledger, me, kind] { produce(o, me, kind, ledger); });
    }
  }
  std::thread reader([&] { consume(o, ledger); });
  std::thread committer([&] { commit(o, ledger); });
  std::thread teller([&] {
    while (!finishing) {
      std::cout << "{\"acked\": " << ledger.acknowledged_count() << "}" << std::endl;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  wait_for_end_of_input();
  stopping = true;
  for (auto& t : producers) t.join();
  finishing = true;
  reader.join();
  committer.join();
  teller.join();
  std::int64_t holes = 0;
  const auto log = read_log(o, holes);
  std::int64_t violations = holes;
  const std::string report = ledger.verify(log, exactly_once, violations);
  std::cout << "{\"report\": {" << report << ", \"holes\": " << holes
            << ", \"violations\": " << violations << "}}" << std::endl;
  return violations == 0 ? 0 : 1;
}
