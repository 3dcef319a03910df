#pragma once

#include <string>
#include <vector>

#include "horolog/task.hpp"

namespace horolog::command {

/// Headers longer than this are cut in the environment, and so many bytes of them are passed on.
inline constexpr std::size_t longest_header_value = 4'096, most_header_bytes = 65'536;

/// "HOROLOG_TASK_TOPIC=…" and so on. A header's name becomes HOROLOG_TASK_HEADER_ and the name in
/// capitals, with '_' for all but A–Z and 0–9; of two that collide the first stands. Values end at
/// a NUL, as all in an environment.
std::vector<std::string> task_environment(const RecordView& record, const std::string& fire_id,
                                          std::int64_t attempt);

}  // namespace horolog::command
