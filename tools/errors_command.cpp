#include <fmt/format.h>

#include "base/nearest_name.hpp"
#include "tools/error_advice.hpp"
#include "tools/local_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "code", .type = ColumnType::integer},
    {.name = "name", .key = true},
    {"retriable", ColumnType::flag, "the same request may succeed when it is sent again"},
    {"cause"},
    {"fix"},
};
constexpr SectionSpec output[] = {{"errors", columns}};

std::vector<Cell> row_of(wire::ErrorCode code) {
  const auto advice = error_advice(code);
  return {std::int64_t{static_cast<std::int16_t>(code)}, std::string(wire::to_string(code)),
          wire::is_retriable(code), advice ? Cell(std::string(advice->cause)) : Cell(),
          advice ? Cell(std::string(advice->fix)) : Cell()};
}

}  // namespace

std::span<const SectionSpec> errors_output() { return output; }

Exit run_errors_lookup(Context& context) {
  const std::string& word = context.args()[0];
  const auto code = find_error(word);
  if (!code) {
    std::vector<std::string_view> names;
    for (int i = first_error_code; i <= last_error_code; ++i) {
      names.push_back(wire::to_string(static_cast<wire::ErrorCode>(i)));
    }
    std::string spelled(word);
    for (char& c : spelled) {
      c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const auto near = nearest_name(spelled, names);
    return context.fail(Exit::not_found,
                        fmt::format("'{}' is no error of the Kafka protocol{}", word,
                                    near ? fmt::format(": did you mean '{}'?", *near) : ""),
                        "'horolog errors ls' lists them");
  }
  Report report;
  SectionSpec spec = output[0];
  spec.facts = context.mode() == OutputMode::table || context.mode() == OutputMode::wide;
  report.add(spec).rows.push_back(row_of(*code));
  context.print(report);
  return Exit::ok;
}

Exit run_errors_ls(Context& context) {
  Report report;
  Section& section = report.add(output[0]);
  for (int i = first_error_code; i <= last_error_code; ++i) {
    section.rows.push_back(row_of(static_cast<wire::ErrorCode>(i)));
  }
  context.print(report);
  return Exit::ok;
}

}  // namespace horolog::command
