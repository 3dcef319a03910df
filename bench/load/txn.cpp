#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/clock.hpp"
#include "bench/load/broker.hpp"
#include "bench/load/lanes.hpp"
#include "bench/load/load.hpp"
#include "bench/load/txn_producer.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "record/builder.hpp"

/// Closed loop of transactions: each producer has its connection and begins the next one when the
/// last was answered.
namespace horolog::bench {
namespace {

/// What clients wait before they ask again for a coordinator that is busy with the transaction
/// before; the same for every broker.
constexpr std::int64_t retry_ns = 1'000'000;

ByteBuffer transactional_batch(std::int32_t records, std::size_t record_bytes) {
  std::mt19937_64 random(42);
  record::BatchOptions options;
  options.transactional = true;
  options.producer_id = 0;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  record::BatchBuilder builder(options);
  const TimestampMs now = SystemClock().wall_ms();
  ByteBuffer value(record_bytes);
  for (std::int32_t n = 0; n < records; ++n) {
    for (std::byte& b : value) b = static_cast<std::byte>('a' + random() % 26);
    builder.add(std::nullopt, value, now);
  }
  return builder.build().value();
}

struct Count {
  std::uint64_t transactions = 0;
  std::uint64_t retries = 0;
  double seconds = 0;
  LatencyHistogram latency;
};

class TxnLoad {
 public:
  TxnLoad(const std::string& address, std::vector<TxnProducer>& producers)
      : producers_(producers),
        begun_ns_(producers.size(), 0),
        lanes_(address, producers.size(),
               [this](std::size_t lane, ByteView frame) { answered(lane, frame); }) {}

  /// Transactions that begin within `seconds`, and their end.
  Count run(double seconds) {
    count_ = {};
    const std::int64_t start = mono_ns();
    stop_ns_ = start + static_cast<std::int64_t>(seconds * 1e9);
    for (std::size_t lane = 0; lane < producers_.size(); ++lane) begin(lane);
    while (open_ > 0) lanes_.step();
    count_.seconds = static_cast<double>(mono_ns() - start) / 1e9;
    return count_;
  }

 private:
  void begin(std::size_t lane) {
    ++open_;
    begun_ns_[lane] = mono_ns();
    lanes_.send(lane, producers_[lane].request());
  }

  void answered(std::size_t lane, ByteView frame) {
    TxnProducer& producer = producers_[lane];
    switch (producer.on_response(frame)) {
      case TxnProducer::Outcome::next: return lanes_.send(lane, producer.request());
      case TxnProducer::Outcome::retry:
        ++count_.retries;
        return lanes_.send_at(lane, producer.request(), mono_ns() + retry_ns);
      case TxnProducer::Outcome::failed:
        run_error(fmt::format("{}: {}", producer.step_name(), wire::to_string(producer.error())));
      case TxnProducer::Outcome::committed: break;
    }
    const std::int64_t now = mono_ns();
    ++count_.transactions;
    count_.latency.record(now - begun_ns_[lane]);
    --open_;
    if (now < stop_ns_) begin(lane);
  }

