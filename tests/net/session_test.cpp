#include "net/session.hpp"

#include <gtest/gtest.h>

#include "tests/net/rig.hpp"

namespace horolog::net {
namespace {

TEST(Session, hands_out_requests_in_order_with_what_is_known_of_the_peer) {
  Rig rig;
  rig.write(frame_of("one") + frame_of("") + frame_of("three"));
  ASSERT_EQ(rig.handler.held.size(), 3U);
  EXPECT_EQ(rig.handler.held[0].text(), "one");
  EXPECT_EQ(rig.handler.held[1].text(), "");
  EXPECT_EQ(rig.handler.held[2].text(), "three");
  EXPECT_EQ(rig.handler.held[0].request.received_at, rig.clock.now);
  const ConnectionInfo& info = *rig.handler.last_connection;
  EXPECT_EQ(info.peer, (Endpoint{"192.0.2.7", 40000}));
  EXPECT_EQ(info.local, (Endpoint{"192.0.2.1", 9092}));
  EXPECT_EQ(info.listener, "PLAINTEXT");
  EXPECT_EQ(info.principal, "User:test");
  EXPECT_EQ(info.requests, 3U);
}

TEST(Session, cuts_requests_at_every_split_of_the_stream) {
  const std::string wire = frame_of("first") + frame_of("") + frame_of("second one");
  for (std::size_t split = 0; split <= wire.size(); ++split) {
    Rig rig;
    rig.handler.answer_at_once = true;
    rig.write(wire.substr(0, split));
    rig.write(wire.substr(split));
    EXPECT_EQ(rig.read(), wire) << split;
  }
}

TEST(Session, writes_answers_in_request_order_whatever_order_they_are_given_in) {
  Rig rig;
  rig.write(frame_of("a") + frame_of("b") + frame_of("c") + frame_of("d"));
  auto& held = rig.handler.held;
  held[2].echo();
  held[1].echo();
  rig.step();
  EXPECT_EQ(rig.read(), "");
  held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("a") + frame_of("b") + frame_of("c"));
  held[3].responder.send_nothing();
  rig.write(frame_of("e"));
  held[4].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("e"));
}

TEST(Session, stops_reading_at_its_limit_of_requests_in_flight) {
  ServerOptions options;
  options.session.requests_in_flight = 3;
  Rig rig(options);
  std::string wire;
  std::string expected;
  for (int i = 0; i < 10; ++i) wire += frame_of("request " + std::to_string(i));
  rig.write(wire);
  EXPECT_EQ(rig.handler.held.size(), 3U);
  EXPECT_EQ(rig.shards.counters().reads_paused.value(), 1U);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_GT(rig.handler.held.size(), i);
    EXPECT_LE(rig.handler.held.size(), i + 3);
    rig.handler.held[i].echo();
    rig.step();
  }
  EXPECT_EQ(rig.read(), wire);
}

TEST(Session, takes_more_requests_at_once_than_may_be_in_flight) {
  Rig rig;
  rig.handler.answer_at_once = true;
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += frame_of("request " + std::to_string(i));
  rig.write(wire);
  EXPECT_EQ(rig.read(), wire);
}

TEST(Session, a_handler_is_never_called_inside_its_own_answer) {
  ServerOptions options;
  options.session.requests_in_flight = 1;
  Rig rig(options);
  rig.write(frame_of("one") + frame_of("two"));
  ASSERT_EQ(rig.handler.held.size(), 1U);
  std::size_t seen = 0;
  rig.shards.at(0).post([&] {
    rig.handler.held[0].echo();
    seen = rig.handler.held.size();
  });
  rig.step();
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(rig.handler.held.size(), 2U);
}

TEST(Session, stops_reading_while_unwritten_answers_exceed_their_limit) {
  ServerOptions options;
  options.session.output_bytes = 1000;
  Rig rig(options, 100);  // the peer takes 100 bytes and then nothing
  rig.write(frame_of("a"));
  rig.handler.held[0].responder.send(response_of(std::string(5000, 'x')));
  rig.step();
  rig.write(frame_of("b"));
  EXPECT_EQ(rig.handler.held.size(), 1U);
  EXPECT_EQ(rig.read(), frame_of(std::string(5000, 'x')));
  EXPECT_EQ(rig.handler.held.size(), 2U);
}

TEST(Session, a_slow_reader_gets_everything_in_order) {
  Rig rig({}, 64);
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    rig.write(frame_of("r"));
    const std::string body(static_cast<std::size_t>(i * 37), static_cast<char>('a' + i));
    rig.handler.held.back().responder.send(response_of(body));
    expected += frame_of(body);
    rig.step();
  }
  std::string got;
  while (got.size() < expected.size()) {
    const std::string part = rig.read(13);
    ASSERT_FALSE(part.empty()) << "stuck after " << got.size();
    got += part;
    rig.step();
  }
  EXPECT_EQ(got, expected);
}

