#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/thread_pool.hpp"
#include "broker/context.hpp"
#include "broker/dispatch.hpp"
#include "broker/fetch_session_cache.hpp"
#include "broker/group_service.hpp"
#include "broker/producer_ids.hpp"
#include "broker/topic_manager.hpp"
#include "broker/transaction_service.hpp"
#include "net/request_handler.hpp"
#include "net/shard.hpp"
#include "protocol/codec.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {

/// A whole broker without sockets: requests go into the dispatcher as frames, on a real shard, and
/// their answers come back as frames. The data lie in a directory that is removed at the end.
class TestBroker {
 public:
  explicit TestBroker(storage::LogConfig defaults = {}, BrokerConfig config = {});
  /// Over a directory that is there already (it is removed at the end), through `files`, which may
  /// look at what passes.
  TestBroker(std::filesystem::path directory, std::unique_ptr<storage::FileSystem> files,
             storage::LogConfig defaults = {}, BrokerConfig config = {});
  ~TestBroker();

  /// Sends a request and waits for its answer.
  template <typename Response, typename Asked>
  Response call(const Asked& asked, std::int16_t version) {
    auto pending = send(asked, version);
    return decode<Response>(pending.get(), version);
  }
  /// Sends a request; the future gives the answer's bytes (without their size), or nothing when
  /// the connection was closed or the request needs no answer.
  template <typename Asked>
  std::future<ByteBuffer> send(const Asked& asked, std::int16_t version) {
    return send_frame(wire::encode_request(asked, version, 7, "test").bytes);
  }
  template <typename Response>
  static Response decode(const ByteBuffer& frame, std::int16_t version) {
    auto parts = wire::decode_response_frame(frame, Response::api, version);
    auto body = wire::decode<Response>(parts.value().body, version);
    return std::move(body).value();
  }
  std::future<ByteBuffer> send_frame(ByteBuffer frame_with_size);
  /// The connection of all requests ends.
  void close_connection();

  /// Creates a topic with topic configs as Kafka spells them.
  void create(const std::string& topic, PartitionIndex partitions = 1,
              std::map<std::string, std::string> configs = {});

  Context& context() { return *context_; }
  const std::filesystem::path& directory() const { return directory_; }
  /// Runs in another thread than the shard's; for what blocks.
  net::Shard& shard() { return shards_.at(0); }

 private:
  SystemClock clock_;
  std::filesystem::path directory_;
  std::unique_ptr<storage::FileSystem> files_;
  ThreadPool pool_;
  net::ShardPool shards_;
  std::unique_ptr<storage::LogStore> store_;
  std::unique_ptr<Flusher> flusher_;
  std::unique_ptr<PartitionTable> partitions_;
  std::unique_ptr<TopicManager> topics_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<GroupService> groups_;
  FetchSessionCache fetch_sessions_{1000};
  std::unique_ptr<TransactionService> transactions_;
  RequestMetrics metrics_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<net::ConnectionInfo> connection_;
};

/// An empty directory that nobody else has.
std::filesystem::path make_directory();

/// A produced batch with one record per value.
ByteBuffer batch_of(const std::vector<std::string>& values, TimestampMs timestamp = 1'000);

}  // namespace horolog::broker
