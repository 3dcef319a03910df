#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "bench/results/compare.hpp"
#include "bench/runs/contest.hpp"
#include "bench/runs/runs.hpp"

namespace horolog::bench {
namespace {

constexpr int exit_worse = 3;

Document document_in(std::string_view path) {
  auto document = read_document(read_file(std::string(path)));
  if (!document) run_error(fmt::format("{}: {}", path, document.error().message()));
  return std::move(document).value();
}

}  // namespace

void run_compare(std::span<const std::string_view> args) {
  if (args.size() != 2 || args[0].starts_with("--")) {
    usage_error("compare BEFORE.json AFTER.json (exit status 3: something got worse)");
  }
  const Document first = document_in(args[0]);
  const Document second = document_in(args[1]);
  fmt::print("{}", write_comparison(first, second));
  const auto lines = compare(first, second);
  if (std::any_of(lines.begin(), lines.end(), [](const Comparison& one) {
        return one.judgement.verdict == Verdict::worse;
      })) {
    std::exit(exit_worse);
  }
}

void run_render(std::span<const std::string_view> args) {
  if (args.empty() || args[0].starts_with("--")) {
    usage_error("render RESULTS.json [--csv FILE] [--html FILE]");
  }
  const Options options("render", with_output_options({}), args.subspan(1));
  deliver(document_in(args[0]), options);
}

void run_repeated(std::span<const std::string_view> args) {
  const auto dashes = std::find(args.begin(), args.end(), "--");
  const auto own = args.first(static_cast<std::size_t>(dashes - args.begin()));
  const Options options("run",
                        with_output_options({
                            {"a", "127.0.0.1:9092", "a broker's host:port"},
                            {"b", "", "another one, measured in turn with the first"},
                            {"name-a", "A", "what the first is called"},
                            {"name-b", "B", "what the second is called"},
                            {"dir", ".", "the folder whose file system is recorded"},
                        }),
                        own);
  if (dashes == args.end() || dashes + 1 == args.end()) {
    usage_error("run [--a HOST:PORT] [--b HOST:PORT] … -- COMMAND [--option value …]");
  }
  const std::vector<std::string> command(dashes + 1, args.end());
  std::vector<Contender> contenders = {
      {options.text("name-a"), {"--bootstrap", options.text("a")}}};
  if (const std::string other = options.text("b"); !other.empty()) {
    contenders.push_back({options.text("name-b"), {"--bootstrap", other}});
  }
  Document document;
  document.machine = describe_machine(options.text("dir"));
  document.command = fmt::format("horolog-bench run {}", fmt::join(args, " "));
  document.runs = hold_contest({{fmt::format("{}", fmt::join(command, " ")), command}}, contenders,
                               static_cast<int>(options.number("repeat")));
  deliver(document, options);
}

}  // namespace horolog::bench
