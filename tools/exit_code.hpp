#pragma once

#include <string_view>

#include "horolog/error.hpp"

namespace horolog::command {

/// What the command says to a script. `check …` alone uses Nagios' meaning of 0 to 3.
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,        ///< the command line or a configuration file
  not_found = 3,    ///< a topic, a group, a setting
  damaged = 4,      ///< data that is not what was written
  unreachable = 5,  ///< no connection, or no answer in time
  refused = 6,      ///< for safety: needs --execute, or the group is active
  partial = 7,      ///< some of it was done
  interrupted = 130,
};

/// The code that an error of the library ends a command with.
constexpr Exit exit_for(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return Exit::usage;
    case Errc::not_found: return Exit::not_found;
    case Errc::corrupt: return Exit::damaged;
    case Errc::closed:
    case Errc::timed_out: return Exit::unreachable;
    case Errc::busy: return Exit::refused;
    case Errc::cancelled: return Exit::interrupted;
    default: return Exit::failed;
  }
}

struct ExitMeaning {
  Exit code;
  std::string_view meaning;
};
inline constexpr ExitMeaning exit_meanings[] = {
    {Exit::ok, "done"},
    {Exit::failed, "failed"},
    {Exit::usage, "wrong usage or configuration"},
    {Exit::not_found, "what was named does not exist"},
    {Exit::damaged, "data is damaged"},
    {Exit::unreachable, "the cluster cannot be reached, or did not answer in time"},
    {Exit::refused, "refused for safety: needs --execute, or something is in use"},
    {Exit::partial, "a part failed; the rest was done"},
    {Exit::interrupted, "interrupted"},
};

}  // namespace horolog::command
