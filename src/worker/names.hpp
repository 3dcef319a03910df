#pragma once

#include <string_view>

/// The names that FORMAT.md adds to those of the scheduler.
namespace horolog::worker {

/// A topic's dead letters are in the topic of its name with this behind it.
inline constexpr std::string_view dead_letter_suffix = ".dlq";
/// Behind that topic's name: the group whose offsets say which letters are settled.
inline constexpr std::string_view settled_suffix = "-retried";
/// Behind a topic's name: the group that works on it where nobody says otherwise.
inline constexpr std::string_view group_suffix = "-workers";

/// What workers must not start.
namespace control {
inline constexpr std::string_view topic = "horolog.tasks";
inline constexpr std::string_view pause_prefix = "pause:";
inline constexpr std::string_view cancel_prefix = "cancel:";
}  // namespace control

namespace header {
inline constexpr std::string_view dead_cause = "horolog-dead-cause";
inline constexpr std::string_view dead_at = "horolog-dead-at";
inline constexpr std::string_view dead_topic = "horolog-dead-topic";
inline constexpr std::string_view dead_partition = "horolog-dead-partition";
inline constexpr std::string_view dead_offset = "horolog-dead-offset";
inline constexpr std::string_view dead_worker = "horolog-dead-worker";
/// Of exported letters.
inline constexpr std::string_view dead_fire_id = "horolog-dead-fire-id";
/// The start of all of them.
inline constexpr std::string_view dead_prefix = "horolog-dead-";
}  // namespace header

/// Fields of a worker's run records that the scheduler's do not have, and of notes in
/// `horolog.tasks`.
namespace field {
inline constexpr std::string_view group = "group";
inline constexpr std::string_view partition = "partition";
inline constexpr std::string_view offset = "offset";
inline constexpr std::string_view produced_ms = "produced_ms";
inline constexpr std::string_view started_ms = "started_ms";
inline constexpr std::string_view retry_ms = "retry_ms";
inline constexpr std::string_view at_ms = "at_ms";
inline constexpr std::string_view reason = "reason";
}  // namespace field

}  // namespace horolog::worker
