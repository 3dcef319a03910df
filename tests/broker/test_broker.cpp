#include "test_broker.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <latch>

#include "record/builder.hpp"

namespace horolog::broker {
namespace {

/// Collects one answer, payloads spliced in.
class Sink final : public net::ResponseSink {
 public:
  std::future<ByteBuffer> future() { return promise_.get_future(); }

  void finish(std::uint64_t, net::Answer answer) override {
    ByteBuffer out;
    std::size_t copied = 0;
    const auto& bytes = answer.response.bytes;
    for (const net::Splice& splice : answer.response.splices) {
      out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(copied),
                 bytes.begin() + static_cast<std::ptrdiff_t>(splice.at));
      copied = splice.at;
      std::size_t read = 0;
      while (read < splice.payload->size()) {
        const std::size_t at = out.size();
        out.resize(at + splice.payload->size() - read);
        const auto got = splice.payload->read_blocking(read, MutableBytes(out).subspan(at));
        ASSERT_TRUE(got.ok()) << got.error().message();
        out.resize(at + *got);
        read += *got;
      }
    }
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(copied), bytes.end());
    if (out.size() >= 4) out.erase(out.begin(), out.begin() + 4);
    promise_.set_value(std::move(out));
  }

 private:
  std::promise<ByteBuffer> promise_;
};

}  // namespace

std::filesystem::path make_directory() {
  std::string text = (std::filesystem::temp_directory_path() / "horolog-test-XXXXXX").string();
  return mkdtemp(text.data());
}

TestBroker::TestBroker(storage::LogConfig defaults, BrokerConfig config)
    : TestBroker(make_directory(), storage::make_posix_file_system(), std::move(defaults),
                 std::move(config)) {}

TestBroker::TestBroker(std::filesystem::path directory, std::unique_ptr<storage::FileSystem> files,
                       storage::LogConfig defaults, BrokerConfig config)
    : directory_(std::move(directory)),
      files_(std::move(files)),
      pool_("test-pool", 4),
      shards_(1, clock_) {
  storage::StoreOptions options;
  options.directory = (directory_ / "data").string();
  options.defaults = std::make_shared<const storage::LogConfig>(defaults);
  options.disk_low_bytes = 0;
  store_ = storage::LogStore::open(*files_, options, &pool_, clock_.wall_ms()).value();
  flusher_ = std::make_unique<Flusher>(*store_, clock_, pool_);
  partitions_ = std::make_unique<PartitionTable>(*store_, *flusher_);
  partitions_->refresh();
  topics_ = std::make_unique<TopicManager>(*store_, *partitions_, clock_);
  producer_ids_ = std::make_unique<ProducerIds>(store_->catalog(), clock_);
  groups_ = std::make_unique<GroupService>();
  transactions_ = std::make_unique<TransactionService>();
  context_ = std::unique_ptr<Context>(new Context{clock_,
                                                  *store_,
                                                  shards_,
                                                  pool_,
                                                  *flusher_,
                                                  *partitions_,
                                                  *topics_,
                                                  *groups_,
                                                  fetch_sessions_,
                                                  *transactions_,
                                                  *producer_ids_,
                                                  metrics_,
                                                  {},
                                                  std::make_shared<const BrokerConfig>(config)});
  dispatcher_ = std::make_unique<Dispatcher>(*context_);
  connection_ = std::make_unique<net::ConnectionInfo>(1, shards_.at(0));
  connection_->peer = {"127.0.0.1", 4711};
  connection_->local = {"127.0.0.1", 9092};
  connection_->listener = "PLAINTEXT";
  flusher_->start();
  shards_.start();
  groups_->start(*context_);
  transactions_->start(*context_);
}

TestBroker::~TestBroker() {
  transactions_->stop();
  groups_->stop();
  shards_.stop();
  pool_.stop();
  flusher_->stop();
  std::filesystem::remove_all(directory_);
}

std::future<ByteBuffer> TestBroker::send_frame(ByteBuffer frame_with_size) {
  auto sink = std::make_shared<Sink>();
  auto future = sink->future();
  auto bytes = std::make_shared<ByteBuffer>(frame_with_size.begin() + 4, frame_with_size.end());
  shards_.at(0).post([this, sink, bytes] {
    net::Request request;
    auto frame = std::make_shared<net::Frame>(bytes->size(), nullptr, net::ByteBudget::Charge{});
    std::copy(bytes->begin(), bytes->end(), frame->bytes().begin());
    request.frame = frame;
    request.bytes = std::as_const(*frame).bytes();
    request.received_at = clock_.mono_ns();
    dispatcher_->handle(*connection_, std::move(request), net::Responder(sink, 0));
  });
  return future;
}

void TestBroker::close_connection() {
  shards_.at(0).post([this] { dispatcher_->connection_closed(*connection_); });
}

void TestBroker::create(const std::string& topic, PartitionIndex partitions,
                        std::map<std::string, std::string> configs) {
  storage::TopicInfo info;
  info.name = topic;
  info.partitions = partitions;
  info.configs = std::move(configs);
  const auto created = topics_->create({info});
  ASSERT_TRUE(created.front().ok()) << created.front().error().message();
}

ByteBuffer batch_of(const std::vector<std::string>& values, TimestampMs timestamp) {
  record::BatchBuilder builder;
  for (const std::string& value : values) {
    builder.add(std::nullopt, as_bytes(value), timestamp);
  }
  return builder.build().value();
}

}  // namespace horolog::broker
