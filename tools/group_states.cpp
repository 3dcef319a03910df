#include "tools/group_states.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.hpp"
#include "tools/text.hpp"

namespace horolog::command {

bool same_word(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return (x | 0x20) == (y | 0x20); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

Result<std::vector<std::string>> group_states(const Context& context) {
  constexpr std::string_view known[] = {"Stable",     "Empty",       "PreparingRebalance",
                                        "Assigning",  "Reconciling", "CompletingRebalance",
                                        "NotReady",   "Dead"};
  std::vector<std::string> states;
  const auto text = context.text("--state");
  if (!text) return states;
  for (const std::string_view word : split(*text, ',')) {
    const auto* found = std::ranges::find_if(
        known, [&](std::string_view state) { return same_word(state, word); });
    if (found == std::end(known)) {
      const auto near = nearest_name(word, known);
      return Error(Errc::invalid_argument,
                   fmt::format("--state: '{}' is none of {}{}", word, fmt::join(known, ", "),
                               near ? fmt::format(": did you mean '{}'?", *near) : ""));
    }
    states.emplace_back(*found);
  }
  return states;
}

}  // namespace horolog::command
