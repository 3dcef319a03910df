#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace horolog::bench {

/// An option a command takes: its name without dashes, its value when absent, what it means.
struct OptionSpec {
  std::string_view name;
  std::string_view fallback;
  std::string_view help;
};

/// Prints "horolog-bench: …" to stderr and ends the program with 2 (usage).
[[noreturn]] void usage_error(const std::string& message);
/// The same with 1, for what failed while running.
[[noreturn]] void run_error(const std::string& message);

/// The command line of one command: `--name value` or `--name=value`, repeated ones in order.
/// Anything the spec does not have, and values that do not read, end the program with a message.
class Options {
 public:
  Options(std::string_view command, std::vector<OptionSpec> spec,
          std::span<const std::string_view> args);

  std::string text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  double real(std::string_view name) const;
  /// A number of bytes; K, M and G count in 1024.
  std::uint64_t bytes(std::string_view name) const;
  /// "yes" or "no".
  bool yes(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;

 private:
  const OptionSpec* find(std::string_view name) const;
  void print_help() const;

  std::string command_;
  std::vector<OptionSpec> spec_;
  std::multimap<std::string, std::string, std::less<>> given_;
};

}  // namespace horolog::bench
