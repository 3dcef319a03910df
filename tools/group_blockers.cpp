#include "tools/group_blockers.hpp"

#include <fmt/format.h>

#include "tools/text.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t look_interval_ms = 250;

}  // namespace

Result<std::map<TopicPartition, Offset>> committed_offsets(Admin& admin, const std::string& group) {
  std::map<TopicPartition, Offset> committed;
  HOROLOG_ASSIGN(const auto fetched, admin.list_group_offsets({group}));
  HOROLOG_ASSIGN(const auto offsets, fetched.at(0).second);
  for (const auto& [id, offset] : offsets) {
    if (!offset) return offset.error().with_context(name_of(id));
    if (offset->offset >= 0) committed[id] = offset->offset;
  }
  return committed;
}

Exit refuse_active_group(Context& context, Admin& admin, const std::string& group,
                         std::int64_t wait_ms) {
  const TimestampMs began = context.now();
  for (;;) {
    const auto described = admin.describe_groups({group});
    if (!described) return fail_cluster(context, described.error());
    const auto& answer = described->at(0).second;
    // A group that does not exist has no members.
    if (!answer || answer->members.empty()) return Exit::ok;
    if (context.now() - began < wait_ms) {
      sleep_ms(look_interval_ms);
      continue;
    }
    std::string who;
    for (const GroupMember& member : answer->members) {
      who += fmt::format("\n    {} (client {}, host {})", member.id, member.client_id, member.host);
    }
    return context.fail(
        Exit::refused,
        fmt::format("group '{}' is {} and has {} members:{}", group, answer->state,
                    answer->members.size(), who),
        "stop them first, or wait for it with --wait-empty 60s");
  }
}

}  // namespace horolog::command
