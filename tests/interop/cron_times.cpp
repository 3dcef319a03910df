// What tests/interop/cases/cron_peers.py compares with other people's crons: lines
// "spec TAB zone TAB from TAB count" on stdin, the dialect as argument; for each line the next
// times in seconds since 1970, "none", or "refused: why".
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "timekeeping/rule.hpp"

namespace {

using namespace horolog::timekeeping;

std::string answer(const std::string& line, const std::string& dialect) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == '\t') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.size() != 4) return "refused: four words expected";
  const auto from = std::stoll(words[2]) * 1'000;
  RuleText text;
  text.cron = words[0];
  text.timezone = words[1];
  text.dialect = dialect;
  RuleContext context;
  context.created = from;
  const auto rule = Rule::parse(text, context);
  if (!rule) return "refused: " + rule.error().message();
  std::string out;
  for (const auto at : rule->next(from, std::stoul(words[3]))) {
    out += fmt::format("{}{}", out.empty() ? "" : " ", at / 1'000);
  }
  return out.empty() ? "none" : out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string dialect = argc > 1 ? argv[1] : "standard";
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(line, dialect) << '\n';
  }
  return 0;
}
