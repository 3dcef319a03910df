#pragma once

#include <map>
#include <string>

#include "tools/cluster_access.hpp"

namespace horolog::command {

/// What a group has committed; empty when it never did, or does not exist.
Result<std::map<TopicPartition, Offset>> committed_offsets(Admin& admin, const std::string& group);

/// ok when the group has no members, perhaps after waiting so long; else names who is in it, with
/// client ids and hosts, and gives Exit::refused.
Exit refuse_active_group(Context& context, Admin& admin, const std::string& group,
                         std::int64_t wait_ms);

}  // namespace horolog::command
