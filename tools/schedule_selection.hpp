#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "horolog/schedules.hpp"
#include "tools/context.hpp"

/// Which schedules of a cluster a command is about.
namespace horolog::command {

/// The flags that select schedules.
std::span<const Flag> selection_flags();
/// Whether they are chosen by more than their names.
bool selects(const Context& context);

/// Whether a word is no key but a pattern, with * and ?.
bool is_key_pattern(const std::string& word);
/// What the words alone choose; everything without any.
using KeyFilter = std::function<bool(const std::string& key)>;
KeyFilter key_filter(const Context& context);

/// How much of each schedule a command needs; the rest is not held in memory.
enum class Detail : std::uint8_t { keys, rules, payloads };

/// Hands out the schedules that the words (keys, or patterns with * and ?) and the selection flags
/// choose, in no order (see Schedules::scan()). Errc::not_found for a key that is none, with the
/// nearest. The first error that `each` gives is given back.
Status each_selected(const Context& context, Schedules& schedules, Detail detail,
                     const std::function<Status(ScheduleState)>& each);

}  // namespace horolog::command
