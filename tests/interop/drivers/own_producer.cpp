// The library's own producer, as a program that other people's consumers check.
//
//   own_producer stream HOST:PORT TOPIC          values 0, 1, 2 … to partition 0 until a line comes
//   own_producer load HOST:PORT TOPIC N BYTES [BATCH_BYTES [CODEC]]
//   own_producer transact HOST:PORT TOPIC ID N   N transactions over all partitions, every third
//                                                one aborted, each with offsets of group ID
//
// Prints JSON lines; {"done": …} is the last. Exit code 1 when something failed.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include "horolog/producer.hpp"

namespace {

using namespace std::chrono_literals;
using horolog::Position;
using horolog::Producer;
using horolog::Result;

int fail(const horolog::Error& error) {
  fmt::print("{{\"error\": \"{}\", \"kafka_code\": {}}}\n", error.message(), error.kafka_code());
  return 1;
}

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int stream(const std::string& bootstrap, const std::string& topic) {
  auto producer = Producer::open({.client = {.bootstrap = bootstrap}, .linger = 2ms});
  if (!producer) return fail(producer.error());
  std::atomic<bool> stop = false;
  std::thread watcher([&] {
    std::string line;
    std::getline(std::cin, line);
    stop = true;
  });
  std::uint64_t sent = 0;
  std::uint64_t acked = 0, failed = 0;  // the client's thread writes them
  horolog::Offset last = -1;
  std::string why;
  while (!stop) {
    const auto taken = producer->send(
        {.topic = topic, .partition = 0, .value = std::to_string(sent)},
        [&, sent](const Result<Position>& at) {
          if (!at) {
            ++failed;
            why = at.error().message();
            return;
          }
          if (at->offset != horolog::no_offset && at->offset <= last) {
            say(fmt::format("{{\"disorder\": {}, \"offset\": {}}}", sent, at->offset));
          }
          last = at->offset;
          if (++acked % 200 == 0) say(fmt::format("{{\"acked\": {}}}", acked));
        });
    if (!taken) return fail(taken.error());
    if (++sent % 20 == 0) std::this_thread::sleep_for(1ms);  // a load, not a flood
  }
  watcher.join();
  const auto closed = producer->close(120s);
  const auto metrics = producer->metrics();
  say(fmt::format("{{\"done\": {}, \"acked\": {}, \"failed\": {}, \"retried\": {}, "
                  "\"why\": \"{}\"}}",
                  sent, acked, failed, metrics.batches_retried,
                  closed ? why : closed.error().message()));
  return closed && failed == 0 ? 0 : 1;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int load(const std::string& bootstrap, const std::string& topic, std::uint64_t records,
         std::size_t bytes, std::size_t batch_bytes, horolog::Compression codec) {
  auto producer = Producer::open({.client = {.bootstrap = bootstrap},
                                  .batch_bytes = batch_bytes,
                                  .compression = codec});
  if (!producer) return fail(producer.error());
  const std::string value(bytes, 'x');
  if (auto first = producer->submit({.topic = topic, .value = value}).get(); !first) {
    return fail(first.error());
  }
  const auto started = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  for (std::uint64_t i = 0; i < records; ++i) {
    if (const auto taken = producer->send({.topic = topic, .value = value}); !taken) {
      return fail(taken.error());
    }
  }
  if (const auto flushed = producer->flush(120s); !flushed) return fail(flushed.error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const auto metrics = producer->metrics();
  say(fmt::format("{{\"done\": {}, \"seconds\": {:.3f}, \"records_per_second\": {:.0f}, "
                  "\"cpu_us_per_record\": {:.3f}, \"failed\": {}, \"requests\": {}, "
                  "\"batches\": {}}}",
                  records, took.count(), static_cast<double>(records) / took.count(),
                  (cpu_seconds() - cpu) * 1e6 / static_cast<double>(records),
                  metrics.records_failed, metrics.requests_sent, metrics.batches_sent));
  return metrics.records_failed == 0 ? 0 : 1;
}

int transact(const std::string& bootstrap, const std::string& topic, const std::string& id,
             int transactions) {
  auto producer = Producer::open({.client = {.bootstrap = bootstrap}, .transactional_id = id});
  if (!producer) return fail(producer.error());
  if (const auto ready = producer->init_transactions(60s); !ready) return fail(ready.error());
  int committed = 0;
  for (int i = 0; i < transactions; ++i) {
    if (const auto begun = producer->begin_transaction(); !begun) return fail(begun.error());
    const bool abort = i % 3 == 2;
    for (int j = 0; j < 5; ++j) {
      const std::string value = fmt::format("{}-{}-{}", abort ? "aborted" : "committed", i, j);
      if (const auto taken = producer->send({.topic = topic, .partition = j % 3, .value = value});
          !taken) {
        return fail(taken.error());
      }
    }
    if (const auto offsets = producer->send_offsets({{.partition = {topic, 0}, .offset = i + 1}},
                                                    {.group = id}, 60s);
        !offsets) {
      return fail(offsets.error());
    }
    const auto ended = abort ? producer->abort_transaction(60s) : producer->commit_transaction(60s);
    if (!ended) return fail(ended.error());
    if (!abort) committed = i + 1;
  }
  say(fmt::format("{{\"done\": {}, \"committed_offset\": {}}}", transactions, committed));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (word(0) == "stream" && words.size() == 3) return stream(words[1], words[2]);
  if (word(0) == "load" && words.size() >= 5) {
    const std::string codec = words.size() > 6 ? words[6] : "none";
    const auto compression = codec == "lz4"      ? horolog::Compression::lz4
                             : codec == "zstd"   ? horolog::Compression::zstd
                             : codec == "snappy" ? horolog::Compression::snappy
                             : codec == "gzip"   ? horolog::Compression::gzip
                                                 : horolog::Compression::none;
    return load(words[1], words[2], std::stoull(words[3]), std::stoull(words[4]),
                words.size() > 5 ? std::stoull(words[5]) : 16 * 1024, compression);
  }
  if (word(0) == "transact" && words.size() == 5) {
    return transact(words[1], words[2], words[3], std::stoi(words[4]));
  }
  fmt::print(stderr, "usage: see the top of own_producer.cpp\n");
  return 2;
}