TEST(Session, waits_for_the_budget_of_request_bytes_and_drops_nothing) {
  ServerOptions options;
  options.queued_request_bytes = 1000;
  options.session.frame_bytes = 1000;
  Rig rig(options);
  const std::string body(400, 'x');
  rig.write(frame_of(body) + frame_of(body) + frame_of(body) + frame_of("small"));
  auto& held = rig.handler.held;
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(rig.server.queued_request_bytes(), 800U);

  // Another connection queues up behind the first one.
  const auto first = std::move(rig.client);
  rig.connect();
  rig.write(frame_of(std::string(300, 'y')));
  EXPECT_EQ(held.size(), 2U);

  held[0].request = {};  // the bytes have been used; the answer comes later
  rig.step();
  ASSERT_EQ(held.size(), 3U);
  EXPECT_EQ(held[2].text(), body);
  held[1].request = {};
  held[2].request = {};
  rig.step();
  ASSERT_EQ(held.size(), 5U);
  EXPECT_EQ(held[3].text().size() + held[4].text().size(), 305U);
  held.clear();
  EXPECT_EQ(rig.server.queued_request_bytes(), 0U);
}

TEST(Session, a_budget_smaller_than_a_request_does_not_stop_it) {
  ServerOptions options;
  options.queued_request_bytes = 10;
  options.session.frame_bytes = 1000;
  Rig rig(options);
  rig.write(frame_of(std::string(1000, 'x')));
  EXPECT_EQ(rig.handler.held.size(), 1U);
}

TEST(Session, a_closed_connection_leaves_the_budget_queue) {
  ServerOptions options;
  options.queued_request_bytes = 1000;
  options.session.frame_bytes = 1000;
  Rig rig(options);
  rig.write(frame_of(std::string(900, 'x')));
  const auto first = std::move(rig.client);
  rig.connect();
  rig.write(frame_of(std::string(800, 'y')));
  ASSERT_EQ(rig.handler.held.size(), 1U);
  rig.server.close_all();
  rig.step();
  rig.handler.held.clear();
  rig.step();
  EXPECT_EQ(rig.server.queued_request_bytes(), 0U);
  EXPECT_EQ(rig.server.sessions(), 0U);
}

TEST(Session, answers_a_peer_that_has_only_closed_its_own_direction) {
  Rig rig;
  rig.write(frame_of("a") + frame_of("b"));
  rig.client->shutdown_write();
  rig.step();
  EXPECT_EQ(rig.server.sessions(), 1U);
  rig.handler.held[1].echo();
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("a") + frame_of("b"));
  EXPECT_TRUE(rig.closed());
  EXPECT_EQ(rig.handler.closed, 1);
}

TEST(Session, closes_when_the_peer_closes_in_the_middle_of_a_request) {
  Rig rig;
  rig.write(frame_of("whole") + frame_of("partial").substr(0, 6));
  rig.handler.held[0].echo();
  rig.step();
  rig.client->shutdown_write();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("whole"));
  EXPECT_TRUE(rig.closed());
  EXPECT_EQ(rig.server.queued_request_bytes(), 0U);
}

TEST(Session, a_dropped_responder_closes_after_the_answers_before_it) {
  Rig rig;
  rig.write(frame_of("a") + frame_of("b") + frame_of("c"));
  rig.handler.held.erase(rig.handler.held.begin() + 1);
  rig.step();
  EXPECT_EQ(rig.server.sessions(), 1U) << "the first request has not been answered";
  rig.handler.held[1].echo();
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("a")) << "what came after the close is not sent";
  EXPECT_TRUE(rig.closed());
}

TEST(Session, close_by_the_handler_lets_earlier_answers_out_first) {
  Rig rig;
  rig.write(frame_of("a") + frame_of("b"));
  rig.handler.held[1].responder.close("no such API");
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("a"));
  EXPECT_TRUE(rig.closed());
  EXPECT_EQ(rig.handler.closed, 1);
}

TEST(Session, does_not_take_back_answers_by_closing_over_unread_requests) {
  Rig rig;
  rig.write(frame_of("a") + frame_of("b"));
  rig.handler.held[1].responder.close("enough");
  rig.handler.held[0].echo();
  rig.step();
  for (int i = 0; i < 100; ++i) EXPECT_GT(rig.write(frame_of(std::string(50'000, 'x'))), 0U);
  EXPECT_EQ(rig.handler.held.size(), 2U);
  EXPECT_EQ(rig.server.sessions(), 1U);
  EXPECT_EQ(rig.handler.closed, 0);
  rig.advance(second_ns);
  EXPECT_EQ(rig.server.sessions(), 0U) << "a peer that does not close is not waited for";
  EXPECT_EQ(rig.handler.closed, 1);
  EXPECT_EQ(rig.read(), frame_of("a"));
}

TEST(Session, answers_after_the_end_go_nowhere) {
  Rig rig;
  rig.write(frame_of("a"));
  rig.server.close_all();
  rig.step();
  EXPECT_EQ(rig.handler.closed, 1);
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), "");
  EXPECT_EQ(rig.server.sessions(), 0U);
}

TEST(Session, stops_gently_once_what_it_took_is_answered) {
  Rig rig;
  rig.write(frame_of("taken"));
  rig.server.begin_stop();
  rig.step();
  rig.write(frame_of("too late"));
  EXPECT_EQ(rig.handler.held.size(), 1U);
  EXPECT_EQ(rig.server.sessions(), 1U);
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("taken"));
  EXPECT_TRUE(rig.closed());
  rig.connect();
  EXPECT_EQ(rig.server.sessions(), 0U) << "a connection that arrives now is closed";
}

}  // namespace
}  // namespace horolog::net
