#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/group_member.hpp"
#include "bench/load/lanes.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

/// How long a group of the classic protocol takes to rebalance: from the first JoinGroup until the
/// last member has its assignment. All members rejoin at once, so that what is measured is the
/// broker and not the interval at which members ask.
namespace horolog::bench {
namespace {

/// How often a member asks whether it has to rejoin while others wait.
constexpr std::int64_t heartbeat_ns = 20'000'000;

class GroupLoad {
 public:
  GroupLoad(const std::string& address, const std::string& group, std::size_t count)
      : lanes_(address, count,
               [this](std::size_t lane, ByteView frame) { answered(lane, frame); }) {
    for (std::size_t n = 0; n < count; ++n) members_.emplace_back(group);
  }

  /// Nanoseconds until every member is in the same generation and has its assignment.
  std::int64_t rebalance() {
    const std::int64_t start = mono_ns();
    for (GroupMember& member : members_) member.rejoin();
    for (std::size_t n = 0; n < members_.size(); ++n) lanes_.send(n, members_[n].request());
    std::int64_t next_beat = start + heartbeat_ns;
    while (!settled()) {
      lanes_.step();
      if (mono_ns() < next_beat) continue;
      next_beat = mono_ns() + heartbeat_ns;
      ask_the_settled();
    }
    return mono_ns() - start;
  }

 private:
  bool settled() const {
    return std::all_of(members_.begin(), members_.end(), [this](const GroupMember& member) {
      return member.is_stable() && member.generation() == members_.front().generation();
    });
  }

  void ask_the_settled() {
    for (std::size_t n = 0; n < members_.size(); ++n) {
      if (!members_[n].is_stable()) continue;
      members_[n].check();
      lanes_.send(n, members_[n].request());
    }
  }

  void answered(std::size_t lane, ByteView frame) {
    GroupMember& member = members_[lane];
    if (!member.on_response(frame)) {
      run_error(fmt::format("group: {}", wire::to_string(member.error())));
    }
    if (!member.is_stable()) lanes_.send(lane, member.request());
  }

  std::vector<GroupMember> members_;
  Lanes lanes_;
};

}  // namespace

void run_group(std::span<const std::string_view> args) {
  const Options options("group",
                        with_load_options({
                            {"members", "50", "members of the group, a connection each"},
                            {"rounds", "20", "rebalances that are measured"},
                        }),
                        args);
  const LoadTarget target(options);
  const std::int64_t members = options.number("members");
  const std::int64_t rounds = options.number("rounds");
  if (members < 1 || rounds < 1) usage_error("--members, --rounds: at least 1");
  Broker(target.address).find_group_coordinator(target.topic);
  GroupLoad load(target.address, target.topic, static_cast<std::size_t>(members));
  const double first_s = static_cast<double>(load.rebalance()) / 1e9;
  const BrokerReading before = target.read();
  LatencyHistogram rebalance;
  for (std::int64_t n = 0; n < rounds; ++n) rebalance.record(load.rebalance());
  Report report("group");
  report.add("members", members);
  report.add("rounds", rounds);
  report.add("first_join_s", first_s);
  target.add_usage(report, before, target.read(),
                   {.requests = static_cast<std::uint64_t>(2 * members * rounds)});
  report.add("rebalance", rebalance);
  report.print();
}

}  // namespace horolog::bench
