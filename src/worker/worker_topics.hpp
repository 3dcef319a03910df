#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "horolog/admin.hpp"

namespace horolog::worker {

/// Finds the topics that a worker of `tasks` needs, and makes `horolog.tasks` and the dead-letter
/// topics that are missing, these with as many partitions as the tasks have. Gives the number of
/// partitions of the scheduler's topics. Errc::not_found names a missing topic and what makes it.
Result<std::int32_t> prepare_topics(Admin& admin, const std::vector<std::string>& tasks);

/// Makes `horolog.tasks` where it is missing.
Status ensure_control_topic(Admin& admin);

/// How much metadata every broker of the cluster keeps with a committed offset, at most `wanted`.
Result<std::size_t> metadata_limit(Admin& admin, std::size_t wanted);

}  // namespace horolog::worker
