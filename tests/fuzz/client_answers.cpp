// Any bytes as what a broker answers a consumer. The first byte chooses: the records and aborted
// transactions of a fetch, what a group's leader and its members are told, or a whole conversation
// in which the bytes are the broker's side.

#include "client/assignor_wire.hpp"
#include "client/fetch_positions.hpp"
#include "client/fetch_session.hpp"
#include "horolog/consumer.hpp"
#include "protocol/codec.hpp"
#include "tests/client/scripted_broker.hpp"

namespace horolog::client {
namespace {

const TopicPartition tp{"t", 0};

/// Everything is handed out or reported, positions only grow, and views stay within the frame.
void fetch(ByteView input) {
  if (input.size() < 4) return;
  const auto from = static_cast<Offset>(input[0]);
  const bool committed = (input[1] & std::byte{1}) != std::byte{};
  const auto frame = std::make_shared<const ByteBuffer>(input.begin() + 4, input.end());
  const auto pool = std::make_shared<BatchPool>();
  FetchPositions positions({.cursor = {.isolation = committed ? Isolation::read_committed
                                                              : Isolation::read_uncommitted,
                                       .check_crcs = (input[1] & std::byte{2}) != std::byte{}},
                            .use_committed = false,
                            .buffered_bytes = 1 << 20,
                            .partition_bytes = 1 << 20});
  positions.add({tp});
  positions.seek(tp, from, -1);
  FetchedPart part{.partition = nullptr, .frame = frame, .records = *frame, .aborted = {}};
  for (std::size_t i = 2; i < 4; ++i) {
    part.aborted.push_back({.producer_id = static_cast<int>(input[i]) % 4,
                            .first_offset = static_cast<int>(input[i]) / 4});
  }
  positions.fetched(tp, positions.find(tp)->ticket, from, std::move(part), pool);
  Offset last = from;
  for (bool failed = false; positions.ready() && !failed;) {
    BatchStorage out;
    failed = !positions.hand_out(7, out).ok();
    out.link_headers();
    std::size_t sum = 0;
    for (const RecordView& record : out.records) {
      HOROLOG_ASSERT(record.offset >= last);
      last = record.offset + 1;
      for (const std::byte b : record.key.view()) sum += static_cast<std::size_t>(b);
      for (const std::byte b : record.value.view()) sum += static_cast<std::size_t>(b);
      for (const HeaderView& header : record.headers) sum += header.key.size();
    }
    HOROLOG_ASSERT(positions.find(tp)->position >= last);
    static_cast<void>(sum);
  }
}

void group(ByteView input) {
  const ByteBuffer bytes(input.begin(), input.end());
  static_cast<void>(decode_member({.member_id = "m", .group_instance_id = {}, .metadata = bytes}));
  const auto assignment = decode_assignment(bytes);
  if (!assignment) return;
  const auto again = decode_assignment(encode_assignment(*assignment));
  HOROLOG_ASSERT(again.ok() && *again == *assignment);
}

/// The input is cut at bytes that say how long each answer is; sizes and correlation ids are made
/// right, so that what is read is the bodies.
void conversation(ByteView input) {
  test::Stage stage;
  auto& broker = stage.modern(9001);
  std::size_t at = 0;
  const auto answer = [&](test::ScriptedBroker::Connection& connection,
                          const wire::RequestFrame& request) {
    if (at >= input.size()) return;
    const std::size_t size =
        std::min(static_cast<std::size_t>(input[at]), input.size() - at - 1);
    ByteBuffer bytes(8);
    store_be(bytes.data(), static_cast<std::int32_t>(size + 4));
    store_be(bytes.data() + 4, request.header.correlation_id);
    const ByteView body = input.subspan(at + 1, size);
    bytes.insert(bytes.end(), body.begin(), body.end());
    at += 1 + size;
    test::ScriptedBroker::write(connection, bytes);
  };
  for (const wire::ApiKey key :
       {wire::ApiKey::find_coordinator, wire::ApiKey::join_group, wire::ApiKey::sync_group,
        wire::ApiKey::offset_fetch, wire::ApiKey::list_offsets, wire::ApiKey::fetch}) {
    broker.handlers[key] = answer;
  }
  stage.cluster_of({9001}, 1);
  stage.open({.bootstrap = "broker:9001"});
  ConsumerOptions options;
  options.group = "g";
  options.auto_commit = false;
  options.topics = {"t"};
  auto consumer = Consumer::open(std::move(options), stage.cluster);
  HOROLOG_ASSERT(consumer.ok());
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(consumer->poll(std::chrono::milliseconds(0)));
    stage.pass(std::chrono::milliseconds(100));
  }
}

}  // namespace
}  // namespace horolog::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const horolog::ByteView input =
      horolog::as_bytes({reinterpret_cast<const char*>(data) + 1, size - 1});
  switch (data[0] % 3) {
    case 0: horolog::client::fetch(input); break;
    case 1: horolog::client::group(input); break;
    default: horolog::client::conversation(input); break;
  }
  return 0;
}
