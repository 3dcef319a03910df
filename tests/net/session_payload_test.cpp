#include <gtest/gtest.h>

#include "net/session.hpp"
#include "tests/net/text_payload.hpp"

namespace horolog::net {
namespace {

/// Text in which a byte that is missing, doubled or swapped shows.
std::string counted_text(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += std::to_string(text.size()) + ' ';
  text.resize(bytes);
  return text;
}

constexpr std::size_t large = 3 * ResponseWriter::chunk_bytes + 12'345;

struct Fetch {
  explicit Fetch(std::size_t payload_bytes, bool mapped = false, std::size_t stream_bytes = 100'000)
      : rig({}, stream_bytes),
        payload(std::make_shared<TextPayload>(counted_text(payload_bytes), mapped)) {
    rig.write(frame_of("fetch"));
  }
  /// Sends the payload between a head and a tail, and returns what the peer must get.
  std::string send() {
    Response response = spliced_response("head", {payload}, "tail");
    std::string expected = wire_text(response);
    payload->blocking_reads = 0;
    rig.handler.held.back().responder.send(std::move(response));
    rig.step();
    return expected;
  }
  Rig rig;
  std::shared_ptr<TextPayload> payload;
};

TEST(SessionPayload, small_mapped_ones_are_not_read_at_all) {
  Fetch fetch(ResponseQueue::small_payload_bytes, true);
  const std::string expected = fetch.send();
  EXPECT_EQ(fetch.rig.read(), expected);
  EXPECT_EQ(fetch.payload->nowait_reads, 0);
  EXPECT_EQ(fetch.payload.use_count(), 1) << "still pinned";
}

TEST(SessionPayload, large_ones_are_read_as_the_peer_takes_them) {
  Fetch fetch(large);
  const std::string expected = fetch.send();
  EXPECT_EQ(fetch.payload->nowait_reads, 1) << "the peer has taken 100 KB of the first chunk";
  EXPECT_EQ(fetch.rig.read(), expected);
  EXPECT_EQ(fetch.payload->nowait_reads, 4);
  EXPECT_EQ(fetch.payload->blocking_reads, 0);
  EXPECT_EQ(fetch.rig.shards.at(0).chunks_held, 0U);
  EXPECT_EQ(fetch.payload.use_count(), 1) << "still pinned";
}

TEST(SessionPayload, cold_ones_come_from_the_blocking_pool) {
  Fetch fetch(large);
  fetch.payload->cold_from = ResponseWriter::chunk_bytes;
  const std::string expected = fetch.send();
  std::string got;
  for (int i = 0; i < 10 && got.size() < expected.size(); ++i) {
    got += fetch.rig.read();
    fetch.rig.blocking.run();
    fetch.rig.step();
  }
  EXPECT_EQ(got, expected);
  EXPECT_EQ(fetch.payload->blocking_reads, 3);
  EXPECT_EQ(fetch.rig.shards.counters().blocking_reads.value(), 3U);
}

TEST(SessionPayload, the_head_leaves_before_the_disk_is_waited_for) {
  Fetch fetch(large);
  fetch.payload->cold_from = 0;
  const std::string expected = fetch.send();
  EXPECT_EQ(fetch.rig.read(), expected.substr(0, 8));
  EXPECT_EQ(fetch.rig.blocking.tasks.size(), 1U);
}

TEST(SessionPayload, others_answers_wait_behind_a_cold_one_and_requests_are_still_taken) {
  Fetch fetch(large);
  fetch.payload->cold_from = 0;
  const std::string expected = fetch.send();
  fetch.rig.write(frame_of("next"));
  ASSERT_EQ(fetch.rig.handler.held.size(), 2U);
  fetch.rig.handler.held[1].echo();
  fetch.rig.step();
  std::string got = fetch.rig.read();
  EXPECT_EQ(got, expected.substr(0, 8));
  while (!fetch.rig.blocking.tasks.empty()) {
    fetch.rig.blocking.run();
    fetch.rig.step();
    got += fetch.rig.read();
  }
  EXPECT_EQ(got, expected + frame_of("next"));
}

TEST(SessionPayload, a_read_error_after_the_head_closes_the_connection) {
  Fetch fetch(large);
  fetch.payload->cold_from = ResponseWriter::chunk_bytes;
  const std::string expected = fetch.send();
  fetch.payload->broken_from = 0;
  const std::string got = fetch.rig.read();
  fetch.rig.blocking.run();
  fetch.rig.step();
  EXPECT_TRUE(fetch.rig.closed());
  EXPECT_EQ(got, expected.substr(0, got.size()));
  EXPECT_EQ(fetch.rig.handler.closed, 1);
  EXPECT_EQ(fetch.payload.use_count(), 1) << "still pinned";
}

TEST(SessionPayload, closing_while_the_disk_is_read_unpins_when_the_read_is_done) {
  Fetch fetch(large);
  fetch.payload->cold_from = 0;
  fetch.send();
  fetch.rig.server.close_all();
  fetch.rig.step();
  EXPECT_EQ(fetch.rig.server.sessions(), 0U);
  fetch.rig.blocking.run();
  fetch.rig.step();
  EXPECT_EQ(fetch.payload.use_count(), 1);
  EXPECT_EQ(fetch.rig.shards.at(0).chunks_held, 0U);
}

TEST(SessionPayload, many_slow_readers_hold_a_bounded_number_of_chunks) {
  Rig rig({}, 1000);
  std::vector<std::unique_ptr<MemoryStream>> clients;
  std::vector<std::string> got;
  std::string expected;
  constexpr std::size_t readers = 80;
  for (std::size_t i = 0; i < readers; ++i) {
    rig.connect(1000);
    rig.write(frame_of("f"));
    const auto payload = std::make_shared<TextPayload>(counted_text(20'000), false);
    Response response = spliced_response("", {payload}, "");
    expected = wire_text(response);
    rig.handler.held.back().responder.send(std::move(response));
    rig.step();
    clients.push_back(std::move(rig.client));
  }
  EXPECT_LE(rig.shards.at(0).chunks_held, 65U);
  for (auto& client : clients) {
    rig.client = std::move(client);
    EXPECT_EQ(rig.read(), expected);
  }
  EXPECT_EQ(rig.shards.at(0).chunks_held, 0U);
}

}  // namespace
}  // namespace horolog::net
