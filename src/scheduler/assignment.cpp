#include "scheduler/assignment.hpp"

#include <algorithm>
#include <utility>

#include "protocol/codec.hpp"
#include "protocol/records/consumer_protocol.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::int16_t subscription_version = 1;  // with the partitions that are held
constexpr std::int16_t assignment_version = 0;
constexpr std::int16_t newest_version = 3;

template <typename T>
ByteBuffer with_version(const T& message, std::int16_t version) {
  ByteBuffer out;
  append_be(out, version);
  const ByteBuffer body = wire::encode(message, version);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

template <typename T>
Result<T> without_version(ByteView bytes) {
  if (bytes.size() < 2) return Error(Errc::corrupt, "a member's data without a version");
  const auto version = std::clamp<std::int16_t>(load_be<std::int16_t>(bytes.data()), 0,
                                                newest_version);
  return wire::decode_prefix<T>(bytes.subspan(2), version);
}

template <typename Lists>
Partitions ours(const Lists& lists) {
  Partitions found;
  for (const auto& list : lists)
    if (list.topic == topic::commands) found.insert(list.partitions.begin(), list.partitions.end());
  return found;
}

}  // namespace

std::map<std::string, Partitions> assign(const std::map<std::string, Partitions>& owned,
                                         std::int32_t partitions) {
  std::map<std::string, Partitions> assigned;
  if (owned.empty()) return assigned;
  const auto members = static_cast<std::int32_t>(owned.size());
  const auto least = static_cast<std::size_t>(partitions / members);
  std::int32_t with_one_more = partitions % members;
  Partitions left;
  for (PartitionIndex p = 0; p < partitions; ++p) left.insert(p);
  for (const auto& [member, held] : owned) {
    Partitions& keeps = assigned[member];
    for (const PartitionIndex p : held) {
      const bool extra = keeps.size() == least && with_one_more > 0;
      if ((keeps.size() < least || extra) && left.erase(p) > 0) {
        keeps.insert(p);
        with_one_more -= extra;
      }
    }
  }
  for (auto& [member, keeps] : assigned)
    while (keeps.size() < least) keeps.insert(left.extract(left.begin()).value());
  for (auto& [member, keeps] : assigned)
    if (keeps.size() == least && !left.empty()) keeps.insert(left.extract(left.begin()).value());
  return assigned;
}

ByteBuffer encode_subscription(const Partitions& owned) {
  wire::ConsumerProtocolSubscription subscription;
  subscription.topics = {std::string(topic::commands)};
  subscription.owned_partitions = {
      {std::string(topic::commands), std::vector<std::int32_t>(owned.begin(), owned.end())}};
  return with_version(subscription, subscription_version);
}

Result<Partitions> decode_subscription(ByteView bytes) {
  HOROLOG_ASSIGN(const auto subscription,
                 without_version<wire::ConsumerProtocolSubscription>(bytes));
  return ours(subscription.owned_partitions);
}

ByteBuffer encode_assignment(const Partitions& assigned) {
  wire::ConsumerProtocolAssignment assignment;
  assignment.assigned_partitions = {
      {std::string(topic::commands), std::vector<std::int32_t>(assigned.begin(), assigned.end())}};
  return with_version(assignment, assignment_version);
}

Result<Partitions> decode_assignment(ByteView bytes) {
  if (bytes.empty()) return Partitions{};
  HOROLOG_ASSIGN(const auto assignment, without_version<wire::ConsumerProtocolAssignment>(bytes));
  return ours(assignment.assigned_partitions);
}

}  // namespace horolog::scheduler
