#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/frames.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/fetch.hpp"
#include "record/record.hpp"

/// Open loop: request n is due at start + n / rate, whatever became of those before it, and its
/// latency counts from then on. A broker that stalls pays for every request it delays.
namespace horolog::bench {
namespace {

/// Where the record's value lies: the intended time stands in its first eight bytes.
constexpr std::size_t stamp_bytes = 8;

struct Lane {
  Descriptor socket;
  ByteBuffer frame;
  std::size_t batch_at = 0;
  std::size_t stamp_at = 0;
  std::deque<std::int64_t> due_ns;
  ByteBuffer input = ByteBuffer(64 << 10);
  std::size_t held = 0;
};

class OpenLoop {
 public:
  OpenLoop(const LoadTarget& target, const Options& options)
      : rate_(options.real("rate")),
        total_(static_cast<std::uint64_t>(options.real("seconds") * rate_)),
        warmup_(static_cast<std::uint64_t>(options.real("warmup") * rate_)),
        error_at_(produce_error_at(target.topic)) {
    const std::size_t size = std::max(options.bytes("record"), std::uint64_t{stamp_bytes});
    const std::int16_t acks = options.text("acks") == "1" ? std::int16_t{1} : std::int16_t{-1};
    const ByteBuffer batch = make_batch(size, size);
    for (std::int64_t n = 0; n < options.number("connections"); ++n) {
      auto lane = std::make_unique<Lane>();
      const auto partition = static_cast<std::int32_t>(n % target.partitions);
      ProduceFrame frame = produce_frame(target.topic, partition, acks, batch);
      lane->frame = std::move(frame.bytes);
      lane->batch_at = frame.batch_at;
      // The value ends one byte before the record does: that byte counts the headers.
      lane->stamp_at = lane->frame.size() - 1 - size;
      lane->socket = connect_to(target.address);
      polls_.push_back({.fd = lane->socket.get(), .events = POLLIN, .revents = 0});
      lanes_.push_back(std::move(lane));
    }
  }

