#include "tools/context.hpp"

#include <fmt/format.h>

#include "tools/colors.hpp"
#include "tools/table_text.hpp"
#include "tools/text.hpp"

namespace horolog::command {

Context::Context(Invocation invocation, ClientSettings settings, Console console, OutputMode mode)
    : invocation_(std::move(invocation)),
      settings_(std::move(settings)),
      console_(console),
      mode_(mode) {}

std::optional<std::string> Context::text(std::string_view flag) const {
  const auto found = invocation_.values.find(flag);
  if (found == invocation_.values.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Context::all(std::string_view flag) const {
  const auto found = invocation_.values.find(flag);
  return found == invocation_.values.end() ? std::vector<std::string>() : found->second;
}

std::int64_t Context::integer(std::string_view flag, std::int64_t fallback) const {
  const auto value = text(flag);
  return value ? parse_integer(*value).value_or(fallback) : fallback;
}

std::int64_t Context::duration_ms(std::string_view flag, std::int64_t fallback) const {
  const auto value = text(flag);
  return value ? parse_duration(*value).value_or(fallback) : fallback;
}

void Context::print(const Report& report) {
  const bool table = mode_ == OutputMode::table || mode_ == OutputMode::wide;
  write(table ? table_text(report, {.wide = mode_ == OutputMode::wide,
                                    .colors = wants_colors(*this)})
              : render(report, mode_));
}

void Context::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), console_.out);
}

void Context::note(std::string_view text) {
  if (!has("--quiet")) fmt::print(console_.err, "{}\n", text);
}

void Context::warn(std::string_view text) {
  fmt::print(console_.err, "horolog: warning: {}\n", text);
}

Exit Context::fail(Exit code, std::string_view what, std::string_view fix) {
  std::fflush(console_.out);
  fmt::print(console_.err, "horolog: {}\n", what);
  if (!fix.empty()) fmt::print(console_.err, "  {}\n", fix);
  return code;
}

Exit Context::fail(const Error& error, std::string_view fix) {
  return fail(exit_for(error.code()), error.message(), fix);
}

bool Context::confirm(std::string_view question) {
  if (!console_.in_is_terminal || !console_.err_is_terminal) return false;
  std::fflush(console_.out);
  fmt::print(console_.err, "{} [y/N] ", question);
  std::fflush(console_.err);
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

}  // namespace horolog::command
