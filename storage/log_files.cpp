#include "storage/log_files.hpp"

#include <fmt/format.h>

#include <charconv>

namespace horolog::storage::log_files {
namespace {
constexpr std::size_t digits = 20;
}

std::string path(const std::string& directory, Offset offset, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", directory, offset, suffix);
}

std::optional<Offset> parse(std::string_view name, std::string_view suffix) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  Offset offset = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + digits, offset);
  if (failed != std::errc() || end != name.data() + digits || offset < 0) return std::nullopt;
  return offset;
}

}  // namespace horolog::storage::log_files
