#pragma once

#include <string_view>

/// The names that FORMAT.md adds to those of the scheduler.
namespace horolog::worker {

/// A topic's dead letters are in the topic of its name with this behind it.
inline constexpr std::string_view dead_letter_suffix = ".dlq";

namespace header {
inline constexpr std::string_view dead_cause = "horolog-dead-cause";
inline constexpr std::string_view dead_at = "horolog-dead-at";
inline constexpr std::string_view dead_topic = "horolog-dead-topic";
inline constexpr std::string_view dead_partition = "horolog-dead-partition";
inline constexpr std::string_view dead_offset = "horolog-dead-offset";
inline constexpr std::string_view dead_worker = "horolog-dead-worker";
/// The start of all of them.
inline constexpr std::string_view dead_prefix = "horolog-dead-";
}  // namespace header

/// Fields of a worker's run records that the scheduler's do not have.
namespace field {
inline constexpr std::string_view group = "group";
inline constexpr std::string_view partition = "partition";
inline constexpr std::string_view offset = "offset";
inline constexpr std::string_view produced_ms = "produced_ms";
inline constexpr std::string_view started_ms = "started_ms";
inline constexpr std::string_view retry_ms = "retry_ms";
}  // namespace field

}  // namespace horolog::worker
