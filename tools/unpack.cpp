#include "tools/unpack.hpp"

#include <fmt/format.h>

namespace horolog::command {
namespace {

constexpr std::string_view known = "<>bBhHiIqQc.sx$ ";

std::size_t size_of(char letter) {
  switch (letter) {
    case 'h':
    case 'H': return 2;
    case 'i':
    case 'I': return 4;
    case 'q':
    case 'Q': return 8;
    default: return 1;
  }
}

std::uint64_t load(std::string_view bytes, bool little) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char byte = little ? bytes[bytes.size() - 1 - i] : bytes[i];
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

void append_integer(std::string& out, std::string_view bytes, bool little, bool is_signed) {
  const std::uint64_t value = load(bytes, little);
  if (!is_signed) {
    out += std::to_string(value);
    return;
  }
  const std::size_t unused = 64 - 8 * bytes.size();
  out += std::to_string(static_cast<std::int64_t>(value << unused) >> unused);
}

}  // namespace

Status check_unpack(std::string_view letters) {
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (known.find(letters[i]) == std::string_view::npos) {
      return Error(Errc::invalid_argument,
                   fmt::format("unpack: '{}' is none of b B h H i I q Q c . s x $ < >",
                               letters[i]));
    }
    const bool last = letters.substr(i + 1).find_first_not_of(" $") == std::string_view::npos;
    if ((letters[i] == 's' || letters[i] == '$') && !last) {
      return Error(Errc::invalid_argument,
                   fmt::format("unpack: nothing can follow '{}'", letters[i]));
    }
  }
  return {};
}

void append_unpacked(std::string& out, std::string_view letters, std::string_view bytes) {
  bool little = false;
  for (const char letter : letters) {
    if (letter == '<' || letter == '>') {
      little = letter == '<';
    } else if (letter == ' ') {
      out += ' ';
    } else if (letter == '$') {
      if (!bytes.empty()) out += fmt::format("({} bytes are left)", bytes.size());
    } else if (letter == 's') {
      out += bytes;
      bytes = {};
    } else {
      const std::size_t size = size_of(letter);
      if (bytes.size() < size) {
        out += fmt::format("(ends before '{}')", letter);
        return;
      }
      const std::string_view field = bytes.substr(0, size);
      bytes.remove_prefix(size);
      if (letter == 'c' || letter == '.') {
        out += field;
      } else if (letter != 'x') {
        append_integer(out, field, little, letter >= 'a');
      }
    }
  }
}

}  // namespace horolog::command
