#include <algorithm>
#include <set>

#include "client/assignor.hpp"
#include "client/assignor_balance.hpp"

namespace horolog::client {
namespace {

/// Kafka's StickyAssignor keeps in the user data what the member had:
///
///     count int32 | per topic: name (length int16) | count int32 | partition int32 … |
///     generation int32 (missing in its first version)
ByteBuffer encode_sticky(const std::vector<TopicPartition>& owned, std::int32_t generation) {
  std::map<std::string_view, std::vector<PartitionIndex>> topics;
  for (const TopicPartition& tp : owned) topics[tp.topic].push_back(tp.partition);
  ByteBuffer out;
  append_be(out, static_cast<std::int32_t>(topics.size()));
  for (const auto& [topic, partitions] : topics) {
    append_be(out, static_cast<std::int16_t>(topic.size()));
    const ByteView name = as_bytes(topic);
    out.insert(out.end(), name.begin(), name.end());
    append_be(out, static_cast<std::int32_t>(partitions.size()));
    for (const PartitionIndex partition : partitions) append_be(out, partition);
  }
  append_be(out, generation);
  return out;
}

template <typename T>
std::optional<T> take_be(ByteView& in) {
  if (in.size() < sizeof(T)) return std::nullopt;
  const T value = load_be<T>(in.data());
  in = in.subspan(sizeof(T));
  return value;
}

/// Another member's bytes: what cannot be read counts as nothing owned, as in Kafka, so that one
/// strange member does not keep the group from being assigned.
StickyBalance::Claim decode_sticky(ByteView in) {
  StickyBalance::Claim claim;
  const auto topics = take_be<std::int32_t>(in);
  if (!topics || *topics < 0) return {};
  for (std::int32_t t = 0; t < *topics; ++t) {
    const auto length = take_be<std::int16_t>(in);
    if (!length || *length < 0 || static_cast<std::size_t>(*length) > in.size()) return {};
    const std::string topic(as_text(in.first(static_cast<std::size_t>(*length))));
    in = in.subspan(static_cast<std::size_t>(*length));
    const auto count = take_be<std::int32_t>(in);
    if (!count || *count < 0 || static_cast<std::size_t>(*count) > in.size() / 4) return {};
    for (std::int32_t i = 0; i < *count; ++i) {
      claim.partitions.push_back({topic, *take_be<std::int32_t>(in)});
    }
  }
  claim.generation = take_be<std::int32_t>(in).value_or(-1);
  return claim;
}

class StickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "sticky"; }

  std::optional<ByteBuffer> user_data(const std::vector<TopicPartition>& owned,
                                      std::int32_t generation) const override {
    return encode_sticky(owned, generation);
  }

  GroupAssignment assign(std::vector<GroupMember> members,
                         const PartitionCounts& counts) const override {
    std::ranges::sort(members, member_before);
    std::vector<StickyBalance::Claim> claims;
    for (const GroupMember& member : members) {
      claims.push_back(member.user_data ? decode_sticky(*member.user_data)
                                        : StickyBalance::Claim());
    }
    return StickyBalance(members, claims, counts).run();
  }
};

class CooperativeStickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "cooperative-sticky"; }
  RebalanceProtocol protocol() const override { return RebalanceProtocol::cooperative; }

  /// For leaders that do not know of the generation in the subscription itself.
  std::optional<ByteBuffer> user_data(const std::vector<TopicPartition>&,
                                      std::int32_t generation) const override {
    ByteBuffer out;
    append_be(out, generation);
    return out;
  }

  GroupAssignment assign(std::vector<GroupMember> members,
                         const PartitionCounts& counts) const override {
    std::ranges::sort(members, member_before);
    std::vector<StickyBalance::Claim> claims;
    std::map<TopicPartition, std::set<std::string>> claimants;
    for (const GroupMember& member : members) {
      claims.push_back({member.owned, generation_of(member)});
      for (const TopicPartition& tp : member.owned) claimants[tp].insert(member.id);
    }
    GroupAssignment out = StickyBalance(members, claims, counts).run();
    // Who holds a partition gives it up after this generation, and only in the next may another
    // have it: never do two work on it.
    for (auto& [id, partitions] : out) {
      std::erase_if(partitions, [&](const TopicPartition& tp) {
        const auto holders = claimants.find(tp);
        return holders != claimants.end() && !holders->second.contains(id);
      });
    }
    return out;
  }

 private:
  static std::int32_t generation_of(const GroupMember& member) {
    if (member.generation >= 0 || !member.user_data || member.user_data->size() != 4) {
      return member.generation;
    }
    return load_be<std::int32_t>(member.user_data->data());
  }
};

}  // namespace

std::unique_ptr<Assignor> sticky_assignor() { return std::make_unique<StickyAssignor>(); }
std::unique_ptr<Assignor> cooperative_sticky_assignor() {
  return std::make_unique<CooperativeStickyAssignor>();
}

}  // namespace horolog::client
