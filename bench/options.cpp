#include "bench/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "base/assert.hpp"

namespace horolog::bench {

void usage_error(const std::string& message) {
  fmt::print(stderr, "horolog-bench: {}\n", message);
  std::exit(2);
}

void run_error(const std::string& message) {
  fmt::print(stderr, "horolog-bench: {}\n", message);
  std::exit(1);
}

Options::Options(std::string_view command, std::vector<OptionSpec> spec,
                 std::span<const std::string_view> args)
    : command_(command), spec_(std::move(spec)) {
  for (std::size_t n = 0; n < args.size(); ++n) {
    std::string_view name = args[n];
    if (name == "--help") {
      print_help();
      std::exit(0);
    }
    if (!name.starts_with("--")) {
      usage_error(fmt::format("{}: '{}' is no option (see --help)", command_, name));
    }
    name.remove_prefix(2);
    std::string value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else if (n + 1 < args.size()) {
      value = args[++n];
    } else {
      usage_error(fmt::format("{}: --{} needs a value", command_, name));
    }
    if (find(name) == nullptr) {
      usage_error(fmt::format("{}: no option --{} (see --help)", command_, name));
    }
    given_.emplace(name, std::move(value));
  }
}

const OptionSpec* Options::find(std::string_view name) const {
  for (const OptionSpec& option : spec_) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

void Options::print_help() const {
  fmt::print("horolog-bench {}\n", command_);
  for (const OptionSpec& option : spec_) {
    fmt::print("  --{:<16} {} [{}]\n", option.name, option.help, option.fallback);
  }
}

std::string Options::text(std::string_view name) const {
  if (const auto at = given_.find(name); at != given_.end()) return at->second;
  const OptionSpec* option = find(name);
  HOROLOG_ASSERT(option != nullptr);
  return std::string(option->fallback);
}

std::int64_t Options::number(std::string_view name) const {
  const std::string value = text(name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    usage_error(fmt::format("--{} {}: not a whole number", name, value));
  }
  return number;
}

double Options::real(std::string_view name) const {
  const std::string value = text(name);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0') {
    usage_error(fmt::format("--{} {}: not a number", name, value));
  }
  return number;
}

std::uint64_t Options::bytes(std::string_view name) const {
  const std::string value = text(name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
  if (error != std::errc() || unit.size() > 1) {
    usage_error(fmt::format("--{} {}: not a size like 64K, 16M or 4G", name, value));
  }
  if (unit.empty()) return number;
  switch (unit[0]) {
    case 'K': return number << 10;
    case 'M': return number << 20;
    case 'G': return number << 30;
    default: usage_error(fmt::format("--{} {}: unit is not K, M or G", name, value));
  }
}

bool Options::yes(std::string_view name) const {
  const std::string value = text(name);
  if (value == "yes") return true;
  if (value == "no") return false;
  usage_error(fmt::format("--{} {}: yes or no", name, value));
}

std::vector<std::string> Options::all(std::string_view name) const {
  std::vector<std::string> values;
  const auto [first, last] = given_.equal_range(name);
  for (auto at = first; at != last; ++at) values.push_back(at->second);
  return values;
}

}  // namespace horolog::bench
