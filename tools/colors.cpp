#include "tools/colors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "tools/context.hpp"

namespace horolog::command {
namespace {

constexpr std::string_view green = "\x1b[32m", yellow = "\x1b[33m", red = "\x1b[31m",
                           end = "\x1b[0m";

/// In small letters.
constexpr std::array<std::pair<std::string_view, std::string_view>, 25> states{{
    {"ok", green}, {"active", green}, {"stable", green}, {"succeeded", green}, {"fired", green},
    {"created", green}, {"deleted", green},
    {"warn", yellow}, {"warning", yellow}, {"paused", yellow}, {"retrying", yellow},
    {"rewound", yellow}, {"skipped", yellow}, {"missed", yellow}, {"overrun", yellow},
    {"preparingrebalance", yellow}, {"completingrebalance", yellow},
    {"stalled", red}, {"stopped", red}, {"critical", red}, {"dead", red}, {"expired", red},
    {"failed", red}, {"rejected", red}, {"timed", red},
}};

std::string first_word(std::string_view text) {
  std::string word;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

}  // namespace

bool wants_colors(const Context& context) {
  const std::string_view setting = context.settings().text("color");
  if (setting != "auto") return setting == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return context.console().out_is_terminal && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

std::string bold(std::string_view text) {
  return "\x1b[1m" + std::string(text) + std::string(end);
}

std::string painted(std::string_view column, std::string_view text) {
  const bool state = column == "state" || column == "status" || column == "event" ||
                     column == "outcome";
  const auto found = std::find_if(states.begin(), states.end(), [word = first_word(text)](
                                      const auto& each) { return each.first == word; });
  if (!state || found == states.end()) return std::string(text);
  return std::string(found->second) + std::string(text) + std::string(end);
}

}  // namespace horolog::command
