#include <thread>

#include "bench/limits/frame_server.hpp"
#include "bench/limits/limits.hpp"
#include "bench/load/frame_load.hpp"
#include "bench/load/frames.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

constexpr const char* topic = "limit";

/// Answers at once and keeps nothing.
class Echo final : public FrameHandler {
 public:
  Echo() : reply_(produce_reply(topic)) {}
  void on_frame(int fd, ByteView frame) override {
    store_be(reply_.data() + 4, load_be<std::int32_t>(frame.data() + correlation_at));
    send_all(fd, reply_);
  }

 private:
  ByteBuffer reply_;
};

}  // namespace

void limit_small_requests(Arguments args) {
  const Options options("limits small-requests",
                        {{"request", "1K", "bytes of a record in a request"},
                         {"connections", "1", "connections with one request on the way each"},
                         {"seconds", "3", "how long"}},
                        args);
  const std::size_t size = options.bytes("request");
  const auto connections = static_cast<int>(options.number("connections"));
  Echo echo;
  FrameServer server(connections, echo);
  LoadPlan plan;
  plan.address = server.address();
  plan.frames.assign(static_cast<std::size_t>(connections),
                     produce_frame(topic, 0, 1, make_batch(size, size)).bytes);
  plan.seconds = options.real("seconds");
  plan.error_at = produce_error_at(topic);
  const LoadResult result = run_load(plan);
  const double cpu = server.join();

  Report report("limits small-requests");
  report.add("connections", connections);
  report.add_throughput(result.requests * size, result.requests, result.seconds);
  report.add("server_cpu_us_per_request", cpu * 1e6 / static_cast<double>(result.requests));
  report.add("latency", result.latency);
  report.print();
}

void limit_round_trip(Arguments args) {
  const Options options("limits round-trip",
                        {{"request", "1K", "bytes sent"},
                         {"reply", "60", "bytes answered"},
                         {"rounds", "20000", "how many"}},
                        args);
  ByteBuffer request(options.bytes("request"));
  ByteBuffer reply(options.bytes("reply"));
  std::string address;
  const Descriptor listener = listen_on_loopback(address);
  std::thread server([&] {
    const Descriptor peer = accept_from(listener);
    ByteBuffer in(request.size());
    const ByteBuffer out(reply.size());
    while (receive_all(peer.get(), in)) send_all(peer.get(), out);
  });
  LatencyHistogram latency;
  const auto rounds = options.number("rounds");
  const std::int64_t start = mono_ns();
  {
    const Descriptor socket = connect_to(address);
    for (std::int64_t n = 0; n < rounds; ++n) {
      const std::int64_t sent = mono_ns();
      send_all(socket.get(), request);
      receive_all(socket.get(), reply);
      latency.record(mono_ns() - sent);
    }
  }
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  server.join();
  Report report("limits round-trip");
  const auto count = static_cast<std::uint64_t>(rounds);
  report.add_throughput(count * request.size(), count, seconds);
  report.add("latency", latency);
  report.print();
}

}  // namespace horolog::bench