  std::vector<TxnProducer>& producers_;
  std::vector<std::int64_t> begun_ns_;
  Lanes lanes_;
  Count count_;
  std::size_t open_ = 0;
  std::int64_t stop_ns_ = 0;
};

struct Shape {
  int protocol = 2;
  std::int64_t producers = 1;
  std::int32_t spread = 1;    ///< partitions that a transaction writes to
  std::int32_t records = 10;  ///< of a transaction
  std::size_t record_bytes = 1024;
  std::int32_t per_batch() const { return std::max(records / spread, 1); }
};

Shape shape_of(const Options& options, const LoadTarget& target) {
  Shape shape;
  const std::string protocol = options.text("protocol");
  if (protocol != "1" && protocol != "2") usage_error("--protocol: 1 or 2");
  shape.protocol = protocol == "1" ? 1 : 2;
  shape.producers = options.number("producers");
  shape.spread = static_cast<std::int32_t>(options.number("spread"));
  shape.records = static_cast<std::int32_t>(options.number("records"));
  shape.record_bytes = std::max<std::size_t>(options.bytes("record"), 1);
  if (shape.producers < 1 || shape.records < 1) usage_error("--producers, --records: at least 1");
  if (shape.spread < 1 || shape.spread > target.partitions) {
    usage_error("--spread: from 1 to the number of --partitions");
  }
  return shape;
}

/// Producer n writes to `spread` partitions from the n-th on, so that producers share them evenly.
std::vector<TxnPlan> plans_of(const Shape& shape, const LoadTarget& target, bool offsets) {
  std::vector<TxnPlan> plans;
  for (std::int64_t n = 0; n < shape.producers; ++n) {
    TxnPlan plan;
    plan.protocol = shape.protocol;
    plan.topic = target.topic;
    plan.records_per_batch = shape.per_batch();
    if (offsets) plan.group = fmt::format("{}-group-{}", target.topic, n);
    for (std::int32_t i = 0; i < shape.spread; ++i) {
      plan.partitions.push_back(static_cast<std::int32_t>((n * shape.spread + i) %
                                                          target.partitions));
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

void report_on(const Count& count, const Shape& shape, const ByteBuffer& batch,
               const LoadTarget& target, const BrokerReading& before, const BrokerReading& after,
               bool offsets, double client_cpu) {
  const auto per_transaction = static_cast<std::uint64_t>(shape.spread);
  const Work work{.bytes = count.transactions * per_transaction * batch.size(),
                  .requests = count.transactions,
                  .records = count.transactions * per_transaction *
                             static_cast<std::uint64_t>(shape.per_batch())};
  const auto each = [&](double sum) {
    return sum / static_cast<double>(std::max<std::uint64_t>(count.transactions, 1));
  };
  Report report("txn");
  report.add("topic", target.topic);
  report.add("ack_meaning", target.ack_meaning(-1));
  report.add("protocol", shape.protocol);
  report.add("producers", shape.producers);
  report.add("partitions", target.partitions);
  report.add("spread", shape.spread);
  report.add("records_per_transaction", shape.spread * shape.per_batch());
  report.add("offsets", offsets ? "yes" : "no");
  report.add_throughput(work.bytes, count.transactions, count.seconds);
  report.add("transactions_per_s", static_cast<double>(count.transactions) / count.seconds);
  report.add("retries_per_transaction", each(static_cast<double>(count.retries)));
  report.add("client_cpu_s", client_cpu);
  target.add_usage(report, before, after, work);
  if (before.syncs) {
    report.add("group_commits_per_transaction",
               each(after.syncs->group_commits - before.syncs->group_commits));
    report.add("syncs_per_transaction", each(after.syncs->syncs - before.syncs->syncs));
  }
  report.add("latency", count.latency);
  report.print();
}

}  // namespace

void run_txn(std::span<const std::string_view> args) {
  const Options options("txn",
                        with_load_options({
                            {"protocol", "2", "1: AddPartitionsToTxn; 2: KIP-890"},
                            {"producers", "1", "transactional producers, a connection each"},
                            {"spread", "1", "partitions that one transaction writes to"},
                            {"records", "10", "records of a transaction, over its partitions"},
                            {"record", "1K", "bytes of a record's value"},
                            {"offsets", "no", "also commit an offset in each transaction"},
                            {"seconds", "5", "how long"},
                            {"warmup", "0", "seconds of the same load before measuring"},
                        }),
                        args);
  const LoadTarget target(options);
  const Shape shape = shape_of(options, target);
  const bool offsets = options.yes("offsets");
  target.prepare();
  const auto plans = plans_of(shape, target, offsets);
  const ByteBuffer batch = transactional_batch(shape.per_batch(), shape.record_bytes);
  Broker broker(target.address);
  std::vector<TxnProducer> producers;
  for (std::size_t n = 0; n < plans.size(); ++n) {
    std::string id = fmt::format("{}-{}", target.topic, n);
    const auto [producer, epoch] = broker.new_transactional_producer(id);
    producers.emplace_back(plans[n], std::move(id), batch, producer, epoch);
  }
  if (offsets) broker.find_group_coordinator(plans.front().group);
  TxnLoad load(target.address, producers);
  if (const double warmup = options.real("warmup"); warmup > 0) load.run(warmup);
  const BrokerReading before = target.read();
  const double client_before = process_cpu_seconds();
  const Count count = load.run(options.real("seconds"));
  const double client_cpu = process_cpu_seconds() - client_before;
  report_on(count, shape, batch, target, before, target.read(), offsets, client_cpu);
}

}  // namespace horolog::bench
