#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "tools/exit_code.hpp"
#include "tools/parser.hpp"
#include "tools/render.hpp"
#include "tools/settings.hpp"

namespace horolog::command {

/// Where a command writes, and whether a person sits there.
struct Console {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
};

/// What a command's run() gets: its words, its settings, and the one way to print. Data goes to
/// stdout, everything else to stderr. One thread.
class Context {
 public:
  Context(Invocation invocation, ClientSettings settings, Console console, OutputMode mode);

  const Invocation& invocation() const { return invocation_; }
  const Command& command() const { return *invocation_.command; }
  const ClientSettings& settings() const { return settings_; }
  const Console& console() const { return console_; }
  OutputMode mode() const { return mode_; }
  TimestampMs now() const { return clock_.wall_ms(); }

  bool has(std::string_view flag) const { return invocation_.has(flag); }
  std::optional<std::string> text(std::string_view flag) const;
  std::vector<std::string> all(std::string_view flag) const;
  /// The parser has checked both; the fallback is for a flag that was not given.
  std::int64_t integer(std::string_view flag, std::int64_t fallback) const;
  std::int64_t duration_ms(std::string_view flag, std::int64_t fallback) const;
  const std::vector<std::string>& args() const { return invocation_.args; }

  void print(const Report& report);
  void write(std::string_view text);
  /// For people, on stderr; nothing with -q.
  void note(std::string_view text);
  /// "horolog: warning: …" also with -q.
  void warn(std::string_view text);
  /// Prints "horolog: what" and the way out, and gives the code back.
  Exit fail(Exit code, std::string_view what, std::string_view fix = {});
  Exit fail(const Error& error, std::string_view fix = {});
  /// Asks on the terminal; false where nobody sits there.
  bool confirm(std::string_view question);

 private:
  Invocation invocation_;
  ClientSettings settings_;
  Console console_;
  OutputMode mode_;
  SystemClock clock_;
};

}  // namespace horolog::command
