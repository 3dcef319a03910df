#include "broker/client_pattern.hpp"

#include <algorithm>
#include <boost/regex.hpp>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace horolog::broker {
namespace {

constexpr std::size_t max_pattern_bytes = 1024;

/// What Boost understands and RE2 does not.
bool is_beyond_re2(std::string_view text) {
  for (const std::string_view group : {"(?=", "(?!", "(?<=", "(?<!", "(?>", "(?|", "(?("}) {
    if (text.find(group) != std::string_view::npos) return true;
  }
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    ++i;
    if ((std::isdigit(static_cast<unsigned char>(text[i])) != 0 && text[i] != '0') ||
        text[i] == 'g' || text[i] == 'k') {
      return true;
    }
  }
  return false;
}

}  // namespace

struct ClientPattern::Compiled {
  boost::regex regex;
};

std::optional<ClientPattern> ClientPattern::compile(const std::string& text) {
  if (text.size() > max_pattern_bytes || is_beyond_re2(text)) return std::nullopt;
  auto compiled = std::make_shared<Compiled>();
  compiled->regex.assign(text, boost::regex::perl | boost::regex::no_except);
  if (compiled->regex.status() != 0) return std::nullopt;
  return ClientPattern(std::move(compiled));
}

bool ClientPattern::matches(std::string_view text) const {
  try {
    return boost::regex_match(text.begin(), text.end(), compiled_->regex,
                              boost::match_perl | boost::match_any);
  } catch (const std::runtime_error&) {
    return false;  // too complex: Boost counts the steps
  }
}

}  // namespace horolog::broker
