#include "tools/field_scanner.hpp"

#include <fmt/format.h>

#include <charconv>

namespace horolog::command {
namespace {

using Form = FormatPiece::Form;

constexpr std::string_view blanks = " \t\r\n";

Error wrong(std::string text) { return {Errc::invalid_argument, std::move(text)}; }

Result<ScannedNumber> scan_bytes(std::string_view text, const FormatPiece& piece) {
  const std::size_t size = piece.bits / 8;
  if (text.size() < size) return ScannedNumber{};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const char byte = piece.form == Form::big ? text[i] : text[size - 1 - i];
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return ScannedNumber{static_cast<std::int64_t>(value), size};
}

/// Digits to the first character that is none, or exactly piece.bits / 4 hexadecimal ones.
Result<ScannedNumber> scan_digits(std::string_view text, bool at_end, const FormatPiece& piece) {
  const bool hex = piece.form == Form::hex;
  const std::size_t wanted = piece.bits / 4;
  std::string_view digits = text;
  if (wanted > 0) {
    if (text.size() < wanted) return ScannedNumber{};
    digits = text.substr(0, wanted);
  }
  std::uint64_t bits = 0;
  std::int64_t value = 0;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  const auto [stop, error] = hex ? std::from_chars(begin, end, bits, 16)
                                 : std::from_chars(begin, end, value, 10);
  const auto size = static_cast<std::size_t>(stop - begin);
  const bool may_go_on = stop == end || (!hex && text == "-");
  if (wanted == 0 && may_go_on && !at_end) return ScannedNumber{};
  if (error != std::errc() || (wanted > 0 && size != wanted)) {
    return wrong(fmt::format("no {}number is there", hex ? "hexadecimal " : ""));
  }
  return ScannedNumber{hex ? static_cast<std::int64_t>(bits) : value, size};
}

Result<ScannedNumber> scan_boolean(std::string_view text) {
  constexpr std::string_view words[] = {"false", "true"};
  for (std::size_t i = 0; i < 2; ++i) {
    if (text.starts_with(words[i])) return ScannedNumber{static_cast<int>(i), words[i].size()};
    if (words[i].starts_with(text)) return ScannedNumber{};
  }
  return wrong("neither true nor false is there");
}

}  // namespace

Result<BytePattern> BytePattern::compile(const std::string& pattern) {
  auto compiled = std::make_unique<regex_t>();
  if (const int code = regcomp(compiled.get(), pattern.c_str(), REG_EXTENDED); code != 0) {
    char reason[128];
    regerror(code, compiled.get(), reason, sizeof reason);
    return wrong(fmt::format("'{}' is no regular expression: {}", pattern, reason));
  }
  return BytePattern(std::unique_ptr<regex_t, Free>(compiled.release()));
}

bool BytePattern::found_in(std::string_view text) const {
  regmatch_t where{.rm_so = 0, .rm_eo = static_cast<regoff_t>(text.size())};
  return regexec(compiled_.get(), text.data(), 1, &where, REG_STARTEND) == 0;
}

std::optional<std::size_t> BytePattern::match_front(std::string_view text) const {
  regmatch_t where{.rm_so = 0, .rm_eo = static_cast<regoff_t>(text.size())};
  const bool found = regexec(compiled_.get(), text.data(), 1, &where, REG_STARTEND) == 0;
  if (!found || where.rm_so != 0) return std::nullopt;
  return static_cast<std::size_t>(where.rm_eo);
}

std::optional<std::size_t> json_extent(std::string_view text, bool at_end) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return at_end ? std::nullopt : std::optional<std::size_t>(0);
  const bool nested = text[first] == '{' || text[first] == '[';
  if (!nested && text[first] != '"') {
    const std::size_t end = text.find_first_of(" \t\r\n,:]}", first);
    if (end == first) return std::nullopt;
    if (end != std::string_view::npos) return end;
    return at_end ? text.size() : 0;
  }
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = first; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      ++depth;
    } else if (!quoted && (c == '}' || c == ']')) {
      --depth;
    }
    if (depth == 0 && !quoted) return i + 1;
  }
  return 0;
}

Result<ScannedNumber> scan_number(std::string_view text, bool at_end, const FormatPiece& piece) {
  switch (piece.form) {
    case Form::big:
    case Form::little: return scan_bytes(text, piece);
    case Form::boolean: return scan_boolean(text);
    default: return scan_digits(text, at_end, piece);
  }
}

}  // namespace horolog::command
