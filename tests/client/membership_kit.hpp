#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/assignor_wire.hpp"
#include "client/membership.hpp"

namespace horolog::client {

using wire::ErrorCode;
using Kind = RebalanceEvent::Kind;
inline constexpr MonoNs second = 1'000'000'000;

inline std::vector<TopicPartition> run_of_t(int from, int to) {
  std::vector<TopicPartition> out;
  for (int p = from; p < to; ++p) out.push_back({"t", p});
  return out;
}

/// A member and a coordinator that says what the test tells it to.
class MembershipKit : public testing::Test {
 protected:
  void make(std::vector<std::string> assignors, std::optional<std::string> instance = {}) {
    Membership::Settings settings;
    settings.group = "g";
    settings.instance_id = std::move(instance);
    member.emplace(std::move(settings), std::move(*make_assignors(assignors)));
  }

  /// The next request of that type; others are dropped.
  template <typename R>
  std::optional<R> sent() {
    while (true) {
      for (auto& effect : member->take_effects()) queue.push_back(std::move(effect));
      if (queue.empty()) return std::nullopt;
      const auto effect = std::move(queue.front());
      queue.pop_front();
      if (const R* request = std::get_if<R>(&effect.request)) {
        attempt = effect.attempt;
        return *request;
      }
    }
  }

  void joined(std::int32_t which, const std::string& leader = "other",
              const std::string& protocol = "range",
              std::vector<wire::JoinGroupResponse::Member> members = {}) {
    member->on_joined(attempt,
                      wire::JoinGroupResponse{.generation_id = which,
                                              .protocol_name = protocol,
                                              .leader = leader,
                                              .member_id = "me",
                                              .members = std::move(members)},
                      now);
  }
  void join_refused(ErrorCode code) {
    member->on_joined(attempt, wire::JoinGroupResponse{.error_code = code}, now);
  }
  void synced(const std::vector<TopicPartition>& partitions) {
    member->on_synced(attempt,
                      wire::SyncGroupResponse{.assignment = encode_assignment(partitions)}, now);
  }
  void beat(ErrorCode code) {
    now += 3 * second;
    member->on_time(now);
    ASSERT_TRUE(sent<wire::HeartbeatRequest>().has_value());
    member->on_heartbeat(attempt, wire::HeartbeatResponse{.error_code = code}, now);
  }
  /// What the application is told next, which it handles at once.
  std::optional<std::pair<Kind, std::vector<TopicPartition>>> told() {
    const auto event = member->next_event(now);
    if (!event) return std::nullopt;
    member->event_done(now);
    return std::pair(event->kind, event->partitions);
  }
  using Told = std::pair<Kind, std::vector<TopicPartition>>;

  void start() {
    member->subscribe({"t"}, now);
    member->polled(now);
  }
  void get(const std::string& protocol, const std::vector<TopicPartition>& partitions) {
    ASSERT_TRUE(sent<wire::JoinGroupRequest>().has_value());
    joined(++generation, "other", protocol);
    ASSERT_TRUE(sent<wire::SyncGroupRequest>().has_value());
    synced(partitions);
  }
  void settle(const std::string& protocol, const std::vector<TopicPartition>& partitions) {
    start();
    get(protocol, partitions);
    EXPECT_EQ(told(), Told(Kind::assigned, partitions));
    ASSERT_TRUE(member->stable());
  }

  std::optional<Membership> member;
  std::deque<Membership::Effect> queue;
  std::uint64_t attempt = 0;
  std::int32_t generation = 0;
  MonoNs now = second;
};

}  // namespace horolog::client
