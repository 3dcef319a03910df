#include "base/log.hpp"

#include <unistd.h>

#include <atomic>
#include <ctime>

#include "base/json.hpp"

namespace horolog::log {
namespace {

std::atomic<Level> current_level{Level::info};
std::atomic<Style> current_style{Style::logfmt};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
  }
  return "?";
}

std::string time_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     now.tv_nsec / 1'000'000);
}

void append_logfmt_value(std::string& out, const Field& f) {
  const bool plain = !f.value.empty() && f.value.find_first_of(" \"=\\\n\t") == std::string::npos;
  if (plain || !f.quoted) {
    out += f.value;
  } else {
    out += json_string(f.value);
  }
}

std::string logfmt_line(Level level, std::string_view component, std::string_view message,
                        std::initializer_list<Field> fields) {
  std::string line = fmt::format("{} {:5} {} ", time_text(), name_of(level), component);
  line += message;
  for (const Field& f : fields) {
    line += ' ';
    line += f.key;
    line += '=';
    append_logfmt_value(line, f);
  }
  return line;
}

std::string json_line(Level level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string line = fmt::format(R"({{"ts":"{}","level":"{}","component":"{}","msg":)", time_text(),
                                 name_of(level), component);
  line += json_string(message);
  for (const Field& f : fields) {
    line += ',';
    line += json_string(f.key);
    line += ':';
    if (f.quoted) {
      line += json_string(f.value);
    } else {
      line += f.value;
    }
  }
  line += '}';
  return line;
}

}  // namespace

void set_level(Level level) { current_level.store(level, std::memory_order_relaxed); }
void set_style(Style style) { current_style.store(style, std::memory_order_relaxed); }
bool enabled(Level level) { return level >= current_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view component, std::string_view message,
           std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line = current_style.load(std::memory_order_relaxed) == Style::json
                         ? json_line(level, component, message, fields)
                         : logfmt_line(level, component, message, fields);
  line += '\n';
  // A log that cannot be written is no reason to stop serving.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace horolog::log
