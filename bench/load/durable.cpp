#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/frames.hpp"
#include "bench/load/load.hpp"
#include "bench/load/resp.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/socket.hpp"

/// Small durable writes by blocking clients: a thread to a connection, which sends, waits for the
/// answer and sends again. The same program drives brokers of Kafka's protocol and Redis, so that
/// their figures differ by what answers, not by what asks.
namespace horolog::bench {
namespace {

/// A request with its records, and how its answer is read.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual ByteBuffer request(std::int32_t partition) const = 0;
  /// Reads one whole answer; ends the program when it is an error.
  virtual void answer(int fd, ByteBuffer& scratch) const = 0;
};

class KafkaPeer : public Peer {
 public:
  KafkaPeer(const std::string& topic, std::int16_t acks, std::size_t record, std::size_t records)
      : topic_(topic), acks_(acks), batch_(make_batch(record, record * records)) {}

  ByteBuffer request(std::int32_t partition) const override {
    return produce_frame(topic_, partition, acks_, batch_).bytes;
  }
  void answer(int fd, ByteBuffer& scratch) const override {
    std::byte prefix[4];
    if (!receive_all(fd, prefix)) run_error("the broker closed a connection");
    scratch.resize(load_be<std::uint32_t>(prefix));
    receive_all(fd, scratch);
    const auto code = load_be<std::int16_t>(scratch.data() + produce_error_at(topic_));
    if (code != 0) run_error(fmt::format("the broker refused a record with error {}", code));
  }

 private:
  std::string topic_;
  std::int16_t acks_;
  ByteBuffer batch_;
};

class RedisPeer : public Peer {
 public:
  RedisPeer(const std::string& stream, std::size_t record, std::size_t records)
      : stream_(stream), record_(record), records_(records) {}

  ByteBuffer request(std::int32_t partition) const override {
    return stream_adds(fmt::format("{}-{}", stream_, partition), record_, records_);
  }
  void answer(int fd, ByteBuffer& scratch) const override {
    read_stream_answers(fd, records_, scratch);
  }

 private:
  std::string stream_;
  std::size_t record_;
  std::size_t records_;
};

struct Lane {
  std::thread thread;
  std::uint64_t requests = 0;
  LatencyHistogram latency;
};

struct Shape {
  std::string address;
  std::int64_t connections = 1;
  std::int32_t partitions = 1;
  int in_flight = 1;
};

/// Keeps `in_flight` requests on the way until `stop`, then takes the answers that are left.
void drive(Lane& lane, const Peer& peer, const Shape& shape, std::int32_t partition,
           const std::atomic<bool>& stop) {
  const Descriptor socket = connect_to(shape.address);
  const ByteBuffer request = peer.request(partition);
  ByteBuffer scratch;
  std::vector<std::int64_t> sent(static_cast<std::size_t>(shape.in_flight));
  std::uint64_t begun = 0;
  while (!stop || lane.requests < begun) {
    const auto window = static_cast<std::uint64_t>(shape.in_flight);
    while (!stop && begun - lane.requests < window) {
      sent[begun++ % window] = mono_ns();
      send_all(socket.get(), request);
    }
    if (lane.requests == begun) break;
    peer.answer(socket.get(), scratch);
    lane.latency.record(mono_ns() - sent[lane.requests++ % window]);
  }
}

struct Sum {
  std::uint64_t requests = 0;
  double seconds = 0;
  LatencyHistogram latency;
};

Sum run_lanes(const Peer& peer, const Shape& shape, double seconds) {
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<Lane>> lanes;
  const std::int64_t start = mono_ns();
  for (std::int64_t n = 0; n < shape.connections; ++n) {
    auto& lane = *lanes.emplace_back(std::make_unique<Lane>());
    const auto partition = static_cast<std::int32_t>(n % shape.partitions);
    lane.thread = std::thread([&, partition] { drive(lane, peer, shape, partition, stop); });
  }
  const timespec wait{static_cast<time_t>(seconds),
                      static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(
                                                       seconds))) * 1e9)};
  nanosleep(&wait, nullptr);
  stop = true;
  Sum sum;
  for (auto& lane : lanes) {
    lane->thread.join();
    sum.requests += lane->requests;
    sum.latency.merge(lane->latency);
  }
  sum.seconds = static_cast<double>(mono_ns() - start) / 1e9;
  return sum;
}

}  // namespace

void run_durable(std::span<const std::string_view> args) {
  const Options options("durable",
                        with_load_options({
                            {"peer", "kafka", "the protocol spoken: kafka or redis (XADD)"},
                            {"acks", "all", "all or 1; Redis has its own setting"},
                            {"record", "1K", "bytes of a record's value"},
                            {"records", "1", "records of a request (Redis: commands at once)"},
                            {"connections", "1", "connections, a thread each"},
                            {"in-flight", "1", "requests on the way on each"},
                            {"seconds", "5", "how long"},
                            {"warmup", "0", "seconds of the same load before measuring"},
                        }),
                        args);
  const LoadTarget target(options);
  const bool redis = options.text("peer") == "redis";
  if (!redis && options.text("peer") != "kafka") usage_error("--peer: kafka or redis");
  const std::int16_t acks = options.text("acks") == "1" ? std::int16_t{1} : std::int16_t{-1};
  const auto record = static_cast<std::size_t>(options.bytes("record"));
  const auto records = static_cast<std::size_t>(options.number("records"));
  std::unique_ptr<Peer> peer;
  if (redis) {
    peer = std::make_unique<RedisPeer>(target.topic, record, records);
  } else {
    target.prepare();
    peer = std::make_unique<KafkaPeer>(target.topic, acks, record, records);
  }
  const Shape shape{target.address, options.number("connections"), target.partitions,
                    static_cast<int>(options.number("in-flight"))};
  if (const double warmup = options.real("warmup"); warmup > 0) run_lanes(*peer, shape, warmup);
  const BrokerReading before = target.read();
  const double client_before = process_cpu_seconds();
  const Sum sum = run_lanes(*peer, shape, options.real("seconds"));
  const double client_cpu = process_cpu_seconds() - client_before;
  const Work work{sum.requests * records * record, sum.requests, sum.requests * records};
  Report report("durable");
  report.add("topic", target.topic);
  report.add("peer", options.text("peer"));
  report.add("ack_meaning", redis ? redis_ack_meaning(target.address) : target.ack_meaning(acks));
  report.add("connections", shape.connections);
  report.add("in_flight", shape.in_flight);
  report.add("records_per_request", records);
  report.add_throughput(work.bytes, work.requests, sum.seconds);
  report.add("records_per_s", static_cast<double>(work.records) / sum.seconds);
  report.add("client_cpu_s", client_cpu);
  target.add_usage(report, before, target.read(), work);
  report.add("latency", sum.latency);
  report.print();
}

}  // namespace horolog::bench
