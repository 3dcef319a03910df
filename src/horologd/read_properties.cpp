#include <fmt/format.h>

#include <charconv>
#include <map>

#include "horologd/assignment.hpp"

namespace horolog {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// Java's escapes: \t \n \r \f, \uXXXX, and a backslash before anything else stands for that.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    unsigned code = 0;
    const char* hex = text.data() + i + 1;
    if (c == 'u' && i + 4 < text.size() && std::from_chars(hex, hex + 4, code, 16).ptr == hex + 4) {
      append_utf8(out, code);
      i += 4;
      continue;
    }
    constexpr std::string_view letters = "tnrf";
    constexpr std::string_view meanings = "\t\n\r\f";
    const std::size_t at = letters.find(c);
    out += at == std::string_view::npos ? c : meanings[at];
  }
  return out;
}

/// An odd number of backslashes at the end joins the next line.
bool continues(const std::string& line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

struct Entry {
  std::string key;
  std::string value;
  std::size_t value_at = 0;
};

/// "key=value", "key: value" or "key value", as java.util.Properties splits it.
Entry split_entry(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && line[end] != '=' && line[end] != ':' && !is_blank(line[end])) {
    end += line[end] == '\\' && end + 1 < line.size() ? 2 : 1;
  }
  std::size_t value = end;
  while (value < line.size() && is_blank(line[value])) ++value;
  if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
  while (value < line.size() && is_blank(line[value])) ++value;
  std::string_view text = line.substr(value);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return {unescape(line.substr(0, end)), unescape(text), value};
}

}  // namespace

void read_properties(const std::string& name, const std::string& text, Assignments& out,
                     Problems& problems) {
  const std::vector<std::string> lines = lines_of(text);
  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t first = i;
    std::string line = lines[i];
    const std::size_t start = line.find_first_not_of(" \t\f");
    if (start == std::string::npos || line[start] == '#' || line[start] == '!') continue;
    while (continues(line) && i + 1 < lines.size()) {
      line.pop_back();
      const std::string& next = lines[++i];
      line += next.substr(std::min(next.find_first_not_of(" \t\f"), next.size()));
    }
    Entry entry = split_entry(std::string_view(line).substr(start));
    const int number = static_cast<int>(first) + 1;
    Place key{name, number, static_cast<int>(start) + 1, lines[first]};
    Place value = key;
    if (start + entry.value_at < lines[first].size()) {
      value.column = static_cast<int>(start + entry.value_at) + 1;
    }
    const auto [before, fresh] = seen.emplace(entry.key, number);
    if (!fresh) {
      problems.push_back({true, key, fmt::format("duplicate key '{}' (first set in line {})",
                                                 entry.key, before->second)});
      continue;
    }
    out.push_back({std::move(entry.key), std::move(entry.value), SettingSource::file,
                   std::move(key), std::move(value)});
  }
}

}  // namespace horolog
