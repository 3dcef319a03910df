#include "scripted_broker.hpp"

#include <cerrno>

#include "protocol/api_table.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::client::test {

int ScriptedBroker::count(wire::ApiKey key) const {
  int n = 0;
  for (const auto& connection : connections) {
    for (const std::string& name : connection->requests) n += name == wire::to_string(key);
  }
  return n;
}

void ScriptedBroker::write(Connection& connection, ByteView bytes) {
  while (!bytes.empty()) {
    const net::IoResult result = connection.stream->write_some({&bytes, 1});
    if (result.kind != net::IoResult::Kind::done) return;  // the client has closed it
    bytes = bytes.subspan(result.bytes);
  }
}

bool ScriptedBroker::step() {
  bool moved = false;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    Connection& connection = *connections[i];
    ByteBuffer chunk(64 * 1024);
    const MutableBytes target(chunk);
    for (;;) {
      const net::IoResult result = connection.stream->read_some({&target, 1});
      if (result.kind != net::IoResult::Kind::done) break;
      connection.input.insert(connection.input.end(), chunk.begin(),
                              chunk.begin() + static_cast<std::ptrdiff_t>(result.bytes));
    }
    while (connection.input.size() >= 4) {
      const auto size = static_cast<std::size_t>(load_be<std::int32_t>(connection.input.data()));
      if (connection.input.size() < 4 + size) break;
      const ByteBuffer frame(connection.input.begin() + 4,
                             connection.input.begin() + 4 + static_cast<std::ptrdiff_t>(size));
      connection.input.erase(connection.input.begin(),
                             connection.input.begin() + 4 + static_cast<std::ptrdiff_t>(size));
      const auto request = wire::decode_request_frame(frame);
      if (!request) std::abort();
      const auto key = static_cast<wire::ApiKey>(request->header.api_key);
      connection.requests.emplace_back(wire::to_string(key));
      moved = true;
      const auto handler = handlers.find(key);
      if (handler != handlers.end()) handler->second(connection, *request);
    }
  }
  return moved;
}

Stage::Stage() : loop(Loop::stepped(clock)) {}

Stage::~Stage() {
  if (cluster) cluster->close();
  cluster.reset();
  run();
}

ScriptedBroker& Stage::broker(std::uint16_t port) {
  auto& place = brokers[port];
  if (!place) place = std::make_unique<ScriptedBroker>(port);
  return *place;
}

ScriptedBroker& Stage::modern(std::uint16_t port) {
  ScriptedBroker& made = broker(port);
  made.on<wire::ApiVersionsResponse>([](std::int16_t version) {
    wire::ApiVersionsResponse answer;
    for (const wire::ApiRow& row : wire::served_apis()) {
      answer.api_keys.push_back({static_cast<std::int16_t>(row.key), row.advertised.min,
                                 row.advertised.max});
    }
    if (version >= 3) {
      answer.finalized_features_epoch = 1;
      answer.finalized_features = {{"transaction.version", 2, 2}};
    }
    return answer;
  });
  return made;
}

ScriptedBroker& Stage::kafka_2_1(std::uint16_t port) {
  using Key = wire::ApiKey;
  ScriptedBroker& made = broker(port);
  made.handlers[Key::api_versions] = [](ScriptedBroker::Connection& connection,
                                        const wire::RequestFrame& request) {
    wire::ApiVersionsResponse answer;
    if (request.header.api_version > 2) {
      answer.error_code = wire::ErrorCode::unsupported_version;
    } else {
      for (const auto& [key, last] : std::vector<std::pair<Key, std::int16_t>>{
               {Key::produce, 7}, {Key::fetch, 10}, {Key::list_offsets, 4}, {Key::metadata, 7},
               {Key::offset_commit, 6}, {Key::offset_fetch, 5}, {Key::find_coordinator, 2},
               {Key::join_group, 3}, {Key::heartbeat, 2}, {Key::leave_group, 2},
               {Key::sync_group, 2}, {Key::describe_groups, 2}, {Key::list_groups, 2},
               {Key::api_versions, 2}, {Key::create_topics, 3}, {Key::delete_topics, 3},
               {Key::delete_records, 1}, {Key::init_producer_id, 1}, {Key::describe_configs, 2},
               {Key::create_partitions, 1}, {Key::delete_groups, 1}, {Key::describe_log_dirs, 1}}) {
        answer.api_keys.push_back({static_cast<std::int16_t>(key), 0, last});
      }
    }
    const std::int16_t version =
        answer.error_code == wire::ErrorCode::none ? request.header.api_version : std::int16_t{0};
    ScriptedBroker::write(
        connection,
        wire::encode_response(answer, version, request.header.correlation_id).bytes);
  };
  return made;
}

void Stage::open(ClientOptions options) {
  auto transport = local_transport(
      [this](Loop& on, const net::Endpoint& to) -> Result<Transport::Stream> {
        ScriptedBroker& there = broker(to.port);
        ++there.attempts;
        if (!there.listening) return Error(Errc::io, "Connection refused", ECONNREFUSED);
        auto [ours, theirs] =
            net::MemoryStream::pair({on, {"client", 1}}, {on, to}, std::size_t{4} << 20);
        auto connection = std::make_unique<ScriptedBroker::Connection>();
        connection->stream = std::move(theirs);
        there.connections.push_back(std::move(connection));
        return Transport::Stream(std::move(ours));
      });
  auto opened = Cluster::open(std::move(options), loop, std::move(transport));
  if (!opened) std::abort();
  cluster = std::move(*opened);
}

void Stage::run() {
  for (bool moved = true; moved;) {
    moved = loop->run_ready() != 0;
    for (const auto& [port, one] : brokers) moved |= one->step();
  }
}

void Stage::pass(std::chrono::milliseconds time) {
  const MonoNs end = clock.now + std::chrono::nanoseconds(time).count();
  while (clock.now < end) {
    clock.now = std::min<MonoNs>(clock.now + 5'000'000, end);
    run();
  }
}

void Stage::cluster_of(std::vector<std::uint16_t> ports, NodeId leader, LeaderEpoch epoch) {
  for (const std::uint16_t port : ports) {
    broker(port).on<wire::MetadataResponse>([=](std::int16_t version) {
      wire::MetadataResponse answer{.cluster_id = "stage", .controller_id = ports.front() - 9000};
      for (const std::uint16_t one : ports) {
        answer.brokers.push_back({.node_id = one - 9000, .host = "broker", .port = one});
      }
      wire::MetadataResponse::Topic topic{.name = "t"};
      topic.partitions.push_back({.partition_index = 0, .leader_id = leader,
                                  .leader_epoch = version >= 7 ? epoch : -1});
      answer.topics.push_back(std::move(topic));
      return answer;
    });
  }
}

}  // namespace horolog::client::test
