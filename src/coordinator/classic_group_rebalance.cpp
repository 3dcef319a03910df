#include <algorithm>

#include "base/assert.hpp"
#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;
using Kind = TimerKey::Kind;

void ClassicGroups::set_session(const Group& group, const Member& member,
                                std::int64_t timeout_ms) {
  core_.set_timer({Kind::session, group.id(), member.id}, timeout_ms);
}

void ClassicGroups::cancel_session(const Group& group, const std::string& member_id) {
  core_.timers.cancel({Kind::session, group.id(), member_id});
}

void ClassicGroups::extend_session(const Group& group, const Member& member) {
  set_session(group, member, member.session_timeout_ms);
}

void ClassicGroups::rebalance_or_complete(Group& group) {
  if (group.is(GroupState::preparing_rebalance)) {
    complete_join_if_all_joined(group);
  } else {
    prepare_rebalance(group);
  }
}

void ClassicGroups::end_sync_phase(Group& group) {
  group.forget_syncs();
  core_.timers.cancel({Kind::sync_phase, group.id(), ""});
}

void ClassicGroups::prepare_rebalance(Group& group) {
  if (group.is(GroupState::completing_rebalance)) {
    // Whoever waits for an assignment of this generation joins again instead.
    for (const std::string& id : group.member_ids()) {
      Member& member = *group.find(id);
      member.assignment.clear();
      if (!member.sync) continue;
      answer_sync(group, member, ErrorCode::rebalance_in_progress);
      extend_session(group, member);
    }
  }
  end_sync_phase(group);
  const bool initial = group.is(GroupState::empty);
  group.transition_to(GroupState::preparing_rebalance, core_.now.wall_ms);
  if (initial && core_.settings.initial_rebalance_delay_ms > 0) {
    group.new_member_added = false;
    group.initial_delay_ms = core_.settings.initial_rebalance_delay_ms;
    group.initial_delay_left_ms =
        std::max<std::int64_t>(group.rebalance_timeout_ms() - group.initial_delay_ms, 0);
    core_.set_timer({Kind::join_phase, group.id(), ""}, group.initial_delay_ms);
    return;
  }
  if (group.all_joined() || initial) return complete_join(group);
  core_.set_timer({Kind::join_phase, group.id(), ""}, group.rebalance_timeout_ms());
}

/// An initial rebalance ends with its delay, not with the first member.
void ClassicGroups::complete_join_if_all_joined(Group& group) {
  if (!group.is(GroupState::preparing_rebalance)) return;
  if (group.previous_state() == GroupState::empty) return;
  if (group.all_joined()) complete_join(group);
}

void ClassicGroups::complete_join(Group& group) {
  core_.timers.cancel({Kind::join_phase, group.id(), ""});
  for (const std::string& id : group.member_ids()) {
    const Member& member = *group.find(id);
    // A static member may come back within its session without having joined.
    if (member.join || member.is_static()) continue;
    cancel_session(group, id);
    group.remove(id);
  }
  if (!group.elect_joined_leader() && !group.members().empty()) {
    core_.set_timer({Kind::join_phase, group.id(), ""}, group.rebalance_timeout_ms());
    return;
  }
  group.start_generation(core_.now.wall_ms);
  if (group.is(GroupState::empty)) return write_group(group);
  finish_generation(group);
}

void ClassicGroups::finish_generation(Group& group) {
  for (const std::string& id : group.member_ids()) {
    Member& member = *group.find(id);
    if (member.join) answer_join(group, member, joined(group, member));
    member.is_new = false;
    extend_session(group, member);
    group.expect_sync(id);
  }
  core_.set_timer({Kind::sync_phase, group.id(), ""}, group.rebalance_timeout_ms());
}

void ClassicGroups::remove_member(Group& group, const std::string& member_id) {
  cancel_session(group, member_id);
  if (Member* member = group.find(member_id)) {
    // It may still be there and join again: without an id, because this one is gone.
    fail_join(group, *member, "", ErrorCode::unknown_member_id);
    answer_sync(group, *member, ErrorCode::unknown_member_id);
  }
  group.remove(member_id);
}

void ClassicGroups::forget(const std::string& group_id) {
  const auto found = core_.groups.find(group_id);
  if (found == core_.groups.end()) return;
  HOROLOG_ASSERT(found->second.members().empty());
  core_.timers.cancel({Kind::join_phase, group_id, ""});
  core_.timers.cancel({Kind::sync_phase, group_id, ""});
  core_.groups.erase(found);
}

void ClassicGroups::on_loaded() {
  for (auto& [id, group] : core_.groups) {
    for (const auto& [member_id, member] : group.members()) extend_session(group, member);
    const auto most = static_cast<std::size_t>(core_.settings.max_group_size);
    if (group.members().size() > most) prepare_rebalance(group);
  }
}

void ClassicGroups::on_timer(const TimerKey& key) {
  Group* group = core_.find(key.group);
  if (group == nullptr) return;
  switch (key.kind) {
    case Kind::session: return on_session_expired(*group, key.member);
    case Kind::join_phase: return on_initial_delay(*group);
    case Kind::sync_phase: return on_sync_expired(*group);
    case Kind::expiration: return;
  }
}

void ClassicGroups::on_session_expired(Group& group, const std::string& member_id) {
  const Member* member = group.find(member_id);
  if (member != nullptr && !member->owes_heartbeat()) return;
  const bool was_pending = member == nullptr;
  remove_member(group, member_id);
  if (group.is(GroupState::stable) || group.is(GroupState::completing_rebalance)) {
    if (!was_pending) prepare_rebalance(group);
  } else if (group.is(GroupState::preparing_rebalance) && group.all_joined()) {
    complete_join(group);
  }
}

void ClassicGroups::on_initial_delay(Group& group) {
  if (!group.is(GroupState::preparing_rebalance)) return;
  const bool initial = group.previous_state() == GroupState::empty;
  if (!initial || !group.new_member_added || group.initial_delay_left_ms == 0) {
    return complete_join(group);
  }
  // Somebody came during the delay: others may follow, so it is extended, within bounds.
  group.new_member_added = false;
  const std::int64_t waited = group.initial_delay_ms;
  group.initial_delay_ms = std::min<std::int64_t>(core_.settings.initial_rebalance_delay_ms,
                                                  group.initial_delay_left_ms);
  group.initial_delay_left_ms = std::max<std::int64_t>(group.initial_delay_left_ms - waited, 0);
  core_.set_timer({Kind::join_phase, group.id(), ""}, group.initial_delay_ms);
}

void ClassicGroups::on_sync_expired(Group& group) {
  const bool waits = group.is(GroupState::completing_rebalance) || group.is(GroupState::stable);
  if (!waits || group.pending_syncs().empty()) return;
  const std::set<std::string> late = group.pending_syncs();
  for (const std::string& id : late) remove_member(group, id);
  prepare_rebalance(group);
}

}  // namespace horolog::coordinator