  /// Sends everything, waits for the last answer.
  void run() {
    const std::int64_t start = mono_ns() + 1'000'000;
    start_ns_ = start;
    const double gap_ns = 1e9 / rate_;
    for (std::uint64_t n = 0; n < warmup_ + total_; ++n) {
      const std::int64_t due = start + static_cast<std::int64_t>(static_cast<double>(n) * gap_ns);
      while (mono_ns() < due) wait_until(due);
      Lane& lane = *lanes_[n % lanes_.size()];
      send_one(lane, due);
      late_.record(mono_ns() - due);
    }
    while (outstanding() > 0) wait_until(mono_ns() + 1'000'000'000);
    seconds_ = static_cast<double>(mono_ns() - start) / 1e9;
  }

  /// Requests due before this are warm-up and are not counted.
  std::int64_t measured_from_ns() const {
    return start_ns_ + static_cast<std::int64_t>(static_cast<double>(warmup_) * 1e9 / rate_);
  }
  std::uint64_t requests() const { return warmup_ + total_; }
  double seconds() const { return seconds_; }
  const LatencyHistogram& acks() const { return acks_; }
  /// How late the generator itself was: when this is large, it measured itself.
  const LatencyHistogram& late() const { return late_; }

 private:
  std::size_t outstanding() const {
    std::size_t sum = 0;
    for (const auto& lane : lanes_) sum += lane->due_ns.size();
    return sum;
  }

  void send_one(Lane& lane, std::int64_t due) {
    store_be(lane.frame.data() + correlation_at, static_cast<std::int32_t>(lane.due_ns.size()));
    store_be(lane.frame.data() + lane.stamp_at, due);
    record::seal_crc(MutableBytes(lane.frame).subspan(lane.batch_at));
    lane.due_ns.push_back(due);
    send_all(lane.socket.get(), lane.frame);
  }

  /// Sleeps until an answer comes or the time is there, and takes the answers.
  void wait_until(std::int64_t due) {
    const std::int64_t left = std::max<std::int64_t>(due - mono_ns(), 0);
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    const int ready = ppoll(polls_.data(), polls_.size(), &wait, nullptr);
    if (ready < 0 && errno != EINTR) system_error("ppoll");
    for (std::size_t n = 0; ready > 0 && n < polls_.size(); ++n) {
      if (polls_[n].revents != 0) receive(*lanes_[n]);
    }
  }

  void receive(Lane& lane) {
    const MutableBytes room = MutableBytes(lane.input).subspan(lane.held);
    const ssize_t got = recv(lane.socket.get(), room.data(), room.size(), 0);
    if (got <= 0) run_error("the broker closed the connection on a produce request");
    lane.held += static_cast<std::size_t>(got);
    const std::int64_t now = mono_ns();
    std::size_t at = 0;
    while (lane.held - at >= 4) {
      const std::size_t size = load_be<std::uint32_t>(lane.input.data() + at);
      if (lane.held - at - 4 < size) break;
      const auto code = load_be<std::int16_t>(lane.input.data() + at + 4 + error_at_);
      if (code != 0) run_error(fmt::format("the broker refused a record with error {}", code));
      const std::int64_t due = lane.due_ns.front();
      lane.due_ns.pop_front();
      if (due >= measured_from_ns()) acks_.record(now - due);
      at += 4 + size;
    }
    std::copy(lane.input.begin() + static_cast<std::ptrdiff_t>(at),
              lane.input.begin() + static_cast<std::ptrdiff_t>(lane.held), lane.input.begin());
    lane.held -= at;
  }

  double rate_;
  std::uint64_t total_;
  std::uint64_t warmup_;
  std::size_t error_at_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<pollfd> polls_;
  std::int64_t start_ns_ = 0;
  double seconds_ = 0;
  LatencyHistogram acks_;
  LatencyHistogram late_;
};

/// The other end: long-polls one partition in a thread of its own and takes each record's intended
/// time out of its value.
class Tail {
 public:
  Tail(const LoadTarget& target, std::int32_t partition)
      : frame_(fetch_frame(target.topic, partition, 0, 1 << 20, 500, 1)),
        offset_at_(fetch_offset_at(target.topic)),
        socket_(connect_to(target.address)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Tail() {
    stop_ = true;
    thread_.join();
  }
  /// Waits until that many records have come, then stops.
  void finish(std::uint64_t records) {
    while (seen_.load() < records) {
      const timespec wait{0, 1'000'000};
      nanosleep(&wait, nullptr);
    }
  }
  /// Pairs of intended time and latency; only after finish().
  const std::vector<std::pair<std::int64_t, std::int64_t>>& times() const { return times_; }

 private:
  void run() {
    Offset offset = 0;
    while (!stop_) {
      store_be(frame_.data() + offset_at_, offset);
      send_all(socket_.get(), frame_);
      std::byte prefix[4];
      if (!receive_all(socket_.get(), prefix)) run_error("the broker closed a fetch connection");
      answer_.resize(load_be<std::uint32_t>(prefix));
      receive_all(socket_.get(), answer_);
      take(mono_ns(), offset);
    }
  }

  void take(std::int64_t now, Offset& offset) {
    const auto parts =
        wire::decode_response_frame(answer_, wire::FetchResponse::api, fetch_version);
    if (!parts) run_error(parts.error().message());
    const auto response = wire::decode<wire::FetchResponse>(parts->body, fetch_version);
    if (!response) run_error(response.error().message());
    const auto& partition = response->responses.at(0).partitions.at(0);
    if (wire::is_retriable(partition.error_code)) {
      // A leader that was just chosen may not know it yet.
      const timespec wait{0, 5'000'000};
      nanosleep(&wait, nullptr);
      return;
    }
    if (partition.error_code != wire::ErrorCode::none) {
      run_error(fmt::format("fetch: error {}", static_cast<int>(partition.error_code)));
    }
    for (record::BatchIterator it(partition.records.bytes); it.next();) {
      auto reader = record::RecordReader::open(it.batch(), scratch_);
      if (!reader) run_error(reader.error().message());
      while (reader->next()) {
        const auto& record = reader->record();
        if (record.offset < offset) continue;
        const auto due = load_be<std::int64_t>(record.value->data());
        times_.emplace_back(due, now - due);
        offset = record.offset + 1;
        ++seen_;
      }
    }
  }

  ByteBuffer frame_;
  std::size_t offset_at_;
  Descriptor socket_;
  ByteBuffer answer_;
  ByteBuffer scratch_;
  std::vector<std::pair<std::int64_t, std::int64_t>> times_;
  std::atomic<std::uint64_t> seen_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

LatencyHistogram end_to_end(std::vector<std::unique_ptr<Tail>>& tails, const OpenLoop& loop) {
  const std::uint64_t each = loop.requests() / tails.size();
  LatencyHistogram latency;
  for (auto& tail : tails) tail->finish(each);
  for (auto& tail : tails) {
    for (const auto& [due, took] : tail->times()) {
      if (due >= loop.measured_from_ns()) latency.record(took);
    }
  }
  return latency;
}

}  // namespace

void run_latency(std::span<const std::string_view> args) {
  const Options options("latency",
                        with_load_options({
                            {"mode", "acks", "acks, or end-to-end with a consumer per partition"},
                            {"acks", "all", "1 or all"},
                            {"rate", "2000", "records per second, one per request"},
                            {"record", "1K", "bytes of a record's value"},
                            {"connections", "1", "producing connections"},
                            {"seconds", "10", "how long"},
                            {"warmup", "2", "seconds before that, not counted"},
                        }),
                        args);
  const std::string mode = options.text("mode");
  if (mode != "acks" && mode != "end-to-end") usage_error("--mode: acks or end-to-end");
  const LoadTarget target(options);
  target.prepare();
  OpenLoop loop(target, options);
  std::vector<std::unique_ptr<Tail>> tails;
  if (mode == "end-to-end") {
    for (std::int32_t n = 0; n < target.partitions; ++n) {
      tails.push_back(std::make_unique<Tail>(target, n));
    }
  }
  const auto before = target.read();
  loop.run();
  const auto after = target.read();
  Report report("latency");
  report.add("topic", target.topic);
  report.add("mode", mode);
  report.add("acks", options.text("acks"));
  report.add("ack_meaning", target.ack_meaning(options.text("acks") == "1" ? std::int16_t{1}
                                                                           : std::int16_t{-1}));
  report.add("rate", options.real("rate"));
  report.add("connections", options.number("connections"));
  report.add_throughput(loop.requests() * options.bytes("record"), loop.requests(),
                        loop.seconds());
  target.add_usage(report, before, after,
                   {loop.requests() * options.bytes("record"), loop.requests(), loop.requests()});
  report.add("generator_late", loop.late());
  report.add("ack_latency", loop.acks());
  if (!tails.empty()) report.add("end_to_end_latency", end_to_end(tails, loop));
  report.print();
}

void run_end_to_end(std::span<const std::string_view> args) {
  std::vector<std::string_view> words = {"--mode", "end-to-end"};
  words.insert(words.end(), args.begin(), args.end());
  run_latency(words);
}

}  // namespace horolog::bench
