#include <fmt/format.h>

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

/// Receive, check the CRC-32C, append, answer in 60 bytes; with `sync_bytes`, sync in between.
class Sink final : public FrameHandler {
 public:
  Sink(TargetFile& file, std::size_t batch_at, std::uint64_t sync_bytes)
      : file_(file), batch_at_(batch_at), sync_bytes_(sync_bytes), reply_(produce_reply(topic)) {}

  void on_frame(int fd, ByteView frame) override {
    const ByteView batch = frame.subspan(batch_at_);
    const auto stored = load_be<std::uint32_t>(batch.data() + record::layout::crc);
    if (crc32c(batch.subspan(record::layout::attributes)) != stored) run_error("bad CRC");
    file_.append(batch);
    unsynced_ += batch.size();
    if (sync_bytes_ > 0 && unsynced_ >= sync_bytes_) {
      file_.sync();
      unsynced_ = 0;
      ++syncs_;
    }
    store_be(reply_.data() + 4, load_be<std::int32_t>(frame.data() + correlation_at));
    send_all(fd, reply_);
  }

  std::uint64_t syncs() const { return syncs_; }

 private:
  TargetFile& file_;
  std::size_t batch_at_;
  std::uint64_t sync_bytes_;
  ByteBuffer reply_;
  std::uint64_t unsynced_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace

void limit_produce_sink(Arguments args) {
  const Options options("limits produce-sink",
                        {{"file", "growing", "growing or prewritten"},
                         {"dir", ".", "folder for the file"},
                         {"batch", "64K", "bytes of a batch"},
                         {"record", "1K", "bytes of a record's value"},
                         {"connections", "1", "connections"},
                         {"in-flight", "20", "requests on the way on each"},
                         {"bytes", "2G", "bytes to send in total"},
                         {"file-bytes", "1G", "size of the prewritten file"},
                         {"sync-bytes", "0", "sync each time that many were appended; 0 = never"}},
                        args);
  const std::string kind = options.text("file");
  TargetFile file(options.text("dir"), file_kind(kind), options.bytes("file-bytes"));
  const ByteBuffer batch = make_batch(options.bytes("record"), options.bytes("batch"));
  const ProduceFrame frame = produce_frame(topic, 0, 1, batch);
  Sink sink(file, frame.batch_at, options.bytes("sync-bytes"));
  const auto connections = static_cast<int>(options.number("connections"));
  FrameServer server(connections, sink);

  LoadPlan plan;
  plan.address = server.address();
  plan.frames.assign(static_cast<std::size_t>(connections), frame.bytes);
  plan.in_flight = static_cast<int>(options.number("in-flight"));
  plan.requests = options.bytes("bytes") / batch.size();
  plan.error_at = produce_error_at(topic);
  const LoadResult result = run_load(plan);
  const double cpu = server.join();

  const std::uint64_t bytes = result.requests * batch.size();
  Report report("limits produce-sink");
  report.add("file", kind);
  report.add("batch_bytes", batch.size());
  report.add("connections", connections);
  report.add("in_flight", plan.in_flight);
  report.add("sync_bytes", options.bytes("sync-bytes"));
  report.add("syncs", sink.syncs());
  report.add_throughput(bytes, result.requests, result.seconds);
  report.add("server_cpu_s_per_gb", cpu / (static_cast<double>(bytes) / 1e9));
  report.print();
}

}  // namespace horolog::bench
