#include "bench/load/null_sink.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <utility>

#include "bench/options.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"

namespace horolog::bench {
namespace {

/// Versions without compact encodings, which every producer still knows.
constexpr std::int16_t last_produce = 8;
constexpr std::int16_t last_metadata = 8;
constexpr std::int16_t last_init = 1;
constexpr std::int16_t last_api_versions = 3;

template <typename Response>
ByteBuffer encode(const wire::RequestHeader& header, const Response& response) {
  return wire::encode_response(header, response).bytes;
}

wire::ApiVersionsResponse offered() {
  wire::ApiVersionsResponse response;
  const auto add = [&](wire::ApiKey key, std::int16_t first, std::int16_t last) {
    response.api_keys.push_back({static_cast<std::int16_t>(key), first, last});
  };
  add(wire::ApiKey::produce, 3, last_produce);
  add(wire::ApiKey::metadata, 0, last_metadata);
  add(wire::ApiKey::api_versions, 0, last_api_versions);
  add(wire::ApiKey::init_producer_id, 0, last_init);
  return response;
}

ByteBuffer acknowledge(const wire::RequestFrame& request) {
  const auto produce =
      wire::decode<wire::ProduceRequest>(request.body, request.header.api_version);
  if (!produce) return {};
  wire::ProduceResponse response;
  for (const auto& topic : produce->topic_data) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partition_data) {
      out.partition_responses.emplace_back().index = partition.index;
    }
  }
  return encode(request.header, response);
}

}  // namespace

NullSink::NullSink(std::string topic, std::int32_t partitions)
    : topic_(std::move(topic)), partitions_(partitions), listener_(listen_on_loopback(address_)) {
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) system_error("fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  serve_all();
}

NullSink::~NullSink() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void NullSink::serve_all() const {
  for (;;) {
    auto socket = std::make_shared<Descriptor>(accept_from(listener_));
    std::thread([this, socket] { serve(socket->get()); }).detach();
  }
}

void NullSink::serve(int fd) const {
  ByteBuffer request;
  std::byte prefix[4];
  while (receive_all(fd, prefix)) {
    request.resize(load_be<std::uint32_t>(prefix));
    receive_all(fd, request);
    const ByteBuffer reply = answer(request);
    if (reply.empty()) return;
    send_all(fd, reply);
  }
}

ByteBuffer NullSink::answer(ByteView bytes) const {
  const auto request = wire::decode_request_frame(bytes);
  if (!request) return {};
  wire::RequestHeader header = request->header;
  switch (static_cast<wire::ApiKey>(header.api_key)) {
    case wire::ApiKey::produce: return acknowledge(*request);
    case wire::ApiKey::init_producer_id: {
      wire::InitProducerIdResponse response;
      response.producer_id = 1;
      return encode(header, response);
    }
    case wire::ApiKey::metadata: {
      const auto port = static_cast<std::int32_t>(
          std::stol(address_.substr(address_.rfind(':') + 1)));
      wire::MetadataResponse response;
      response.brokers.push_back({1, "127.0.0.1", port, std::nullopt});
      response.cluster_id = "null-sink";
      response.controller_id = 1;
      auto& topic = response.topics.emplace_back();
      topic.name = topic_;
      for (std::int32_t n = 0; n < partitions_; ++n) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = n;
        partition.leader_id = 1;
        partition.replica_nodes = {1};
        partition.isr_nodes = {1};
      }
      return encode(header, response);
    }
    case wire::ApiKey::api_versions: {
      wire::ApiVersionsResponse response = offered();
      if (header.api_version > last_api_versions) {
        response.error_code = wire::ErrorCode::unsupported_version;
        header.api_version = 0;
      }
      return encode(header, response);
    }
    default: return {};
  }
}

}  // namespace horolog::bench
