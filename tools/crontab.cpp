#include "tools/crontab.hpp"

#include <fmt/format.h>

#include <cctype>
#include <map>

namespace horolog::command {
namespace {

bool blank(char c) { return c == ' ' || c == '\t'; }

/// Takes a word and the blanks behind it off the front.
std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !blank(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  while (end < text.size() && blank(text[end])) ++end;
  text.remove_prefix(end);
  return word;
}

/// NAME=VALUE, NAME = "VALUE"; a line of five fields is none.
bool read_variable(std::string_view line, std::string& name, std::string& value) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  std::string_view left = line.substr(0, equals);
  while (!left.empty() && blank(left.back())) left.remove_suffix(1);
  if (left.empty() || std::isdigit(static_cast<unsigned char>(left.front())) != 0) return false;
  for (const char c : left)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  std::string_view right = line.substr(equals + 1);
  while (!right.empty() && blank(right.front())) right.remove_prefix(1);
  if (right.size() >= 2 && (right.front() == '"' || right.front() == '\'') &&
      right.back() == right.front())
    right = right.substr(1, right.size() - 2);
  name = left;
  value = right;
  return true;
}

/// "/usr/local/bin/backup.sh -a" → "backup.sh"
std::string name_of(std::string_view command) {
  std::string_view word = take_word(command);
  word = word.substr(word.rfind('/') + 1);
  return word.empty() ? "line" : std::string(word);
}

/// cron gives what follows an unescaped '%' to the command's standard input.
std::string without_input(std::string_view command, bool& cut) {
  std::string out;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] == '\\' && i + 1 < command.size() && command[i + 1] == '%') {
      out += '%';
      ++i;
    } else if (command[i] == '%') {
      cut = true;
      break;
    } else {
      out += command[i];
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(bool system) : system_(system) {}

  void line(std::size_t number, std::string_view text) {
    while (!text.empty() && (blank(text.front()))) text.remove_prefix(1);
    while (!text.empty() && (blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    if (text.empty() || text.front() == '#') return;
    std::string name, value;
    if (read_variable(text, name, value)) return variable(number, name, value);
    entry(number, text);
  }
  Crontab finish() && { return std::move(out_); }

 private:
  void change(std::size_t number, std::string_view what) {
    out_.changes.push_back(fmt::format("line {}: {}", number, what));
  }
  void variable(std::size_t number, const std::string& name, const std::string& value) {
    if (name == "CRON_TZ" || name == "TZ") {
      zone_ = value;
      return change(number, fmt::format("{}={} is the time zone of the lines below", name, value));
    }
    change(number, fmt::format("{} is left out: a payload has no environment", name));
  }
  void entry(std::size_t number, std::string_view text) {
    CrontabEntry entry;
    entry.line = number;
    std::string cron;
    if (text.front() == '@') {
      cron = take_word(text);
      if (cron == "@reboot") return change(number, "left out: @reboot is no time");
    } else {
      for (int field = 0; field < 5; ++field)
        cron += fmt::format("{}{}", field > 0 ? " " : "", take_word(text));
    }
    if (system_) change(number, fmt::format("the user {} is left out", take_word(text)));
    bool cut = false;
    entry.command = without_input(text, cut);
    if (cut) change(number, "what follows '%', standard input for cron, is left out");
    if (entry.command.empty()) return change(number, "left out: it has no command");
    entry.name = name_of(entry.command);
    if (const int again = ++names_[entry.name]; again > 1)
      entry.name += fmt::format("-{}", again);
    entry.rule.cron = std::move(cron);
    entry.rule.timezone = zone_;
    out_.entries.push_back(std::move(entry));
  }

  bool system_;
  std::optional<std::string> zone_;
  std::map<std::string, int> names_;
  Crontab out_;
};

}  // namespace

Crontab parse_crontab(std::string_view text, bool system) {
  Reader reader(system);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(++number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).finish();
}

}  // namespace horolog::command
