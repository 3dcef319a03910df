#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

/// A consumer as a client library runs it, driven at random: it may retry, fall silent, come back,
/// leave, or send what is long out of date.
struct Client {
  std::string id;
  std::optional<std::string> instance;
  std::int32_t generation = -1;
  std::optional<Token> join;
  std::optional<Token> sync;
  bool owns = false;
  Offset last_commit = -1;
};

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed),
        rig_({.initial_rebalance_delay_ms = static_cast<std::int32_t>(seed % 3) * 500,
              .max_group_size = 6}),
        clients_(8) {
    clients_[0].instance = "i0";
    clients_[1].instance = "i1";
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
      step(clients_[pick(clients_.size())]);
      for (Client& client : clients_) collect(client);
      check();
    }
    check_replay();
  }

 private:
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

  void step(Client& client) {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        return join(client);
      case 3:
        return sync(client);
      case 4:
        return heartbeat(client);
      case 5:
        return commit(client);
      case 6:
        return rig_.pass(static_cast<std::int64_t>(pick(4'000)));
      case 7:
        return leave(client);
      case 8:
        if (pick(4) == 0) forget(client);
        return;
      default:
        if (pick(20) == 0) rig_.delete_group("g");
        if (pick(40) == 0) rig_.pass(8LL * 86'400'000);
        return;
    }
  }

  void join(Client& client) {
    JoinOptions options{.member = client.id, .instance = client.instance};
    options.version = static_cast<std::int16_t>(client.instance ? 5 + pick(5) : pick(10));
    options.protocols = {{"range", bytes(pick(4) == 0 ? "changed" : "m")}};
    if (pick(2) == 0) options.protocols.emplace_back("sticky", bytes("s"));
    options.session_ms = 6'000;
    options.rebalance_ms = 10'000;
    client.owns = false;
    client.join = rig_.join("g", options);
  }

  void sync(Client& client) {
    if (client.generation < 0) return;
    Rig::Assignments all;
    if (rig_.machine.groups().contains("g")) {
      for (const auto& [id, member] : rig_.group("g").members()) {
        all.emplace_back(id, std::to_string(client.generation) + " " + id);
      }
    }
    client.sync = rig_.sync("g", client.id, client.generation, all, client.instance);
  }

  void heartbeat(Client& client) {
    if (client.generation < 0) return;
    const ErrorCode error = rig_.heartbeat("g", client.id, client.generation, client.instance);
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::fenced_instance_id) {
      forget(client);
    }
  }

  void commit(Client& client) {
    const auto partition = static_cast<PartitionIndex>(&client - clients_.data());
    const Offset next = client.last_commit + 1 + static_cast<Offset>(pick(3));
    const ErrorCode error = rig_.commit(
        "g", "t", partition, next,
        {.member = client.id, .generation = client.generation, .instance = client.instance});
    if (error != ErrorCode::none) return;
    client.last_commit = next;
    EXPECT_EQ(rig_.committed("g", "t", partition), next);
    if (client.generation >= 0) {
      EXPECT_EQ(rig_.group("g").generation(), client.generation) << "a zombie's commit got in";
    }
  }

  void leave(Client& client) {
    if (client.id.empty()) return;
    rig_.leave("g", client.id, client.instance);
    forget(client);
  }

  void forget(Client& client) {
    client.id.clear();
    client.generation = -1;
    client.owns = false;
    client.join.reset();
    client.sync.reset();
  }

  /// Takes what has been answered.
  void collect(Client& client) {
    if (client.join && rig_.answered(*client.join)) {
      const auto& joined = rig_.joined(*client.join);
      client.join.reset();
      if (joined.error_code == ErrorCode::none) {
        client.id = joined.member_id;
        client.generation = joined.generation_id;
        leaders_[joined.generation_id].insert(joined.leader);
      } else if (joined.error_code == ErrorCode::member_id_required) {
        client.id = joined.member_id;
      } else {
        client.id.clear();
        client.generation = -1;
      }
    }
    if (client.sync && rig_.answered(*client.sync)) {
      const auto& synced = rig_.synced(*client.sync);
      client.sync.reset();
      if (synced.error_code != ErrorCode::none || synced.assignment.empty()) return;
      const std::string assigned = text(synced.assignment);
      // "generation id": nobody else's, and the same each time it is asked for.
      const auto [owner, first] = owners_.try_emplace(assigned, &client);
      const bool same_instance = client.instance && owner->second->instance == client.instance;
      EXPECT_TRUE(first || owner->second == &client || same_instance) << assigned;
    }
  }

  void check() {
    if (!rig_.machine.groups().contains("g")) return;
    const Group& group = rig_.group("g");
    const auto& members = group.members();
    if (group.is(GroupState::empty)) {
      EXPECT_TRUE(members.empty());
    }
    if (!members.empty()) {
      ASSERT_TRUE(group.leader().has_value());
      EXPECT_TRUE(members.contains(*group.leader()));
    }
    std::size_t parked = 0;
    for (const auto& [id, member] : members) {
      parked += member.join ? 1 : 0;
      EXPECT_TRUE(!member.join || group.is(GroupState::preparing_rebalance));
      EXPECT_TRUE(!member.sync || group.is(GroupState::completing_rebalance));
    }
    EXPECT_EQ(parked, group.parked_joins());
    EXPECT_LE(parked, 6U);
    // A rebalance never hangs: somebody is due at some time.
    if (group.is(GroupState::preparing_rebalance) || group.is(GroupState::completing_rebalance)) {
      EXPECT_TRUE(rig_.wake_at.has_value());
    }
  }

  /// A coordinator made from the records alone knows what this one has persisted.
  void check_replay() {
    Rig restarted({.max_group_size = 100}, rig_.log, rig_.now);
    std::vector<Record> live;
    std::vector<Record> replayed;
    rig_.machine.persisted().for_each_record(
        [&](const AnyRecord& record, ProducerId) { live.push_back(encode_record(record)); });
    restarted.machine.persisted().for_each_record(
        [&](const AnyRecord& record, ProducerId) { replayed.push_back(encode_record(record)); });
    EXPECT_EQ(live, replayed);
    if (!rig_.machine.groups().contains("g")) return;
    const Group& group = rig_.group("g");
    if (!group.is(GroupState::stable)) return;
    const Group& found = restarted.group("g");
    EXPECT_EQ(found.generation(), group.generation());
    EXPECT_EQ(found.leader(), group.leader());
    ASSERT_EQ(found.members().size(), group.members().size());
    for (const auto& [id, member] : group.members()) {
      ASSERT_TRUE(found.members().contains(id));
      EXPECT_EQ(found.members().at(id).assignment, member.assignment);
      EXPECT_EQ(found.members().at(id).instance_id, member.instance_id);
    }
  }

  std::mt19937_64 random_;
  Rig rig_;
  std::vector<Client> clients_;
  std::map<std::string, Client*> owners_;
  std::map<std::int32_t, std::set<std::string>> leaders_;
};

TEST(RandomHistory, InvariantsHoldAndReplayReproducesTheState) {
  const char* given = std::getenv("HOROLOG_SEED");
  const std::uint64_t first =
      given ? std::strtoull(given, nullptr, 10) : std::random_device()() % 1'000'000'007;
  for (std::uint64_t seed = first; seed < first + 60; ++seed) {
    SCOPED_TRACE("HOROLOG_SEED=" + std::to_string(seed));
    History(seed).run(600);
    if (HasFailure()) break;
  }
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(first));
}

}  // namespace
}  // namespace horolog::coordinator::testing
