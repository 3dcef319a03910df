#include "coordinator/group_state.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "coordinator/subscription.hpp"

namespace horolog::coordinator {

std::string_view to_string(GroupState state) {
  switch (state) {
    case GroupState::empty: return "Empty";
    case GroupState::preparing_rebalance: return "PreparingRebalance";
    case GroupState::completing_rebalance: return "CompletingRebalance";
    case GroupState::stable: return "Stable";
  }
  return "Unknown";
}

std::vector<std::string> Group::member_ids() const {
  std::vector<std::string> ids;
  ids.reserve(members_.size());
  for (const auto& [id, member] : members_) ids.push_back(id);
  return ids;
}

Member* Group::find(std::string_view member_id) {
  const auto found = members_.find(member_id);
  return found == members_.end() ? nullptr : &found->second;
}

Member* Group::find_static(std::string_view instance_id) {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : find(found->second);
}

void Group::transition_to(GroupState state, TimestampMs now) {
  const bool allowed = state == GroupState::preparing_rebalance
                           ? state_ != GroupState::preparing_rebalance
                       : state == GroupState::stable ? state_ == GroupState::completing_rebalance
                                                     : state_ == GroupState::preparing_rebalance;
  HOROLOG_ASSERT(allowed);
  previous_state_ = state_;
  state_ = state;
  state_since_ = now;
}

void Group::add(Member member) {
  HOROLOG_ASSERT(!members_.contains(member.id));
  if (member.instance_id) {
    const bool added = static_members_.emplace(*member.instance_id, member.id).second;
    HOROLOG_ASSERT(added);
  }
  if (!leader_) leader_ = member.id;
  pending_joins_.erase(member.id);
  count_protocols(member, 1);
  if (member.join) ++parked_joins_;
  std::string id = member.id;
  members_.emplace(std::move(id), std::move(member));
}

void Group::remove(std::string member_id) {
  const auto found = members_.find(member_id);
  if (found != members_.end()) {
    const Member& member = found->second;
    count_protocols(member, -1);
    if (member.join) --parked_joins_;
    if (member.instance_id) static_members_.erase(*member.instance_id);
    members_.erase(found);
  }
  if (is_leader(member_id)) {
    leader_.reset();
    if (!members_.empty()) leader_ = members_.begin()->first;
  }
  pending_joins_.erase(member_id);
  pending_syncs_.erase(member_id);
}

Member& Group::rename_static(std::string old_id, const std::string& new_id) {
  const auto found = members_.find(old_id);
  HOROLOG_ASSERT(found != members_.end() && found->second.is_static());
  HOROLOG_ASSERT(!found->second.join && !found->second.sync);
  Member member = std::move(found->second);
  members_.erase(found);
  member.id = new_id;
  member.is_new = false;
  static_members_[*member.instance_id] = new_id;
  if (is_leader(old_id)) leader_ = new_id;
  // The old id's assignment request will be fenced, so the new id owes it.
  if (pending_syncs_.erase(old_id) != 0) pending_syncs_.insert(new_id);
  return members_.emplace(new_id, std::move(member)).first->second;
}

void Group::update(Member& member, const wire::JoinGroupRequest& request) {
  count_protocols(member, -1);
  member.protocols = request.protocols;
  count_protocols(member, 1);
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  member.session_timeout_ms = request.session_timeout_ms;
}

void Group::park_join(Member& member, Parked parked) {
  if (!member.join) ++parked_joins_;
  member.join = parked;
}

std::optional<Parked> Group::unpark_join(Member& member) {
  if (member.join) --parked_joins_;
  return std::exchange(member.join, std::nullopt);
}

void Group::count_protocols(const Member& member, int by) {
  for (const auto& protocol : member.protocols) {
    std::size_t& count = protocol_counts_[protocol.name];
    count += static_cast<std::size_t>(by);
    if (count == 0) protocol_counts_.erase(protocol.name);
  }
}

bool Group::supports(std::string_view protocol_type, const MemberProtocols& protocols) const {
  if (is(GroupState::empty)) return !protocol_type.empty() && !protocols.empty();
  if (protocol_type_ != protocol_type) return false;
  return std::any_of(protocols.begin(), protocols.end(), [this](const auto& protocol) {
    const auto count = protocol_counts_.find(protocol.name);
    return count == protocol_counts_.end() ? members_.empty() : count->second == members_.size();
  });
}

std::string Group::select_protocol() const {
  HOROLOG_ASSERT(!members_.empty());
  std::map<std::string, std::size_t> votes;
  for (const auto& [id, member] : members_) {
    for (const auto& protocol : member.protocols) {
      if (protocol_counts_.at(protocol.name) != members_.size()) continue;
      ++votes[protocol.name];
      break;
    }
  }
  HOROLOG_ASSERT(!votes.empty());
  const auto best = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best->first;
}

bool Group::elect_joined_leader() {
  if (!leader_) return false;
  if (members_.at(*leader_).join) return true;
  for (const auto& [id, member] : members_) {
    if (!member.join) continue;
    leader_ = id;
    return true;
  }
  return false;
}

void Group::start_generation(TimestampMs now) {
  ++generation_;
  forget_syncs();
  if (members_.empty()) {
    protocol_name_.reset();
    transition_to(GroupState::empty, now);
  } else {
    protocol_name_ = select_protocol();
    transition_to(GroupState::completing_rebalance, now);
  }
  compute_topics();
}

std::int32_t Group::rebalance_timeout_ms() const {
  std::int32_t longest = 0;
  for (const auto& [id, member] : members_) {
    longest = std::max(longest, member.rebalance_timeout_ms);
  }
  return longest;
}

wire::ErrorCode Group::check_member(std::string_view member_id,
                                    const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const auto holder = static_members_.find(*instance_id);
    if (holder == static_members_.end()) return wire::ErrorCode::unknown_member_id;
    if (holder->second != member_id) return wire::ErrorCode::fenced_instance_id;
  }
  return members_.contains(member_id) ? wire::ErrorCode::none : wire::ErrorCode::unknown_member_id;
}

bool Group::is_consumer_group() const { return protocol_type_ == consumer_protocol_type; }

bool Group::is_subscribed(const std::string& topic) const {
  return topics_ ? topics_->contains(topic) : is_consumer_group();
}

void Group::compute_topics() {
  topics_.reset();
  if (!is_consumer_group()) return;
  std::set<std::string> all;
  for (const auto& [id, member] : members_) {
    const ByteBuffer* metadata = protocol_name_ ? member.metadata(*protocol_name_) : nullptr;
    auto topics = metadata == nullptr ? std::nullopt : coordinator::subscribed_topics(*metadata);
    if (!topics) return;
    all.merge(*topics);
  }
  topics_ = std::move(all);
}

}  // namespace horolog::coordinator
