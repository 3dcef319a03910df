#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/thread_pool.hpp"
#include "net/server.hpp"
#include "tests/net/rig.hpp"
#include "tests/net/text_payload.hpp"

namespace horolog::net {
namespace {

using tcp = asio::ip::tcp;

std::string counted_text(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += std::to_string(text.size()) + ' ';
  text.resize(bytes);
  return text;
}

/// Text in a file, of which a stretch counts as not cached: that one has to be read.
class FilePayload final : public Payload {
 public:
  explicit FilePayload(std::string text)
      : text_(std::move(text)), descriptor_(::memfd_create("payload", 0)) {
    EXPECT_EQ(::write(descriptor_, text_.data(), text_.size()), static_cast<ssize_t>(text_.size()));
  }
  ~FilePayload() override { ::close(descriptor_); }

  std::size_t size() const override { return text_.size(); }
  ByteView mapped() const override { return {}; }
  FileRange cached_range(std::size_t at, std::size_t most) const override {
    if (at >= cold_from && at < cold_to) return {};
    const std::size_t end = at < cold_from ? std::min(cold_from, text_.size()) : text_.size();
    ++ranges;
    return {descriptor_, at, std::min(most, end - at)};
  }
  Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const override {
    const std::size_t bytes = std::min(out.size(), text_.size() - at);
    std::copy_n(as_bytes(text_).data() + at, bytes, out.data());
    ++reads;
    return bytes;
  }
  Result<std::size_t> read_blocking(std::size_t at, MutableBytes out) const override {
    return read_nowait(at, out);
  }

  std::size_t cold_from = ~std::size_t{0};
  std::size_t cold_to = ~std::size_t{0};
  mutable std::atomic<int> ranges{0};
  mutable std::atomic<int> reads{0};

 private:
  std::string text_;
  int descriptor_;
};

class FileHandler final : public RequestHandler {
 public:
  void handle(ConnectionInfo&, Request, Responder responder) override {
    responder.send(spliced_response("head", {payload}, "tail"));
  }
  void connection_closed(ConnectionInfo&) override {}
  std::shared_ptr<FilePayload> payload;
};

std::string answer_over_a_socket(const std::shared_ptr<FilePayload>& payload, std::size_t bytes) {
  SystemClock clock;
  ShardPool shards(1, clock);
  ThreadPool blocking("blocking", 1);
  FileHandler handler;
  handler.payload = payload;
  Server server(shards, blocking, handler);
  const auto endpoint = server.listen({"PLAINTEXT", "127.0.0.1", 0});
  EXPECT_TRUE(endpoint.ok());
  shards.start();
  server.start();
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::make_address(endpoint->host), endpoint->port});
  asio::write(socket, asio::buffer(frame_of("fetch")));
  std::string text(bytes, '\0');
  boost::system::error_code error;
  text.resize(asio::read(socket, asio::buffer(text), error));
  socket.close();
  server.stop(std::chrono::seconds(1));
  shards.stop();
  return text;
}

TEST(SendFile, cached_bytes_go_straight_from_the_file) {
  const std::string text = counted_text(5 * 1024 * 1024 + 777);
  const auto payload = std::make_shared<FilePayload>(text);
  const std::string answer = answer_over_a_socket(payload, 4 + 4 + text.size() + 4);
  EXPECT_EQ(answer.substr(4), "head" + text + "tail");
  EXPECT_GT(payload->ranges, 0);
  EXPECT_LE(payload->reads, 1) << "only a short rest may be copied";
}

TEST(SendFile, what_is_not_cached_is_read_in_between) {
  const std::string text = counted_text(3 * 1024 * 1024);
  const auto payload = std::make_shared<FilePayload>(text);
  payload->cold_from = 1024 * 1024;
  payload->cold_to = 2 * 1024 * 1024;
  const std::string answer = answer_over_a_socket(payload, 4 + 4 + text.size() + 4);
  EXPECT_EQ(answer.substr(4), "head" + text + "tail");
  EXPECT_GT(payload->ranges, 0);
  EXPECT_GE(payload->reads, 4);
}

}  // namespace
}  // namespace horolog::net
