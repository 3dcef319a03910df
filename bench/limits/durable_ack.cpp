#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/crc32c.hpp"
#include "bench/limits/frame_server.hpp"
#include "bench/limits/limits.hpp"
#include "bench/limits/target_file.hpp"
#include "bench/load/frame_load.hpp"
#include "bench/load/frames.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "record/batch.hpp"

namespace horolog::bench {
namespace {

constexpr const char* topic = "limit";

/// Receive, check, append to a prewritten file in the serving thread; a second thread takes what
/// has come in, syncs once, and answers all of it: group commit and nothing else.
class GroupCommit final : public FrameHandler {
 public:
  GroupCommit(TargetFile& file, std::size_t batch_at, std::uint64_t group_bytes)
      : file_(file), batch_at_(batch_at), group_bytes_(group_bytes), reply_(produce_reply(topic)) {
    thread_ = std::thread([this] { commit_loop(); });
  }
  ~GroupCommit() override {
    if (thread_.joinable()) thread_.join();
  }

  void on_frame(int fd, ByteView frame) override {
    const ByteView batch = frame.subspan(batch_at_);
    const auto stored = load_be<std::uint32_t>(batch.data() + record::layout::crc);
    if (crc32c(batch.subspan(record::layout::attributes)) != stored) run_error("bad CRC");
    file_.append(batch);
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({fd, load_be<std::int32_t>(frame.data() + correlation_at)});
      waiting_bytes_ += batch.size();
      wake = waiting_bytes_ >= group_bytes_;
    }
    if (wake) wake_.notify_one();
  }

  void on_end() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  std::uint64_t syncs() const { return syncs_; }
  double cpu_seconds() const { return cpu_seconds_; }

 private:
  struct Waiting {
    int fd;
    std::int32_t correlation;
  };

  void commit_loop() {
    std::vector<Waiting> group;
    while (true) {
      group.clear();
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] {
          return ended_ || (!waiting_.empty() && waiting_bytes_ >= group_bytes_);
        });
        if (waiting_.empty()) break;
        group.swap(waiting_);
        waiting_bytes_ = 0;
      }
      file_.sync();
      ++syncs_;
      for (const Waiting& waiting : group) {
        store_be(reply_.data() + 4, waiting.correlation);
        send_all(waiting.fd, reply_);
      }
    }
    cpu_seconds_ = thread_cpu_seconds();
  }

  TargetFile& file_;
  std::size_t batch_at_;
  std::uint64_t group_bytes_;
  ByteBuffer reply_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> waiting_;
  std::uint64_t waiting_bytes_ = 0;
  bool ended_ = false;
  std::uint64_t syncs_ = 0;
  double cpu_seconds_ = 0;
  std::thread thread_;
};

}  // namespace

void limit_durable_ack(Arguments args) {
  const Options options(
      "limits durable-ack",
      {{"dir", ".", "folder for the file"},
       {"batch", "1K", "bytes of a batch"},
       {"record", "1K", "bytes of a record's value"},
       {"connections", "1", "connections"},
       {"in-flight", "1", "requests on the way on each"},
       {"group-bytes", "0", "sync not before that many wait (at most what can be on the way)"},
       {"seconds", "3", "how long"},
       {"bytes", "0", "send that many in total instead"},
       {"file", "prewritten", "growing or prewritten"},
       {"file-bytes", "256M", "size of the prewritten file"}},
      args);
  const ByteBuffer batch = make_batch(options.bytes("record"), options.bytes("batch"));
  const ProduceFrame frame = produce_frame(topic, 0, -1, batch);
  LoadPlan plan;
  const auto connections = static_cast<int>(options.number("connections"));
  plan.in_flight = static_cast<int>(options.number("in-flight"));
  const std::uint64_t on_the_way = batch.size() * static_cast<std::uint64_t>(connections) *
                                   static_cast<std::uint64_t>(plan.in_flight);
  if (options.bytes("group-bytes") > on_the_way) {
    usage_error(fmt::format("--group-bytes: only {} bytes can be on the way", on_the_way));
  }
  TargetFile file(options.text("dir"), file_kind(options.text("file")),
                  options.bytes("file-bytes"));
  GroupCommit commit(file, frame.batch_at, options.bytes("group-bytes"));
  FrameServer server(connections, commit);
  plan.address = server.address();
  plan.frames.assign(static_cast<std::size_t>(connections), frame.bytes);
  plan.requests = options.bytes("bytes") / batch.size();
  if (plan.requests == 0) plan.seconds = options.real("seconds");
  plan.error_at = produce_error_at(topic);
  const LoadResult result = run_load(plan);
  const double cpu = server.join() + commit.cpu_seconds();

  Report report("limits durable-ack");
  report.add("file", options.text("file"));
  report.add("batch_bytes", batch.size());
  report.add("connections", connections);
  report.add("in_flight", plan.in_flight);
  report.add("syncs", commit.syncs());
  report.add_throughput(result.requests * batch.size(), result.requests, result.seconds);
  report.add("server_cpu_us_per_request", cpu * 1e6 / static_cast<double>(result.requests));
  report.add("latency", result.latency);
  report.print();
}

}  // namespace horolog::bench
