#include <fmt/format.h>

#include "bench/results/document.hpp"

namespace horolog::bench {
namespace {

/// RFC 4180: quoted when it must be.
std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string write_csv(const Document& document) {
  std::string out = "work,system,repetition,field,value\n";
  for (const Run& run : document.runs) {
    const std::string head =
        fmt::format("{},{},{}", cell(run.work), cell(run.system), run.repetition);
    for (const auto& [name, value] : run.texts) {
      out += fmt::format("{},{},{}\n", head, cell(name), cell(value));
    }
    for (const auto& [name, value] : run.numbers) {
      out += fmt::format("{},{},{:.10g}\n", head, cell(name), value);
    }
  }
  return out;
}

}  // namespace horolog::bench
