#include "net/session_limits.hpp"

#include <gtest/gtest.h>

#include "net/first_bytes.hpp"
#include "tests/net/rig.hpp"
#include "tests/net/text_payload.hpp"

namespace horolog::net {
namespace {

constexpr MonoNs frame_time = limits::frame_seconds * second_ns;
constexpr MonoNs idle_time = limits::idle_seconds * second_ns;
constexpr MonoNs write_time = limits::write_seconds * second_ns;

TEST(SessionLimits, closes_a_peer_that_does_not_complete_a_request) {
  for (const std::size_t sent : {1U, 4U, 7U}) {
    Rig rig;
    rig.write(frame_of("request").substr(0, sent));
    rig.advance(frame_time - 1);
    EXPECT_EQ(rig.server.sessions(), 1U) << sent;
    rig.advance(1);
    EXPECT_TRUE(rig.closed()) << sent;
    EXPECT_EQ(rig.shards.counters().deadlines_missed.value(), 1U);
  }
}

TEST(SessionLimits, single_bytes_do_not_prolong_a_request) {
  Rig rig;
  rig.write(frame_of(std::string(1000, 'x')).substr(0, 10));
  for (int i = 0; i < limits::frame_seconds; ++i) {
    EXPECT_EQ(rig.server.sessions(), 1U) << i;
    rig.write("x");
    rig.advance(second_ns);
  }
  EXPECT_TRUE(rig.closed());
}

TEST(SessionLimits, a_large_request_may_take_longer_while_it_moves_on) {
  ServerOptions options;
  options.session.progress_bytes = 1000;
  Rig rig(options);
  const std::string wire = frame_of(std::string(10'000, 'x'));
  for (std::size_t at = 0; at < wire.size(); at += 1004) {
    EXPECT_EQ(rig.server.sessions(), 1U) << at;
    rig.write(wire.substr(at, 1004));
    rig.advance(frame_time - 1);
  }
  EXPECT_EQ(rig.handler.held.size(), 1U);
}

TEST(SessionLimits, each_request_has_its_own_time) {
  Rig rig;
  rig.handler.answer_at_once = true;
  const std::string wire = frame_of("0123456789");
  rig.write(wire.substr(0, 5));
  for (int i = 0; i < 20; ++i) {
    rig.advance(frame_time / 2);
    rig.write(wire.substr(5) + wire.substr(0, 5));
  }
  EXPECT_EQ(rig.handler.held.size(), 20U);
  EXPECT_EQ(rig.server.sessions(), 1U);
}

TEST(SessionLimits, closes_an_idle_peer_but_not_one_that_waits_for_an_answer) {
  Rig rig;
  rig.write(frame_of("long poll"));
  rig.advance(3 * idle_time);
  EXPECT_EQ(rig.server.sessions(), 1U);
  rig.handler.held[0].echo();
  rig.step();
  EXPECT_EQ(rig.read(), frame_of("long poll"));
  rig.advance(idle_time - second_ns);
  EXPECT_EQ(rig.server.sessions(), 1U);
  rig.advance(second_ns);
  EXPECT_TRUE(rig.closed());
}

TEST(SessionLimits, no_idle_time_means_no_limit) {
  ServerOptions options;
  options.session.idle_ns = -1'000'000;
  Rig rig(options);
  for (int i = 0; i < 10; ++i) rig.advance(idle_time);
  EXPECT_EQ(rig.server.sessions(), 1U);
}

TEST(SessionLimits, closes_a_peer_that_does_not_take_its_answers_and_unpins_them) {
  Rig rig({}, 100);
  const auto payload = std::make_shared<TextPayload>(std::string(10'000, 'x'), true);
  rig.write(frame_of("fetch"));
  rig.handler.held[0].responder.send(spliced_response("", {payload}, ""));
  rig.step();
  rig.advance(write_time - 1);
  EXPECT_EQ(rig.server.sessions(), 1U);
  EXPECT_GT(payload.use_count(), 1);
  rig.advance(1);
  EXPECT_EQ(rig.server.sessions(), 0U);
  EXPECT_EQ(payload.use_count(), 1);
}

TEST(SessionLimits, reading_single_bytes_does_not_prolong_an_answer) {
  Rig rig({}, 100);
  rig.write(frame_of("fetch"));
  rig.handler.held[0].responder.send(response_of(std::string(10'000, 'x')));
  rig.step();
  for (int i = 0; i < limits::write_seconds; ++i) {
    EXPECT_EQ(rig.server.sessions(), 1U) << i;
    rig.read(1);
    rig.advance(second_ns);
  }
  EXPECT_EQ(rig.server.sessions(), 0U);
}

TEST(SessionLimits, a_pause_of_ours_is_not_held_against_the_peer) {
  ServerOptions options;
  options.session.requests_in_flight = 1;
  Rig rig(options);
  rig.write(frame_of("a") + frame_of("b").substr(0, 2));
  rig.advance(10 * frame_time);
  EXPECT_EQ(rig.server.sessions(), 1U);
  rig.handler.held[0].echo();
  rig.step();
  rig.advance(frame_time / 2);
  rig.write(frame_of("b").substr(2));
  EXPECT_EQ(rig.handler.held.size(), 2U);
}

class BadBytes : public testing::TestWithParam<std::pair<std::string, const char*>> {};

TEST_P(BadBytes, close_the_connection_with_a_line_that_says_what_they_look_like) {
  const auto& [bytes, expected] = GetParam();
  Rig rig;
  testing::internal::CaptureStderr();
  rig.write(bytes);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(rig.closed());
  EXPECT_TRUE(rig.handler.held.empty());
  EXPECT_NE(log.find(expected), std::string::npos) << log;
  EXPECT_NE(log.find("192.0.2.7:40000"), std::string::npos) << log;
  EXPECT_EQ(rig.shards.counters().protocol_errors.value(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    of_every_kind, BadBytes,
    testing::Values(
        std::pair{std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
                  "a TLS handshake; this listener speaks plain text: set security.protocol"},
        std::pair{std::string("GET /metrics HTTP/1.1\r\n\r\n"), "an HTTP request"},
        std::pair{std::string("POST / HTTP/1.1\r\n\r\n"), "an HTTP request"},
        std::pair{std::string("SSH-2.0-OpenSSH_9.2\r\n"), "an SSH client"},
        std::pair{std::string("\xff\xff\xff\xfe", 4), "announce a request of -2 bytes"},
        std::pair{std::string("\x7f\xff\xff\xff", 4), "the first bytes are 7fffffff"}));

TEST(SessionLimits, an_oversized_request_later_on_names_the_limit) {
  ServerOptions options;
  options.session.frame_bytes = 1000;
  Rig rig(options);
  rig.handler.answer_at_once = true;
  rig.write(frame_of(std::string(1000, 'x')));
  EXPECT_EQ(rig.read().size(), 1004U);
  testing::internal::CaptureStderr();
  rig.write(frame_of(std::string(1001, 'x')));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("a request of 1001 bytes was announced; between 0 and 1000 are allowed"),
            std::string::npos)
      << log;
  EXPECT_TRUE(rig.closed());
}

}  // namespace
}  // namespace horolog::net
