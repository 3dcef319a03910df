#include "coordinator/group_admin.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "coordinator/classic_groups.hpp"
#include "coordinator/offsets.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

constexpr std::int16_t first_version_with_group_not_found = 6;
constexpr std::string_view group_type = "classic";

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool admits(const std::vector<std::string>& filter, std::string_view value) {
  if (filter.empty()) return true;
  return std::any_of(filter.begin(), filter.end(),
                     [value](const std::string& wanted) { return same_text(wanted, value); });
}

wire::DescribeGroupsResponse::Group describe_one(const Group& group) {
  wire::DescribeGroupsResponse::Group described;
  described.group_id = group.id();
  described.group_state = to_string(group.state());
  described.protocol_type = group.protocol_type().value_or("");
  // Between generations there is no protocol and no assignment that holds.
  const bool stable = group.is(GroupState::stable);
  if (stable) described.protocol_data = group.protocol_name().value_or("");
  for (const auto& [id, member] : group.members()) {
    auto& listed = described.members.emplace_back();
    listed.member_id = id;
    listed.group_instance_id = member.instance_id;
    listed.client_id = member.client_id;
    listed.client_host = member.client_host;
    if (!stable) continue;
    if (const ByteBuffer* metadata = member.metadata(described.protocol_data)) {
      listed.member_metadata = *metadata;
    }
    listed.member_assignment = member.assignment;
  }
  return described;
}

}  // namespace

void GroupAdmin::describe(const Caller& caller, const std::vector<std::string>& groups) {
  DescribedGroups all;
  WriteNumber after = 0;
  for (const std::string& id : groups) {
    const Group* group = core_.find(id);
    after = std::max(after, group == nullptr ? core_.last_removal : group->last_write);
    if (group != nullptr) {
      all.push_back(describe_one(*group));
      continue;
    }
    auto& described = all.emplace_back();
    described.group_id = id;
    described.group_state = "Dead";
    if (caller.version >= first_version_with_group_not_found) {
      described.error_code = ErrorCode::group_id_not_found;
      described.error_message = fmt::format("Group {} not found.", id);
    }
  }
  core_.effects.replies.push_back(Reply{caller.token, std::move(all), after});
}

void GroupAdmin::list(const Caller& caller, const wire::ListGroupsRequest& request) {
  ListedGroups all;
  for (const auto& [id, group] : core_.groups) {
    if (!admits(request.states_filter, to_string(group.state()))) continue;
    if (!admits(request.types_filter, group_type)) continue;
    auto& listed = all.emplace_back();
    listed.group_id = id;
    listed.protocol_type = group.protocol_type().value_or("");
    listed.group_state = to_string(group.state());
    listed.group_type = group_type;
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.group_id < b.group_id; });
  core_.effects.replies.push_back(Reply{caller.token, std::move(all), core_.writes});
}

void GroupAdmin::remove(const Caller& caller, const std::vector<std::string>& groups) {
  DeletedGroups outcomes;
  for (const std::string& id : groups) {
    auto& outcome = outcomes.emplace_back();
    outcome.group_id = id;
    Group* group = core_.find(id);
    if (group == nullptr) {
      outcome.error_code = ErrorCode::group_id_not_found;
    } else if (!group->is(GroupState::empty)) {
      outcome.error_code = ErrorCode::non_empty_group;
    } else {
      offsets_.remove_all(*group);
      core_.emit_removal(GroupRecord{id, std::nullopt}, nullptr);
      members_.forget(id);
    }
  }
  // Also a second request for a group that has just gone waits until it is gone for good.
  core_.effects.replies.push_back(
      Reply{caller.token, std::move(outcomes), core_.last_removal});
}

}  // namespace horolog::coordinator
