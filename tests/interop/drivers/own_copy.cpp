// Consume, transform, produce: exactly once, with the library (tests/interop/cases/own_copy.py).
//
//   own_copy HOST:PORT SOURCE TOPIC GROUP ID COUNT [STEP N]
//
// Copies every record of SOURCE to the same partition of TOPIC, "<value>" as "copy of <value>", in
// transactions of what one poll gives (20 at most), until the group stands at COUNT records in
// all. With STEP, prints {"at": STEP} at that step of its Nth transaction and waits there to be
// killed. Steps: polled, begun, sent, flushed, offsets, committed; with "committing" it
// kills itself while the commit is under way. Otherwise {"copied": n} is the last line.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include "horolog/consumer.hpp"
#include "horolog/producer.hpp"

namespace {

using horolog::TopicPartition;
using std::chrono::milliseconds;
constexpr milliseconds patient(60'000);

[[noreturn]] void fail(const std::string& text) {
  std::cerr << text << std::endl;
  std::_Exit(1);
}

template <typename T>
T must(horolog::Result<T> result) {
  if (!result) fail(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Stop {
  std::string step;
  int transaction = 0;

  void here(const char* at, int number) const {
    if (step != at || transaction != number) return;
    std::cout << "{\"at\": \"" << at << "\"}" << std::endl;
    while (true) pause();
  }
  /// On a busy machine the kill may come long after the commit: nothing follows it all the same.
  void await_death(int number) const {
    while (step == "committing" && transaction == number) pause();
  }
  void die_soon(int number) const {
    if (step != "committing" || transaction != number) return;
    std::thread([] {
      std::random_device random;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));  // a random moment
      std::raise(SIGKILL);
    }).detach();
  }
};

long committed_sum(horolog::Consumer& consumer, const std::string& topic) {
  std::vector<TopicPartition> all;
  const int count = must(consumer.partitions_for(topic, patient));
  for (int p = 0; p < count; ++p) all.push_back({topic, p});
  long sum = 0;
  for (const auto& [tp, at] : must(consumer.committed(all, patient))) sum += at.offset;
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 && argc != 9) fail("usage: see the top of own_copy.cpp");
  const std::string bootstrap = argv[1], source = argv[2], topic = argv[3], group = argv[4];
  const long count = std::stol(argv[6]);
  const Stop stop = argc == 9 ? Stop{argv[7], std::stoi(argv[8])} : Stop{};

  horolog::ConsumerOptions reading;
  reading.client.bootstrap = bootstrap;
  reading.group = group;
  reading.instance_id = argv[5];  // one that was killed is followed at once
  reading.auto_commit = false;
  reading.isolation = horolog::Isolation::read_committed;
  reading.offset_reset = horolog::OffsetReset::earliest;
  reading.max_poll_records = 20;
  reading.session_timeout = milliseconds(6000);
  reading.heartbeat_interval = milliseconds(500);
  horolog::ProducerOptions writing;
  writing.client.bootstrap = bootstrap;
  writing.transactional_id = argv[5];
  auto consumer = must(horolog::Consumer::open(reading));
  auto producer = must(horolog::Producer::open(writing));
  must(producer.init_transactions(patient));
  must(consumer.subscribe({source}));
  long copied = 0;
  for (int number = 0; committed_sum(consumer, source) < count;) {
    const auto batch = must(consumer.poll(milliseconds(200)));
    if (batch.empty()) continue;
    ++number;
    stop.here("polled", number);
    must(producer.begin_transaction());
    stop.here("begun", number);
    for (const auto& record : batch) {
      const std::string value = "copy of " + std::string(record.value.text());
      must(producer.send({.topic = topic, .partition = record.partition, .value = value}));
    }
    stop.here("sent", number);
    must(producer.flush(patient));
    stop.here("flushed", number);
    std::vector<horolog::OffsetToCommit> offsets;
    for (const auto& [tp, to] : batch.offsets()) {
      offsets.push_back({.partition = tp, .offset = to.offset, .leader_epoch = to.leader_epoch});
    }
    must(producer.send_offsets(offsets, consumer.group_metadata(), patient));
    stop.here("offsets", number);
    stop.die_soon(number);
    must(producer.commit_transaction(patient));
    stop.await_death(number);
    stop.here("committed", number);
    copied += static_cast<long>(batch.size());
  }
  must(consumer.close(patient));
  must(producer.close(patient));
  std::cout << "{\"copied\": " << copied << "}" << std::endl;
  return 0;
}
